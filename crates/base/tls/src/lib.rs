//! Which process is at the other end of a connection.
//!
//! [`ServerTls`] is the server's side: its certificate, whose certificates callers may show, and which [`Peer`] that makes them.
//! [`ClientTls`] is the caller's. Both read their files again when these change; what was read last and is sound stays in use.
//! A certificate says which process calls. Who it calls for, and what they may do, a token says: `strata_identity`.
//!
//! TLS 1.3 only, by rustls with ring. Nothing is resumed: whoever connects shows its certificate.

mod callers;
mod client;
pub mod development;
mod files;
mod peer;
mod server;
mod settings;

use std::path::PathBuf;

use strata_settings::Fault;

pub use callers::{Callers, Kind};
pub use client::{ClientTls, Encrypted};
pub use peer::Peer;
pub use server::{Accepted, ServerTls};
pub use settings::{ClientCertificates, ClientTlsSettings, TlsSettings};

/// A file that does not do.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{} {why}", file.display())]
pub struct Unfit {
    part: Part,
    file: PathBuf,
    why: String,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Certificate,
    Key,
    Authorities,
}

impl Unfit {
    /// The same as a fault of the settings, under the key of the file.
    fn fault(self, certificate: &str, key: &str, authorities: &str) -> Fault {
        let at = match self.part {
            Part::Certificate => certificate,
            Part::Key => key,
            Part::Authorities => authorities,
        };
        Fault::new(at, self.to_string())
    }
}
