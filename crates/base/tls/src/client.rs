//! The caller's side.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use strata_settings::Live;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, Error};

use crate::files::{File, mismatch, names, read, server_name};
use crate::{Part, Unfit};

/// HTTP/2, the one protocol that is spoken.
const H2: &[u8] = b"h2";

/// A connection to a server, encrypted.
pub type Encrypted<S> = tokio_rustls::client::TlsStream<S>;

/// TLS of calls to other servers. Clones share what was read.
#[derive(Clone)]
pub struct ClientTls(Arc<Live<ClientConfig>>);

impl ClientTls {
    /// Reads the certificate and key to show, if there are any, and whose certificates servers may show.
    ///
    /// # Errors
    /// Names the file that does not do.
    pub fn open(pair: Option<(&Path, &Path)>, authorities: &Path) -> Result<Self, Unfit> {
        let mut files = vec![(Part::Authorities, authorities.to_owned())];
        if let Some((certificate, key)) = pair {
            files.push((Part::Certificate, certificate.to_owned()));
            files.push((Part::Key, key.to_owned()));
        }
        Live::open(names(&files), move || read(&files), |files| config(files)).map(Self)
    }

    /// Refuses what is no name of a server.
    ///
    /// # Errors
    /// Says what the name is not.
    pub fn check_name(name: &str) -> Result<(), String> {
        server_name(name).map(drop)
    }

    /// Shakes hands with the server of that name.
    ///
    /// # Errors
    /// When it shows no certificate of that name that does, refuses ours, or does not speak HTTP/2.
    pub async fn connect<S>(&self, name: &str, stream: S) -> io::Result<Encrypted<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = server_name(name).map_err(io::Error::other)?;
        let stream = TlsConnector::from(self.0.current().await).connect(name, stream).await?;
        if stream.get_ref().1.alpn_protocol() != Some(H2) {
            return Err(io::Error::other("the server does not speak HTTP/2 over TLS"));
        }
        Ok(stream)
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientTls")
    }
}

fn config(files: &[File]) -> Result<ClientConfig, Unfit> {
    let authorities = &files[0];
    let unusable = |cause: Error| authorities.unfit(format!("cannot be used: {cause}"));
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(unusable)?
        .with_root_certificates(authorities.authorities()?);
    let mut config = match files {
        [_, certificate, key] => builder
            .with_client_auth_cert(certificate.certificates()?, key.key()?)
            .map_err(|cause| mismatch(certificate, key, &cause))?,
        _ => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![H2.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}
