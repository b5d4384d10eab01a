//! A layer is an async function of a request and of what comes next.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::{BoxFuture, Map};
use http::{Request, Response};
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
