//! Who is at the other end, as its certificate says.

use std::sync::Arc;

use strata_contract::strata::options::v1::Tier;
use tokio_rustls::rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

use crate::callers::{Callers, Kind};

/// The process at the other end of a connection. Its certificate was verified. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// It showed no certificate, and none is required.
    Anonymous,
    /// A process that the settings name.
    Known(Arc<str>, Kind),
    /// A certificate of the right authority with another URI, or without exactly one.
    Stranger(Option<Arc<str>>),
}

impl Peer {
    pub(crate) fn of(shown: Option<&[CertificateDer<'_>]>, callers: &Callers) -> Self {
        let Some(certificate) = shown.and_then(<[_]>::first) else {
            return Self::Anonymous;
        };
        let Some(uri) = only_uri(certificate) else {
            return Self::Stranger(None);
        };
        match callers.kind(&uri) {
            Some(kind) => Self::Known(uri, kind),
            None => Self::Stranger(Some(uri)),
        }
    }

    /// The URI of its certificate.
    pub fn uri(&self) -> Option<&str> {
        match self {
            Self::Known(uri, _) | Self::Stranger(Some(uri)) => Some(uri),
            Self::Anonymous | Self::Stranger(None) => None,
        }
    }

    /// Whether it may call services of a tier, as far as its token goes.
    pub fn may_call(&self, tier: Tier) -> bool {
        match self {
            Self::Anonymous => tier == Tier::Experience,
            Self::Known(_, kind) => kind.may_call(tier),
            Self::Stranger(_) => false,
        }
    }
}

/// A certificate of a process names it once. One with two names could be taken for either.
fn only_uri(certificate: &CertificateDer<'_>) -> Option<Arc<str>> {
    let certificate = EndEntityCert::try_from(certificate).ok()?;
    let mut uris = certificate.valid_uri_names();
    match (uris.next(), uris.next()) {
        (Some(uri), None) => Some(uri.into()),
        _ => None,
    }
}
