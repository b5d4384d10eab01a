//! What a caller may do, as the contract says it.

use http::Request;
use strata_contract::Policies;
use strata_identity::Guard;
use strata_kernel::{Error, Kind};
use tonic::Status;
use tonic::body::Body;

use crate::caller::Caller;
use crate::names;
use crate::reason;
use crate::status::status;

/// Refuses with PERMISSION_DENIED whoever lacks the scope that the contract asks for. What has no contract and is not known to be
/// harmless is not there.
pub(crate) fn check(policies: &Policies, request: &Request<Body>) -> Result<(), Status> {
    may(policies, request).map_err(status)
}

fn may(policies: &Policies, request: &Request<Body>) -> Result<(), Error> {
    let path = request.uri().path();
    if names::is_health(path) {
        return Ok(());
    }
    let caller = request.extensions().get::<Caller>().ok_or_else(Guard::missing)?;
    match policies.method(path) {
        Some(policy) => Guard::check(caller.direct(), &policy.scope),
        None if names::is_reflection(path) => Ok(()),
        None => Err(Error::new(
            Kind::Unsupported,
            reason::UNSUPPORTED,
            "there is no such method; ask the server's reflection for those it has",
        )),
    }
}
