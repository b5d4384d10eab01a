//! A layer is an async function of a request and of what comes next; a check is a function of the request alone.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::{BoxFuture, Map, ready};
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower::{Service, ServiceExt};

type Run = dyn Fn(Request<Body>) -> BoxFuture<'static, Response<Body>> + Send + Sync;

/// What answers a call: the services, or layers around them. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Next(Arc<Run>);

impl Next {
    /// Starts a stack with the service that answers.
    pub(crate) fn new<S>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        Self(Arc::new(move |request| {
            let answer = service.clone().oneshot(request);
            Box::pin(answer.map(|Ok(response)| response))
        }))
    }

    /// Puts a layer around the stack.
    pub(crate) fn within<F, Fut>(self, layer: F) -> Self
    where
        F: Fn(Request<Body>, Next) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Response<Body>> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(layer(request, self.clone()))))
    }

    /// Puts a check in front of the stack, which may change the request. A call that it refuses goes no further. Costs a call no future of
    /// its own, as a layer does.
    pub(crate) fn behind<F>(self, check: F) -> Self
    where
        F: Fn(&mut Request<Body>) -> Result<(), Status> + Send + Sync + 'static,
    {
        Self(Arc::new(move |mut request| match check(&mut request) {
            Ok(()) => self.run(request),
            Err(refused) => Box::pin(ready(refused.into_http())),
        }))
    }

    /// Leaves to another stack what is meant for it.
    pub(crate) fn leaving<F>(self, other: Self, is_meant: F) -> Self
    where
        F: Fn(&Request<Body>) -> bool + Send + Sync + 'static,
    {
        Self(Arc::new(move |request| {
            let one = if is_meant(&request) { &other } else { &self };
            one.run(request)
        }))
    }

    /// Answers a call.
    pub(crate) fn run(&self, request: Request<Body>) -> BoxFuture<'static, Response<Body>> {
        (self.0)(request)
    }
}

impl Service<Request<Body>> for Next {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Map<BoxFuture<'static, Response<Body>>, fn(Response<Body>) -> Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.run(request).map(Ok as fn(_) -> _)
    }
}
