//! Which process calls, and whether its tier may be called by it.

use http::Request;
use strata_contract::Policies;
use strata_kernel::{Error, Kind};
use strata_tls::Peer;
use tonic::Status;
use tonic::body::Body;

use crate::reason;
use crate::status::status;

/// Refuses with PERMISSION_DENIED the calls of a process whose tier may not call the tier of the method, as the contract of the service
/// names it. What comes without TLS, or from this process, has no certificate to go by.
pub(crate) fn check(policies: &Policies, request: &Request<Body>) -> Result<(), Status> {
    let Some(peer) = request.extensions().get::<Peer>() else {
        return Ok(());
    };
    match policies.tier(request.uri().path()) {
        Some(tier) if !peer.may_call(tier) => Err(refusal(peer)),
        // A path without a contract is left to those that know more: health is open, reflection for whoever is known.
        _ => Ok(()),
    }
}

fn refusal(peer: &Peer) -> Status {
    let text = match peer {
        Peer::Anonymous => "this tier is called by processes that show a certificate; portals call the experience tier",
        Peer::Known(..) => "the certificate is that of a process whose tier may not call this one",
        Peer::Stranger(_) => "the certificate names no process that may call; tls.callers says which may",
    };
    let error = Error::new(Kind::PermissionDenied, reason::CALLER_REFUSED, text);
    status(error.because(format!("the caller showed {}", peer.uri().unwrap_or("no one URI"))))
}
