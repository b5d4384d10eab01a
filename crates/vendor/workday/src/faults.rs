//! What Workday's refusals mean to us. Its own words go to the log only.

use strata_kernel::{Error, Kind};
use strata_vendor_http::{Reply, rejected, throttled, unanswered, unauthenticated, unavailable};

use crate::xml::{self, Node};

/// The error of an answer that is not the one asked for: a SOAP fault, or no SOAP at all.
pub(crate) fn error_of(reply: &Reply) -> Error {
    let fault = std::str::from_utf8(&reply.body).ok().and_then(|text| xml::parse(text).ok());
    let fault = fault.as_ref().and_then(|root| root.at("Body/Fault"));
    // SOAP 1.1 sends every fault with status 500, so the code says more than the status.
    match (reply.status, fault) {
        (429, _) => throttled(format!("status 429: {}", reply.excerpt())),
        (401, _) => unauthenticated(format!("status 401: {}", reply.excerpt())),
        (_, Some(fault)) => of_fault(fault),
        (403, None) => forbidden(format!("status 403: {}", reply.excerpt())),
        (_, None) => {
            unanswered(reply).unwrap_or_else(|| unavailable(format!("status {} without SOAP: {}", reply.status, reply.excerpt())))
        }
    }
}

fn of_fault(fault: &Node) -> Error {
    let code = fault.text_at("faultcode").unwrap_or_default();
    // The prefix is the vendor's choice.
    let code = code.rsplit_once(':').map_or(code, |(_, local)| local);
    let words = fault.text_at("faultstring").unwrap_or_default();
    let place = fault
        .text_at("detail/Validation_Fault/Validation_Error/Xpath")
        .unwrap_or_default();
    let detail: String = format!("{code}: {words} {place}").chars().take(600).collect();
    let said = words.to_lowercase();
    if code.ends_with("authenticationError") || said.contains("invalid username or password") {
        return unauthenticated(detail);
    }
    if said.contains("not authorized") {
        return forbidden(detail);
    }
    if code.starts_with("Server") || code.ends_with("processingError") || fault.at("detail/Processing_Fault").is_some() {
        return unavailable(detail);
    }
    if said.contains("pending event") || said.contains("concurrent") {
        return Error::new(
            Kind::Unavailable,
            "VENDOR_UNAVAILABLE",
            "Workday is busy with another change of this worker; it is tried again",
        )
        .because(detail);
    }
    rejected(
        "Workday refused the request; the log has its words under the correlation id",
        detail,
    )
}

fn forbidden(detail: String) -> Error {
    Error::new(
        Kind::PermissionDenied,
        "VENDOR_UNAUTHENTICATED",
        "the integration user lacks a domain in Workday; an administrator has to grant it",
    )
    .because(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: String) -> Reply {
        Reply {
            status,
            headers: Default::default(),
            body: body.into(),
        }
    }

    fn fault(code: &str, words: &str, detail: &str) -> String {
        format!(
            "<env:Envelope xmlns:env='http://schemas.xmlsoap.org/soap/envelope/'><env:Body><SOAP-ENV:Fault xmlns:SOAP-ENV='e' \
             xmlns:wd='urn:com.workday/bsvc'><faultcode>SOAP-ENV:{code}</faultcode><faultstring>{words}</faultstring>\
             <detail>{detail}</detail></SOAP-ENV:Fault></env:Body></env:Envelope>"
        )
    }

    #[test]
    fn table_of_faults() {
        let validation = "Validation error occurred. Invalid ID value. 'ABC123' is not a valid ID value for type Employee_ID";
        let cases = [
            (
                500,
                fault("Client.validationError", validation, ""),
                "VENDOR_REJECTED",
                Kind::FailedPrecondition,
            ),
            (
                500,
                fault("Client.validationError", "Page Number cannot be zero.", ""),
                "VENDOR_REJECTED",
                Kind::FailedPrecondition,
            ),
            (
                500,
                fault("Client", "Invalid request", ""),
                "VENDOR_REJECTED",
                Kind::FailedPrecondition,
            ),
            (
                500,
                fault("Client.authenticationError", "invalid username or password", ""),
                "VENDOR_UNAUTHENTICATED",
                Kind::FailedPrecondition,
            ),
            (
                401,
                fault("Client.authenticationError", "x", ""),
                "VENDOR_UNAUTHENTICATED",
                Kind::FailedPrecondition,
            ),
            (
                500,
                fault("Client.validationError", "The task submitted is not authorized.", ""),
                "VENDOR_UNAUTHENTICATED",
                Kind::PermissionDenied,
            ),
            (
                500,
                fault("Server.processingError", "Processing error occurred.", ""),
                "VENDOR_UNAVAILABLE",
                Kind::Unavailable,
            ),
            (
                500,
                fault("Client", "x", "<wd:Processing_Fault/>"),
                "VENDOR_UNAVAILABLE",
                Kind::Unavailable,
            ),
            (
                429,
                "{\"error\":\"rate limit exceeded\"}".to_owned(),
                "VENDOR_THROTTLED",
                Kind::Unavailable,
            ),
            (503, "<html>".to_owned(), "VENDOR_UNAVAILABLE", Kind::Unavailable),
            (
                403,
                "{\"error\":\"no\"}".to_owned(),
                "VENDOR_UNAUTHENTICATED",
                Kind::PermissionDenied,
            ),
            (
                404,
                "{\"error\":\"not found\"}".to_owned(),
                "VENDOR_UNAVAILABLE",
                Kind::Unavailable,
            ),
            (200, "<html></html>".to_owned(), "VENDOR_UNAVAILABLE", Kind::Unavailable),
        ];
        for (status, body, reason, kind) in cases {
            let error = error_of(&reply(status, body));
            assert_eq!((error.reason, error.kind), (reason, kind), "{error}");
            assert!(!error.message.contains("ABC123"));
        }
    }
}
