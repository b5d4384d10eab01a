//! What every call of ours carries, whichever way it goes.

use http::{HeaderValue, Request, Response};
use opentelemetry::global;
use opentelemetry_http::HeaderInjector;
use strata_contract::Policies;
use strata_kernel::{Error, Kind};
use strata_telemetry::{CORRELATION_HEADER, CorrelationId};
use tokio::time::timeout;
use tonic::body::Body;
use tonic::transport::Endpoint;
use tonic::{Code, Status, TimeoutExpired};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt, service_fn};
use tracing::{Instrument, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::layer::deadline;
use crate::layer::deprecation::CONSUMER_HEADER;
use crate::settings::fixed;
use crate::status::status;
use crate::{Credentials, RpcError, Transport, names, reason};

/// Consumer of calls that our own programs make.
const OURS: &str = "strata";

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A transport to another server. Nothing is connected before the first call, and a lost connection is
/// built again; calls meanwhile fail with UNAVAILABLE. Call it inside the runtime.
pub fn connect(address: &str) -> Result<Transport, RpcError> {
    connect_as(address, Credentials::None)
}

/// The same, for a server that asks who calls.
pub fn connect_as(address: &str, credentials: Credentials) -> Result<Transport, RpcError> {
    let bad = || RpcError::Address(address.to_owned());
    let host = address.strip_prefix("http://").unwrap_or(address).trim_end_matches('/');
    let port = host
        .rsplit_once(':')
        .and_then(|(name, port)| port.parse::<u16>().ok().filter(|_| !name.is_empty()));
    if port.is_none() || host.contains('/') {
        return Err(bad());
    }
    let endpoint = Endpoint::from_shared(format!("http://{host}")).map_err(|_| bad())?;
    let channel = endpoint
        .connect_timeout(fixed::CONNECT)
        .http2_keep_alive_interval(fixed::KEEPALIVE_INTERVAL)
        .keep_alive_timeout(fixed::KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(fixed::STREAM_WINDOW)
        .initial_connection_window_size(fixed::CONNECTION_WINDOW)
        .http2_max_header_list_size(fixed::HEADER_BYTES)
        .tcp_nodelay(true)
        .connect_lazy();
    Ok(carry_as(channel, credentials))
}

/// Puts around a transport what every call carries: trace, correlation id and what is left of the deadline.
pub fn carry<S>(inner: S) -> Transport
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<Failure>,
    S::Future: Send,
{
    carry_as(inner, Credentials::None)
}

fn carry_as<S>(inner: S, credentials: Credentials) -> Transport
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<Failure>,
    S::Future: Send,
{
    BoxCloneSyncService::new(service_fn(move |request| send(request, inner.clone(), credentials.clone())))
}

async fn send<S>(mut request: Request<Body>, inner: S, credentials: Credentials) -> Result<Response<Body>, Status>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<Failure>,
{
    let path = request.uri().path().to_owned();
    let span = info_span!(
        "call",
        otel.name = %names::span_name(&path),
        otel.kind = "client",
        rpc.system.name = "grpc",
        rpc.method = names::method(&path),
    );
    identify(&mut request, &span);
    let Some(budget) = budget(&path, &request) else {
        return Ok(signed(request, inner, &credentials).instrument(span).await);
    };
    if budget.is_zero() {
        return Ok(deadline::exceeded().into_http());
    }
    deadline::write(request.headers_mut(), budget);
    // The server ends the call at the same time; its answer has a little time to come home.
    let called = signed(request, inner, &credentials).instrument(span);
    match timeout(budget + fixed::WAY_HOME, called).await {
        Ok(response) => Ok(response),
        Err(_) => Ok(deadline::exceeded().into_http()),
    }
}

/// Says who we are, and calls. The time it takes to get a token is part of the call's.
async fn signed<S>(mut request: Request<Body>, inner: S, credentials: &Credentials) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<Failure>,
{
    let used = match credentials.sign(request.headers_mut()).await {
        Ok(used) => used,
        Err(refused) => return status(refused).into_http(),
    };
    let response = answer(inner.oneshot(request).await);
    if crate::answer::code(response.headers()) == Some(Code::Unauthenticated) {
        credentials.were_refused(used.as_deref());
    }
    response
}

/// Names the cause, the trace and the consumer. What the caller set itself stays.
fn identify(request: &mut Request<Body>, span: &Span) {
    let headers = request.headers_mut();
    if let Some(id) = CorrelationId::current().filter(|_| !headers.contains_key(CORRELATION_HEADER)) {
        headers.insert(CORRELATION_HEADER, id.header());
    }
    if !headers.contains_key(CONSUMER_HEADER) {
        headers.insert(CONSUMER_HEADER, HeaderValue::from_static(OURS));
    }
    global::get_text_map_propagator(|to| to.inject_context(&span.context(), &mut HeaderInjector(headers)));
}

/// The least of what the caller asks for and what is left of the call it works for; else what the contract says.
fn budget(path: &str, request: &Request<Body>) -> Option<std::time::Duration> {
    let left = deadline::remaining().map(|left| left.saturating_sub(fixed::WAY_HOME));
    let asked = deadline::read(request.headers());
    left.into_iter()
        .chain(asked)
        .min()
        .or_else(|| deadline::usual(&Policies::built_in(), path))
}

/// A failed transport answers with a status like any other: in process or over TCP, a caller sees the same.
fn answer<E: Into<Failure>>(result: Result<Response<Body>, E>) -> Response<Body> {
    result.unwrap_or_else(|failure| {
        let failure = failure.into();
        if is_timeout(failure.as_ref()) {
            return deadline::exceeded().into_http();
        }
        let text = failure.to_string();
        let said = Status::from_error(failure);
        match said.code() {
            Code::Unknown | Code::Unavailable | Code::Internal | Code::Cancelled => {
                let message = "the server does not answer; whether the call took effect must be looked up";
                let error = Error::new(Kind::Unavailable, reason::UNREACHABLE, message);
                status(error.because(format!("{text}: {}", said.message()))).into_http()
            }
            _ => said.into_http(),
        }
    })
}

fn is_timeout(failure: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(failure);
    while let Some(error) = cause {
        if error.is::<TimeoutExpired>() {
            return true;
        }
        cause = error.source();
    }
    false
}
