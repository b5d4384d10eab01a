//! What every call of ours carries, whichever way it goes.

use std::io;
use std::sync::Arc;

use http::{HeaderValue, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use opentelemetry::global;
use opentelemetry_http::HeaderInjector;
use strata_contract::Policies;
use strata_kernel::{Error, Kind};
use strata_telemetry::{CORRELATION_HEADER, CorrelationId};
use strata_tls::{ClientTls, Encrypted};
use tokio::net::TcpStream;
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
    connect_over(address, credentials, None)
}

/// The same, for a server that may speak TLS: when its address begins with `https://`. `tls` says how, and the name that its certificate
/// has to hold, unless that is the host of the address.
pub fn connect_over(
    address: &str,
    credentials: Credentials,
    tls: Option<(&ClientTls, Option<&str>)>,
) -> Result<Transport, RpcError> {
    let at = Address::parse(address)?;
    let endpoint = Endpoint::from_shared(format!("http://{}", at.authority)).map_err(|_| at.bad())?;
    let endpoint = endpoint
        .connect_timeout(fixed::CONNECT)
        .http2_keep_alive_interval(fixed::KEEPALIVE_INTERVAL)
        .keep_alive_timeout(fixed::KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(fixed::STREAM_WINDOW_INSIDE)
        .initial_connection_window_size(fixed::CONNECTION_WINDOW)
        .http2_max_header_list_size(fixed::HEADER_BYTES)
        .tcp_nodelay(true);
    if !at.encrypted {
        return Ok(carry_as(endpoint.connect_lazy(), credentials));
    }
    let (tls, name) = tls.ok_or_else(|| RpcError::NoAuthorities(address.to_owned()))?;
    let name = name.unwrap_or(at.host);
    ClientTls::check_name(name).map_err(|_| at.bad())?;
    let origin = format!("https://{}", at.authority).parse().map_err(|_| at.bad())?;
    let (tls, name, authority): (_, Arc<str>, Arc<str>) = (tls.clone(), name.into(), at.authority.into());
    let connector = service_fn(move |_: Uri| encrypted(tls.clone(), name.clone(), authority.clone()));
    Ok(carry_as(
        endpoint.origin(origin).connect_with_connector_lazy(connector),
        credentials,
    ))
}

/// Whether calls to that address are encrypted. Refuses what is no address of a server.
pub fn is_encrypted(address: &str) -> Result<bool, RpcError> {
    Address::parse(address).map(|at| at.encrypted)
}

/// The handshake has its own time within that of the connection: a server that takes the socket and says nothing is given up.
async fn encrypted(tls: ClientTls, name: Arc<str>, authority: Arc<str>) -> io::Result<TokioIo<Encrypted<TcpStream>>> {
    let stream = TcpStream::connect(&*authority).await?;
    stream.set_nodelay(true)?;
    let shaken = timeout(fixed::HANDSHAKE, tls.connect(&name, stream)).await;
    shaken
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
        .map(TokioIo::new)
}

/// Where a server is.
struct Address<'a> {
    text: &'a str,
    encrypted: bool,
    authority: &'a str,
    host: &'a str,
}

impl<'a> Address<'a> {
    fn parse(text: &'a str) -> Result<Self, RpcError> {
        let (encrypted, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://").unwrap_or(text)),
        };
        let authority = rest.trim_end_matches('/');
        let at = authority.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>()));
        match at {
            Some((host, Ok(_))) if !host.is_empty() && !authority.contains('/') => Ok(Self {
                text,
                encrypted,
                authority,
                host,
            }),
            _ => Err(RpcError::Address(text.to_owned())),
        }
    }

    fn bad(&self) -> RpcError {
        RpcError::Address(self.text.to_owned())
    }
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
