//! Refusals in the vendor's words: SOAP faults.

use axum::http::StatusCode;

use crate::xml::{Out, SOAP, WORKDAY, el, leaf};

/// Status of a fault, as SOAP 1.1 over HTTP asks for.
const FAULT_STATUS: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;

/// Why a SOAP request is refused.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The request says something that cannot be.
    Validation {
        message: String,
        /// Where in the request.
        xpath: String,
    },
    /// The request is none.
    Client(String),
    /// The caller is not known.
    Authentication,
    /// The sandbox itself failed.
    Processing,
}

impl Fault {
    pub(crate) fn validation(message: impl Into<String>, xpath: impl Into<String>) -> Self {
        Self::Validation {
            message: message.into(),
            xpath: xpath.into(),
        }
    }

    /// An id that names nothing.
    pub(crate) fn unknown(id: &str, kind: &str, xpath: impl Into<String>) -> Self {
        Self::validation(
            format!("Invalid ID value. '{id}' is not a valid ID value for type {kind}"),
            xpath,
        )
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Authentication => StatusCode::UNAUTHORIZED,
            Self::Validation { .. } | Self::Client(_) | Self::Processing => FAULT_STATUS,
        }
    }

    /// The fault as an element.
    pub(crate) fn element(&self) -> Out {
        let (code, text, detail) = match self {
            Self::Validation { message, xpath } => {
                let error = el("wd:Validation_Error")
                    .with(leaf("wd:Message", message))
                    .with(leaf("wd:Detail_Message", message))
                    .with(leaf("wd:Xpath", xpath));
                let text = format!("Validation error occurred. {message}");
                ("Client.validationError", text, Some(el("wd:Validation_Fault").with(error)))
            }
            Self::Client(why) => ("Client", format!("Invalid request: {why}"), None),
            Self::Authentication => ("Client.authenticationError", "invalid username or password".to_owned(), None),
            Self::Processing => {
                let detail = el("wd:Processing_Fault").with(leaf("wd:Detail_Message", "Processing error occurred."));
                (
                    "Server.processingError",
                    "Processing error occurred.".to_owned(),
                    Some(detail),
                )
            }
        };
        let fault = el("SOAP-ENV:Fault")
            .attr("xmlns:SOAP-ENV", SOAP)
            .attr("xmlns:wd", WORKDAY)
            .with(leaf("faultcode", format!("SOAP-ENV:{code}")))
            .with(leaf("faultstring", text));
        match detail {
            Some(detail) => fault.with(el("detail").with(detail)),
            None => fault,
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "store refused a write");
        Self::Processing
    }
}
