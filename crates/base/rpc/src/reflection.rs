//! Reflection, made when it is first asked for: it keeps every contract decoded, and most servers are never asked.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use http::{Request, Response};
use strata_kernel::Error;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic_reflection::server::Builder;
use tower::Service;

use crate::status::status;

pub(crate) const V1: &str = "grpc.reflection.v1.ServerReflection";
pub(crate) const V1ALPHA: &str = "grpc.reflection.v1alpha.ServerReflection";

type Maker<S> = Box<dyn FnOnce() -> Result<S, String> + Send>;

/// A service that is made by its first call. Cloning shares it.
pub(crate) struct Late<S>(Arc<LazyLock<Result<S, String>, Maker<S>>>);

impl<S> Late<S> {
    /// A service that is made so. It is told as broken when it cannot be.
    pub(crate) fn new<E: std::fmt::Display>(make: impl FnOnce() -> Result<S, E> + Send + 'static) -> Self {
        let make: Maker<S> = Box::new(move || make().map_err(|error| error.to_string()));
        Self(Arc::new(LazyLock::new(make)))
    }
}

impl<S> Clone for Late<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: NamedService> NamedService for Late<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Late<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match &**self.0 {
            Ok(made) => made.clone().call(request).boxed(),
            Err(cause) => ready(Ok(status(Error::internal(cause.clone())).into_http())).boxed(),
        }
    }
}

/// Shows these services, over the raw descriptors: a re-encoded set would lose every option the contracts carry.
pub(crate) fn of(names: impl IntoIterator<Item = &'static str>) -> Builder<'static> {
    let builder = Builder::configure()
        .include_reflection_service(false)
        .register_encoded_file_descriptor_set(strata_contract::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET);
    names
        .into_iter()
        .chain([V1, V1ALPHA])
        .fold(builder, Builder::with_service_name)
}
