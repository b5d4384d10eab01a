//! Runs the rules that the contracts state (protovalidate) and names each field that breaks one.

use std::sync::LazyLock;

use prost_protovalidate::{Error, Validator};
use prost_reflect::ReflectMessage;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::behavior::clear_output_only;

/// Domain of every ErrorInfo.
pub(crate) const DOMAIN: &str = "strata";

static VALIDATOR: LazyLock<Validator> = LazyLock::new(Validator::new);

/// A field that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path in snake case, index in brackets: `lines[0].net`.
    pub field: String,
    /// What the rule says.
    pub message: String,
}

/// Every rule the message breaks. Empty: it fits its contract.
pub fn violations<M: ReflectMessage>(message: &M) -> Result<Vec<Violation>, String> {
    match VALIDATOR.validate(message) {
        Ok(()) => Ok(Vec::new()),
        Err(Error::Validation(broken)) => Ok(broken
            .violations()
            .iter()
            .map(|v| Violation {
                field: v.field_path().to_string(),
                message: text(v.message(), v.rule_id()),
            })
            .collect()),
        Err(other) => Err(other.to_string()),
    }
}

/// Some rules carry only their id; the id is then the best text there is.
fn text(message: &str, rule: &str) -> String {
    if message.is_empty() {
        format!("breaks the rule {rule}")
    } else {
        message.to_owned()
    }
}

/// A request as a handler may see it: without what only the server says. INVALID_ARGUMENT with a BadRequest that names each field, when
/// it breaks a rule. What is no request is left as it is.
pub(crate) fn refuse<M: ReflectMessage + Default>(message: M) -> Result<M, Status> {
    if !message.descriptor().name().ends_with("Request") {
        return Ok(message);
    }
    let message = clear_output_only(message);
    let broken = violations(&message).map_err(|_| Status::internal("a rule of the contract cannot be run"))?;
    let Some(first) = broken.first() else { return Ok(message) };
    let mut details = ErrorDetails::with_error_info("INVALID_FIELD", DOMAIN, std::collections::HashMap::new());
    for v in &broken {
        details.add_bad_request_violation(&v.field, &v.message);
    }
    let text = format!("{}: {}", first.field, first.message);
    Err(Status::with_error_details(Code::InvalidArgument, text, details))
}
