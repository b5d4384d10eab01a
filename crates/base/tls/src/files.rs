//! What certificates, keys and authorities are made of.

use std::path::{Path, PathBuf};

use strata_settings::read_bounded;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{Error, RootCertStore};

use crate::{Part, Unfit};

/// Largest file that is read, in bytes.
const LARGEST: u64 = 256 * 1024;

/// A file that was read.
#[derive(Hash)]
pub(crate) struct File {
    part: Part,
    path: PathBuf,
    bytes: Vec<u8>,
}

/// Reads files, each for what it is for.
pub(crate) fn read(files: &[(Part, PathBuf)]) -> Result<Vec<File>, Unfit> {
    files.iter().map(|(part, path)| File::read(*part, path)).collect()
}

/// Their names, for the log.
pub(crate) fn names(files: &[(Part, PathBuf)]) -> String {
    let names: Vec<String> = files.iter().map(|(_, path)| path.display().to_string()).collect();
    names.join(", ")
}

impl File {
    fn read(part: Part, path: &Path) -> Result<Self, Unfit> {
        let (path, file) = (path.to_owned(), path.to_owned());
        let bytes = read_bounded(&path, LARGEST).map_err(|why| Unfit { part, file, why })?;
        Ok(Self { part, path, bytes })
    }

    pub(crate) fn unfit(&self, why: impl Into<String>) -> Unfit {
        Unfit {
            part: self.part,
            file: self.path.clone(),
            why: why.into(),
        }
    }

    /// Its certificates, at least one.
    pub(crate) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, Unfit> {
        let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.bytes).collect();
        match all {
            Ok(all) if !all.is_empty() => Ok(all),
            _ => Err(self.unfit("holds no certificates in PEM form")),
        }
    }

    /// Its one private key. What is wrong with it is not said in detail: an error must show nothing of a key.
    pub(crate) fn key(&self) -> Result<PrivateKeyDer<'static>, Unfit> {
        PrivateKeyDer::from_pem_slice(&self.bytes).map_err(|_| self.unfit("holds no private key in PEM form"))
    }

    /// Its certificates, as those that are trusted.
    pub(crate) fn authorities(&self) -> Result<RootCertStore, Unfit> {
        let mut trusted = RootCertStore::empty();
        for certificate in self.certificates()? {
            trusted
                .add(certificate)
                .map_err(|cause| self.unfit(format!("holds a certificate that is none of an authority: {cause}")))?;
        }
        Ok(trusted)
    }
}

/// What is wrong with a certificate and its key.
pub(crate) fn mismatch(certificate: &File, key: &File, cause: &Error) -> Unfit {
    match cause {
        Error::InconsistentKeys(_) => key.unfit(format!("is not the key of {}", certificate.path.display())),
        Error::General(_) => key.unfit("holds no private key that can be used: RSA, ECDSA or EdDSA"),
        other => certificate.unfit(format!("cannot be used: {other}")),
    }
}

/// A name that a server's certificate has to hold: of a host, or an IP address.
pub(crate) fn server_name(name: &str) -> Result<ServerName<'static>, String> {
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    ServerName::try_from(bare.to_owned()).map_err(|_| format!("\"{name}\" is neither the name of a host nor an IP address"))
}
