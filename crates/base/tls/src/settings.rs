//! The `tls` section of the settings.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use strata_settings::{Fault, Section};

use crate::callers::Callers;
use crate::{ClientTls, ServerTls, files};

/// Whether callers have to show a certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificates {
    /// Whoever shows none is not let in.
    #[default]
    Required,
    /// Who shows none may call the experience tier only: web pages have none.
    Optional,
    /// Nobody is asked for one, and certificates say nothing of who may call what.
    None,
}

/// How connections are encrypted, and which processes may call. Without a certificate the server speaks plain text.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsSettings {
    /// Certificate of this server in PEM form, and those between it and its authority.
    pub certificate_file: Option<PathBuf>,
    /// Its private key in PEM form: PKCS #8, PKCS #1 or SEC 1.
    pub key_file: Option<PathBuf>,
    /// Whether callers have to show a certificate: `required`, `optional` or `none`. Default: `required`.
    pub clients: ClientCertificates,
    /// Certificates in PEM form of the authorities that callers' certificates come from.
    pub client_ca_file: Option<PathBuf>,
    /// Which processes callers are, by the one URI in the subject alternative names of their certificates.
    pub callers: Callers,
    /// How this process calls servers whose address begins with `https://`.
    pub client: Option<ClientTlsSettings>,
}

/// How a process calls servers that speak TLS.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientTlsSettings {
    /// Certificate that is shown to servers, in PEM form.
    pub certificate_file: Option<PathBuf>,
    /// Its private key in PEM form.
    pub key_file: Option<PathBuf>,
    /// Certificates in PEM form of the authorities that servers' certificates come from. No other authority is trusted.
    pub ca_file: PathBuf,
    /// Names that servers' certificates have to hold, by key of the `clients` section. Default: the host of the address.
    pub names: BTreeMap<String, String>,
}

impl TlsSettings {
    /// TLS of this process's server. None: it speaks plain text.
    ///
    /// # Errors
    /// Names the key whose file does not do.
    pub fn server(&self) -> Result<Option<ServerTls>, Fault> {
        let pair = pair(self.certificate_file.as_deref(), self.key_file.as_deref())?;
        let Some((certificate, key)) = pair else {
            return self.check_plain().map(|()| None);
        };
        let authorities = match (self.clients, &self.client_ca_file) {
            (ClientCertificates::None, None) => None,
            (ClientCertificates::None, Some(_)) => {
                return Err(Fault::new("client_ca_file", "does not go together with clients = \"none\""));
            }
            (_, Some(file)) => Some(file.as_path()),
            (_, None) => {
                let text = "is required: whose certificates callers may show; or set clients to \"none\"";
                return Err(Fault::new("client_ca_file", text));
            }
        };
        let is_required = self.clients == ClientCertificates::Required;
        ServerTls::open(certificate, key, authorities, is_required, self.callers.clone())
            .map(Some)
            .map_err(|unfit| unfit.fault("certificate_file", "key_file", "client_ca_file"))
    }

    /// How servers elsewhere are called over TLS. None: none can be.
    ///
    /// # Errors
    /// Names the key whose file does not do.
    pub fn client(&self) -> Result<Option<ClientTls>, Fault> {
        let inside = |fault: Fault| Fault::new(format!("client.{}", fault.key), fault.message);
        self.client.as_ref().map(ClientTlsSettings::open).transpose().map_err(inside)
    }

    fn check_plain(&self) -> Result<(), Fault> {
        let text = "says something of TLS, and the server has no certificate; set certificate_file and key_file, or leave it out";
        if self.client_ca_file.is_some() {
            return Err(Fault::new("client_ca_file", text));
        }
        if self.clients != ClientCertificates::default() {
            return Err(Fault::new("clients", text));
        }
        Ok(())
    }
}

impl ClientTlsSettings {
    /// Reads the files.
    ///
    /// # Errors
    /// Names the key whose file does not do.
    pub fn open(&self) -> Result<ClientTls, Fault> {
        let pair = pair(self.certificate_file.as_deref(), self.key_file.as_deref())?;
        if self.ca_file.as_os_str().is_empty() {
            return Err(Fault::new("ca_file", "is required: whose certificates servers may show"));
        }
        for (key, name) in &self.names {
            files::server_name(name).map_err(|why| Fault::new(format!("names.{key}"), why))?;
        }
        ClientTls::open(pair, &self.ca_file).map_err(|unfit| unfit.fault("certificate_file", "key_file", "ca_file"))
    }
}

impl Section for TlsSettings {
    const NAME: &'static str = "tls";

    fn check(&self) -> Result<(), Fault> {
        let mut seen = HashSet::new();
        for (kind, uris) in self.callers.all() {
            for (index, uri) in uris.iter().enumerate() {
                let fault = |text: &str| Fault::new(format!("callers.{kind}[{index}]"), text);
                if !is_uri(uri) {
                    return Err(fault("is no URI: spiffe://firm.example/process"));
                }
                if !seen.insert(uri) {
                    return Err(fault("is said twice: a process is one kind of caller"));
                }
            }
        }
        self.server()?;
        self.client()?;
        Ok(())
    }
}

/// Both files of a certificate, or neither.
fn pair<'a>(certificate: Option<&'a Path>, key: Option<&'a Path>) -> Result<Option<(&'a Path, &'a Path)>, Fault> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Fault::new("key_file", "is required: the key of certificate_file")),
        (None, Some(_)) => Err(Fault::new("certificate_file", "is required: the certificate of key_file")),
    }
}

fn is_uri(text: &str) -> bool {
    let parts = text.split_once("://");
    parts.is_some_and(|(scheme, rest)| {
        !scheme.is_empty() && !rest.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b"*?#@|".contains(&b))
    })
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
