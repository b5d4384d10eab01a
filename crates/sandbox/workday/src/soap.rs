//! The envelope, and which operation a body asks for.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use strata_sandbox::Tx;

use crate::fault::Fault;
use crate::request::At;
use crate::server::Org;
use crate::xml::{self, Node, Out, Owner, SOAP, WORKDAY, el};
use crate::{compensation, staffing, workers};

/// Version of the web services.
pub(crate) const VERSION: &str = "v44.0";

/// Carries out the request in `body`.
pub(crate) fn answer(org: &Org, service: &str, body: &[u8]) -> Result<Out, Fault> {
    let text = std::str::from_utf8(body).map_err(|e| Fault::Client(e.to_string()))?;
    let envelope = xml::parse(text).map_err(Fault::Client)?;
    let request = At::root(content(&envelope)?);
    let write = |operation: Write| org.store.write(|tx| operation(org, tx, &request));
    match (service, request.name()) {
        ("Human_Resources" | "Staffing", "Get_Workers_Request") => org.store.read(|view| workers::get(org, view, &request)),
        ("Staffing", "Hire_Employee_Request") => write(staffing::hire),
        ("Staffing", "Change_Job_Request") => write(staffing::change_job),
        ("Staffing", "Terminate_Employee_Request") => write(staffing::terminate),
        ("Compensation", "Request_Compensation_Change_Request") => write(compensation::change),
        (_, other) => Err(Fault::Client(format!(
            "service {service} has no operation for element {other}"
        ))),
    }
}

type Write = fn(&Org, &mut Tx<'_>, &At<'_>) -> Result<Out, Fault>;

/// The vendor's element inside the envelope.
fn content(envelope: &Node) -> Result<&Node, Fault> {
    let is = |node: &Node, name: &str| node.owner == Owner::Soap && node.name == name;
    if !is(envelope, "Envelope") {
        return Err(Fault::Client("the root element is no SOAP 1.1 envelope".to_owned()));
    }
    let body = envelope.children.iter().find(|c| is(c, "Body"));
    let body = body.ok_or_else(|| Fault::Client("the envelope has no body".to_owned()))?;
    match body.children.as_slice() {
        [one] if one.owner == Owner::Workday => Ok(one),
        _ => Err(Fault::Client(format!("the body must hold one element of {WORKDAY}"))),
    }
}

/// The outcome as an HTTP answer.
pub(crate) fn respond(outcome: Result<Out, Fault>) -> Response {
    let (status, content) = match outcome {
        Ok(content) => (StatusCode::OK, content.attr("xmlns:wd", WORKDAY).attr("wd:version", VERSION)),
        Err(fault) => (fault.status(), fault.element()),
    };
    let envelope = el("env:Envelope").attr("xmlns:env", SOAP).with(el("env:Body").with(content));
    match envelope.print() {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "text/xml; charset=utf-8")], bytes).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be printed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
