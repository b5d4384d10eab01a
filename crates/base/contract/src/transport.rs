//! One client type, whichever way the call goes: in process, or over TCP.

use http::{Request, Response};
use tonic::body::Body;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

/// What a transport fails with.
pub type TransportError = Box<dyn std::error::Error + Send + Sync>;

/// What every generated client is built on. Cloning is cheap.
pub type Transport = BoxCloneSyncService<Request<Body>, Response<Body>, TransportError>;

/// Wraps a channel, or a server's own service, as a transport.
pub fn transport<S>(service: S) -> Transport
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<TransportError>,
    S::Future: Send + 'static,
{
    BoxCloneSyncService::new(service.map_err(Into::into))
}
