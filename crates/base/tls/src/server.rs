//! The server's side.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use strata_settings::Live;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{Error, ServerConfig};

use crate::callers::Callers;
use crate::files::{File, mismatch, names, read};
use crate::{Part, Peer, Unfit};

/// A connection that was accepted, encrypted.
pub type Accepted<S> = tokio_rustls::server::TlsStream<S>;

/// TLS of a server. Clones share what was read.
#[derive(Clone)]
pub struct ServerTls {
    live: Arc<Live<ServerConfig>>,
    callers: Arc<Callers>,
    /// Callers are asked for certificates.
    asks: bool,
}

impl ServerTls {
    pub(crate) fn open(
        certificate: &Path,
        key: &Path,
        authorities: Option<&Path>,
        is_required: bool,
        callers: Callers,
    ) -> Result<Self, Unfit> {
        let mut files = vec![(Part::Certificate, certificate.to_owned()), (Part::Key, key.to_owned())];
        files.extend(authorities.map(|file| (Part::Authorities, file.to_owned())));
        Ok(Self {
            live: Live::open(names(&files), move || read(&files), move |files| config(files, is_required))?,
            callers: Arc::new(callers),
            asks: authorities.is_some(),
        })
    }

    /// Shakes hands. None as the peer: callers are not asked who they are.
    ///
    /// # Errors
    /// When the other end does not speak TLS 1.3, or shows no certificate that does.
    pub async fn accept<S>(&self, stream: S) -> io::Result<(Accepted<S>, Option<Peer>)>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let stream = TlsAcceptor::from(self.live.current().await).accept(stream).await?;
        let shown = stream.get_ref().1.peer_certificates();
        let peer = self.asks.then(|| Peer::of(shown, &self.callers));
        Ok((stream, peer))
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").field("asks", &self.asks).finish_non_exhaustive()
    }
}

fn config(files: &[File], is_required: bool) -> Result<ServerConfig, Unfit> {
    let (certificate, key) = (&files[0], &files[1]);
    let provider = Arc::new(ring::default_provider());
    let unusable = |cause: Error| certificate.unfit(format!("cannot be used: {cause}"));
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .map_err(unusable)?;
    let builder = match files.get(2) {
        None => builder.with_no_client_auth(),
        Some(authorities) => {
            let trusted = Arc::new(authorities.authorities()?);
            let verifier = WebPkiClientVerifier::builder_with_provider(trusted, provider);
            let verifier = if is_required {
                verifier
            } else {
                verifier.allow_unauthenticated()
            };
            let verifier = verifier
                .build()
                .map_err(|cause| authorities.unfit(format!("cannot be used: {cause}")))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(certificate.certificates()?, key.key()?)
        .map_err(|cause| mismatch(certificate, key, &cause))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A connection that is taken up again would not show its certificate again.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}
