//! A row before each audited call, and one after it.

use std::sync::Arc;

use futures::future::BoxFuture;
use http::{Extensions, HeaderMap, Request, Response};
use http_body_util::{BodyExt, Limited};
use strata_contract::Policies;
use strata_kernel::digest;
use strata_telemetry::CorrelationId;
use strata_tls::Peer;
use tonic::body::Body;
use tonic::{Code, Status};

use crate::answer::{code, code_name};
use crate::caller::Caller;
use crate::next::Next;
use crate::rewrite::PREFIX;
use crate::status::status;

/// Above it tonic's decoder refuses a message anyway: 4 MiB, and what a frame has before its message.
pub(crate) const LARGEST: usize = 4 * 1024 * 1024 + PREFIX;

/// What a server tells its audit log. The answer is the sequence of the row.
#[derive(Debug, Clone)]
pub enum AuditStep {
    /// A call is about to be made. When this cannot be kept, it is not made.
    Begun(AuditedCall),
    /// The call of the row with this sequence was answered.
    Ended(i64, AuditedEnd),
}

/// A call.
#[derive(Debug, Clone)]
pub struct AuditedCall {
    /// Whom the call is for, and behind bars the server that brought it and the URI of the certificate that it showed.
    pub subject: String,
    /// Path of the method.
    pub method: String,
    /// Correlation id.
    pub correlation_id: String,
    /// SHA-256 of the request message, in hex.
    pub request_digest: String,
}

/// How a call ended.
#[derive(Debug, Clone)]
pub struct AuditedEnd {
    /// Name of the gRPC code.
    pub code: String,
    /// SHA-256 of the answer's message, in hex. Empty: there was none.
    pub answer_digest: String,
    /// What the handler says it changed; of an approval that the rules refused, the policies that did.
    pub touched: Option<Touched>,
}

/// What a call changed. A handler says it in the extensions of its response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// Its name, as `exception/exc_...`.
    pub object: String,
    /// Digest of it before: its etag. Empty: it was not there.
    pub before: String,
    /// Digest of it after.
    pub after: String,
}

impl Touched {
    /// A call that changed nothing, or does not say what.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            object: String::new(),
            before: String::new(),
            after: String::new(),
        }
    }
}

type Tell = dyn Fn(AuditStep) -> BoxFuture<'static, strata_kernel::Result<i64>> + Send + Sync;

/// Where the audited calls of a server are written down. Cloning shares it.
#[derive(Clone)]
pub struct AuditLog(Arc<Tell>);

impl AuditLog {
    /// A log that keeps each step before it answers.
    pub fn new(tell: impl Fn(AuditStep) -> BoxFuture<'static, strata_kernel::Result<i64>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditLog")
    }
}

/// Makes a call whose contract says `audit` between two rows of the log. Such methods are unary.
pub(crate) async fn keep(log: AuditLog, policies: Arc<Policies>, request: Request<Body>, next: Next) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let Some(policy) = policies.method(&path).filter(|policy| policy.audit) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST).collect().await else {
        return Status::out_of_range("the request is too large, or ended before it was whole").into_http();
    };
    let body = body.to_bytes();
    let call = AuditedCall {
        subject: subject(&parts.extensions),
        method: path.clone(),
        correlation_id: CorrelationId::current().map_or_else(String::new, |id| id.as_str().to_owned()),
        request_digest: message_digest(&body),
    };
    let mut request = Request::from_parts(parts, Body::new(http_body_util::Full::new(body)));
    if policy.audit_within {
        request.extensions_mut().insert(call.clone());
        return within(log, call, request, next).await;
    }
    let begun = match (log.0)(AuditStep::Begun(call)).await {
        Ok(begun) => begun,
        Err(cause) => return status(cause).into_http(),
    };
    let response = next.run(request).await;
    let (response, end) = match answered(response).await {
        Ok(answered) => answered,
        Err(broken) => return broken.into_http(),
    };
    tell_end(&log, begun, end, &path).await;
    response
}

/// A call whose handler writes its row together with its effect. One that was refused had none: its rows are written here.
async fn within(log: AuditLog, call: AuditedCall, request: Request<Body>, next: Next) -> Response<Body> {
    let path = call.method.clone();
    let (response, end) = match answered(next.run(request).await).await {
        Ok(answered) => answered,
        Err(broken) => return broken.into_http(),
    };
    if end.code != code_name(Code::Ok) {
        match (log.0)(AuditStep::Begun(call)).await {
            Ok(begun) => tell_end(&log, begun, end, &path).await,
            Err(cause) => tracing::error!(error = %cause, rpc.method = path, "a refused call was not written down"),
        }
    }
    response
}

async fn tell_end(log: &AuditLog, begun: i64, end: AuditedEnd, path: &str) {
    if let Err(cause) = (log.0)(AuditStep::Ended(begun, end)).await {
        // The call had its effect, and its caller has to know. The log shows a call that did not end.
        tracing::error!(error = %cause, rpc.method = path, audit.begun = begun, "the end of an audited call was not written down");
    }
}

/// An answer that came whole, and how the call ended.
async fn answered(response: Response<Body>) -> Result<(Response<Body>, AuditedEnd), Status> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await?;
    let trailers = body.trailers().cloned();
    let answer = body.to_bytes();
    let end = AuditedEnd {
        code: code_name(ended(&parts.headers, trailers.as_ref())).to_owned(),
        answer_digest: message_digest(&answer),
        touched: parts.extensions.get::<Touched>().cloned(),
    };
    let frames = http_body_util::Full::new(answer).with_trailers(async move { trailers.map(Ok) });
    Ok((Response::from_parts(parts, Body::new(frames)), end))
}

fn message_digest(frame: &[u8]) -> String {
    frame.get(PREFIX..).map(digest).unwrap_or_default()
}

/// Whom the call is for, and behind bars which of our servers brought it, and with which certificate.
fn subject(said: &Extensions) -> String {
    let mut names: Vec<&str> = Vec::new();
    if let Some(caller) = said.get::<Caller>() {
        names.push(&caller.principal().subject);
        names.push(&caller.direct().subject);
        names.dedup();
    }
    names.extend(said.get::<Peer>().and_then(Peer::uri));
    names.join("|")
}

/// The code of a unary answer.
fn ended(headers: &HeaderMap, trailers: Option<&HeaderMap>) -> Code {
    code(headers).or_else(|| code(trailers?)).unwrap_or(Code::Unknown)
}
