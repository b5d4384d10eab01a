//! An answer holds only rows that its caller may see.

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use strata_contract::{MethodRows, Policies, Rows, Whose, Withheld};
use strata_identity::Principal;
use strata_kernel::{Error, Kind};
use strata_rules::{Reach, Rules, Verdict};
use tonic::body::Body;
use tonic::{Code, Status};

use crate::answer::code;
use crate::caller::Caller;
use crate::credentials::WHOLE_HEADER;
use crate::layer::audit::{LARGEST, Touched};
use crate::next::Next;
use crate::own::{self, Asked};
use crate::rewrite::{PREFIX, Rewritten, broken, length};
use crate::status::status;

/// What the layer acts on. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) struct RowRules {
    rules: Rules,
    rows: Arc<Rows>,
    policies: Arc<Policies>,
}

impl RowRules {
    pub(crate) fn new(rules: Rules, policies: Arc<Policies>) -> Self {
        let rows = Rows::new(&policies);
        Self { rules, rows, policies }
    }
}

/// Shows a caller its own rows. Whoever calls counts, as for fields: what a server of ours answers is looked through again at the edge.
///
/// A caller whom no policy confines is asked about once. For others: a method whose rows do not say whose they are, and a request that
/// names somebody else's, are refused before anything is done; rows of lists are left out; an answer that is one row is refused, in the
/// same words as one that is not there.
pub(crate) async fn confine(held: RowRules, request: Request<Body>, next: Next) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let caller = request.extensions().get::<Caller>().cloned();
    let (Some(caller), Some(rows)) = (caller, held.rows.of(&path)) else {
        return next.run(request).await;
    };
    let own = match held.rules.reach(caller.direct()) {
        Reach::Every => return answered(Asked::new(held.rules), request, next).await,
        Reach::Rows(own) => own,
    };
    let asked = Asked::new(held.rules.clone()).confined(Arc::clone(caller.direct()), own);
    let mut judge = Judge::new(held.rules, Arc::clone(caller.direct()), path);
    let kinds = held
        .policies
        .method(&judge.path)
        .map(|policy| policy.rows().collect::<Vec<_>>());
    let best = strata_rules::own(caller.direct(), kinds.unwrap_or_default());
    if !judge.may(&best) || request.headers().contains_key(WHOLE_HEADER) {
        judge.log("a method was refused", &best);
        return status(not_for(&judge.path)).into_http();
    }
    let request = match named(&rows, &best, &mut judge, request).await {
        Ok(request) => request,
        Err(refused) => return refused.into_http(),
    };
    let response = answered(asked, request, next).await;
    if code(response.headers()) == Some(Code::NotFound) {
        return denied().into_http();
    }
    response.map(|inner| Body::new(kept(inner, rows, judge)))
}

/// Lets the handler answer, under the rules. What it was refused by them stands in the answer, for the audit log.
async fn answered(asked: Asked, request: Request<Body>, next: Next) -> Response<Body> {
    let mut response = asked.clone().scope(next.run(request)).await;
    let refusing = asked.refusing();
    if !refusing.is_empty() {
        let object = format!("policy/{}", refusing.join(","));
        response.extensions_mut().insert(Touched {
            object,
            ..Touched::nothing()
        });
    }
    response
}

/// Refuses a request that names somebody else's rows.
async fn named(rows: &MethodRows, best: &Whose, judge: &mut Judge, request: Request<Body>) -> Result<Request<Body>, Status> {
    if !rows.are_asked_for() {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, LARGEST).collect().await;
    let body = body.map_err(|_| Status::out_of_range("the request is too large, or ended before it was whole"))?;
    let body = body.to_bytes();
    let no_message = || {
        status(Error::invalid(
            "",
            "the bytes are not the message this method takes, uncompressed",
        ))
    };
    let message = match length(&body).map_err(|_| no_message())? {
        Some(len) => body.slice(PREFIX..PREFIX + len),
        // What is no whole message is refused behind.
        None => bytes::Bytes::new(),
    };
    let asked = rows.asked_for(&message).map_err(|_| no_message())?;
    if !asked.is_empty() {
        let asked = asked.within(best);
        if !judge.may(&asked) {
            judge.log("a request for somebody else's rows was refused", &asked);
            return Err(denied());
        }
    }
    Ok(Request::from_parts(parts, Body::new(Full::new(body))))
}

/// A body whose messages hold what the caller may see.
fn kept(inner: Body, rows: MethodRows, mut judge: Judge) -> Rewritten {
    let rewrite = move |message: &[u8]| {
        let mut out = Vec::new();
        let kept = rows.keep(message, &mut |whose| {
            let may = judge.may(whose);
            if !may {
                out.push(whose.clone());
            }
            may
        });
        if let Some(first) = out.first() {
            judge.left_out(out.len(), first);
        }
        kept.map_err(|withheld| match withheld {
            Withheld::Denied => denied(),
            Withheld::Garbled => broken("an answer is no message of its contract"),
        })
    };
    Rewritten::new(inner, rewrite).ending(|trailers| {
        if code(&trailers) != Some(Code::NotFound) {
            return trailers;
        }
        let mut same = HeaderMap::new();
        // What says nothing of a row fits into headers.
        denied().add_header(&mut same).ok();
        same
    })
}

/// Asks the policies once for each owner that it meets.
struct Judge {
    rules: Rules,
    principal: Arc<Principal>,
    path: String,
    known: HashMap<Whose, Verdict>,
}

impl Judge {
    fn new(rules: Rules, principal: Arc<Principal>, path: String) -> Self {
        let known = HashMap::new();
        Self {
            rules,
            principal,
            path,
            known,
        }
    }

    fn may(&mut self, whose: &Whose) -> bool {
        if let Some(known) = self.known.get(whose) {
            return known.allowed;
        }
        let verdict = self.rules.may_read(&self.principal, whose);
        let allowed = verdict.allowed;
        // A stream may meet more owners than are worth remembering.
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(whose.clone(), verdict);
        allowed
    }

    fn policies(&self, whose: &Whose) -> String {
        let verdict = self.known.get(whose);
        verdict.map(|verdict| verdict.policies.join(", ")).unwrap_or_default()
    }

    fn log(&self, what: &str, whose: &Whose) {
        let policies = self.policies(whose);
        tracing::warn!(rpc.method = self.path, caller = self.principal.subject, policies, row = %whose, "{what}");
    }

    fn left_out(&self, rows: usize, first: &Whose) {
        let policies = self.policies(first);
        tracing::info!(
            rpc.method = self.path, caller = self.principal.subject, policies, rows, first = %first,
            "rows were left out of an answer"
        );
    }
}

/// Owners remembered for an answer.
const MOST: usize = 10_000;

fn denied() -> Status {
    status(own::denied())
}

fn not_for(path: &str) -> Error {
    let text = format!(
        "{path} does not show callers their own rows only, and this caller is confined to them; ask for a method that does, or have the \
         token say what it may see"
    );
    Error::new(Kind::PermissionDenied, "ROW_DENIED", text)
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
