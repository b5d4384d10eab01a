//! The stable reasons, as static text.

use std::collections::HashSet;
use std::sync::LazyLock;

use strata_kernel::Reason;
use tonic::Code;

/// The server has too much to do.
pub(crate) const OVERLOADED: Reason = "OVERLOADED";
/// A caller made more calls of a class than it may.
pub(crate) const TOO_MANY_CALLS: Reason = "TOO_MANY_CALLS";
/// The time of a call ran out.
pub(crate) const DEADLINE_EXCEEDED: Reason = "DEADLINE_EXCEEDED";
/// What is asked for cannot be done here.
pub(crate) const UNSUPPORTED: Reason = "UNSUPPORTED_OPERATION";
/// The caller's token does not do.
pub(crate) const TOKEN_INVALID: Reason = "TOKEN_INVALID";
/// The caller's certificate is not that of a process that may call.
pub(crate) const CALLER_REFUSED: Reason = "CALLER_REFUSED";
/// A server of ours does not answer.
pub(crate) const UNREACHABLE: Reason = "SERVER_UNREACHABLE";
/// The reason of everything that has none.
const INTERNAL: Reason = "INTERNAL";

/// Names of `strata.error.v1.Reason` without their prefix. Leaked once: there are as many as the contract has.
static KNOWN: LazyLock<HashSet<Reason>> = LazyLock::new(|| {
    let contract = strata_contract::POOL.get_enum_by_name("strata.error.v1.Reason");
    let names = contract.into_iter().flat_map(|reasons| {
        let names: Vec<String> = reasons
            .values()
            .map(|value| value.name().replacen("REASON_", "", 1))
            .collect();
        names
    });
    names.map(|name| -> Reason { name.leak() }).collect()
});

/// The known reason of that name; INTERNAL when there is none.
pub fn intern(name: &str) -> Reason {
    KNOWN.get(name).copied().unwrap_or(INTERNAL)
}

/// The reason of a status that came without one: from the codec, or from the transport below us.
pub(crate) fn of_code(code: Code) -> Reason {
    match code {
        Code::InvalidArgument | Code::OutOfRange | Code::ResourceExhausted => "INVALID_FIELD",
        Code::Unauthenticated => TOKEN_INVALID,
        Code::PermissionDenied => "SCOPE_MISSING",
        Code::NotFound => "NOT_FOUND",
        Code::Unimplemented => UNSUPPORTED,
        Code::Unavailable => OVERLOADED,
        Code::DeadlineExceeded | Code::Cancelled => DEADLINE_EXCEEDED,
        _ => INTERNAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_the_contract_are_known_and_others_are_internal() {
        assert_eq!(intern("PERIOD_CLOSED"), "PERIOD_CLOSED");
        assert_eq!(intern("OVERLOADED"), OVERLOADED);
        assert_eq!(intern("REASON_PERIOD_CLOSED"), INTERNAL);
        assert_eq!(intern(""), INTERNAL);
    }
}
