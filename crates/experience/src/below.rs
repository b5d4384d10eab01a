//! What a failed call below means for the portal that asked us.

use strata_kernel::{Error, Kind};
use tonic::Status;

/// Our error from the status of a call we made while answering a request with these `fields`.
///
/// Reasons survive. Two things do not: what the other server calls internal, and a field that is not in the
/// portal's request. The portal cannot mend a request it did not write, so both are ours.
pub(crate) fn failed(status: Status, fields: &[&str]) -> Error {
    let error = strata_rpc::error(status);
    match error.kind {
        Kind::Internal => Error::internal(said(&error)),
        Kind::InvalidArgument | Kind::Unsupported if !is_one_of(&error.field, fields) => Error::internal(said(&error)),
        _ => error,
    }
}

/// An engagement the portal named and nobody has.
pub(crate) fn unknown_engagement(error: Error) -> Error {
    match error.kind {
        Kind::NotFound => error.at("engagement_id"),
        _ => error,
    }
}

/// The same, with the engagement called `field`: the tiers below know it by id.
pub(crate) fn named(error: Error, field: &str) -> Error {
    match error.field.as_str() {
        "engagement_id" => error.at(field),
        _ => error,
    }
}

/// `as_of_date.month` belongs to `as_of_date`.
fn is_one_of(path: &str, fields: &[&str]) -> bool {
    let field = path.split(['.', '[']).next().unwrap_or_default();
    fields.contains(&field)
}

fn said(error: &Error) -> String {
    format!("a tier below answered {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(error: Error) -> Error {
        failed(strata_rpc::status(error), &["page_size", "as_of_date"])
    }

    #[test]
    fn a_reason_and_a_field_of_the_caller_survive() {
        let closed = Error::precondition("PERIOD_CLOSED", "open the period");
        assert_eq!(turned(closed.clone()), closed);
        let day = Error::invalid("as_of_date.month", "is 13");
        assert_eq!(turned(day.clone()), day);
    }

    #[test]
    fn what_the_caller_cannot_mend_is_ours() {
        let ours = [
            Error::internal("a table is missing"),
            Error::invalid("contract_number", "is too long"),
            Error::new(Kind::Unsupported, "UNSUPPORTED_OPERATION", "no such method"),
        ];
        for error in ours {
            let seen = turned(error.clone());
            assert_eq!(
                (seen.kind, seen.reason, seen.field.as_str()),
                (Kind::Internal, "INTERNAL", "")
            );
            assert!(!seen.message.contains("contract_number"));
            assert!(seen.internal.contains(error.reason), "{}", seen.internal);
        }
    }
}
