//! A row before each audited call, and one after it.

use std::sync::Arc;

use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Limited};
use strata_contract::Policies;
use strata_kernel::{Result, digest};
use strata_telemetry::CorrelationId;
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
    /// Whom the call is for, and behind a bar the server that brought it.
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

type Tell = dyn Fn(AuditStep) -> BoxFuture<'static, Result<i64>> + Send + Sync;

/// Where the audited calls of a server are written down. Cloning shares it.
#[derive(Clone)]
pub struct AuditLog(Arc<Tell>);

impl AuditLog {
    /// A log that keeps each step before it answers.
    pub fn new(tell: impl Fn(AuditStep) -> BoxFuture<'static, Result<i64>> + Send + Sync + 'static) -> Self {
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
    if !policies.method(&path).is_some_and(|policy| policy.audit) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST).collect().await else {
        return Status::out_of_range("the request is too large, or ended before it was whole").into_http();
    };
    let body = body.to_bytes();
    let call = AuditedCall {
        subject: parts.extensions.get::<Caller>().map(subject).unwrap_or_default(),
        method: path.clone(),
        correlation_id: CorrelationId::current().map_or_else(String::new, |id| id.as_str().to_owned()),
        request_digest: message_digest(&body),
    };
    let begun = match (log.0)(AuditStep::Begun(call)).await {
        Ok(begun) => begun,
        Err(cause) => return status(cause).into_http(),
    };
    let response = next
        .run(Request::from_parts(parts, Body::new(http_body_util::Full::new(body))))
        .await;
    let (parts, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(body) => body,
        Err(broken) => return broken.into_http(),
    };
    let trailers = body.trailers().cloned();
    let answer = body.to_bytes();
    let end = AuditedEnd {
        code: code_name(ended(&parts.headers, trailers.as_ref())).to_owned(),
        answer_digest: message_digest(&answer),
        touched: parts.extensions.get::<Touched>().cloned(),
    };
    if let Err(cause) = (log.0)(AuditStep::Ended(begun, end)).await {
        // The call had its effect, and its caller has to know. The log shows a call that did not end.
        tracing::error!(error = %cause, rpc.method = path, audit.begun = begun, "the end of an audited call was not written down");
    }
    let frames = http_body_util::Full::new(answer).with_trailers(async move { trailers.map(Ok) });
    Response::from_parts(parts, Body::new(frames))
}

fn message_digest(frame: &[u8]) -> String {
    frame.get(PREFIX..).map(digest).unwrap_or_default()
}

/// Whom the call is for, and behind a bar which of our servers brought it.
fn subject(caller: &Caller) -> String {
    let (own, direct) = (&caller.principal().subject, &caller.direct().subject);
    if own == direct {
        return own.clone();
    }
    format!("{own}|{direct}")
}

/// The code of a unary answer.
fn ended(headers: &HeaderMap, trailers: Option<&HeaderMap>) -> Code {
    code(headers).or_else(|| code(trailers?)).unwrap_or(Code::Unknown)
}
