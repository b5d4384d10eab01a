//! One client type, whichever way the call goes: in process, or over TCP.

use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

/// What every generated client is built on. Cloning is cheap. The error is a named type because a client
/// over a boxed `dyn Error` cannot be used in a spawned task (the compiler cannot prove its future `Send`).
pub type Transport = BoxCloneSyncService<Request<Body>, Response<Body>, Status>;

/// Wraps a channel, or a server's own service, as a transport.
pub fn transport<S>(service: S) -> Transport
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send + 'static,
{
    BoxCloneSyncService::new(service.map_err(|cause| Status::from_error(cause.into())))
}
