//! Settings by which servers encrypt what they say to each other.

use std::io;
use std::path::{Path, PathBuf};

use strata_tls::development::CA_FILE;

use crate::vendor::Role;

/// A folder with a certificate for each tier, as `strata certs dev` writes it.
#[derive(Debug)]
pub(super) struct Certificates(PathBuf);

impl Certificates {
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        folder.canonicalize().map(Self)
    }

    /// Settings by which a server shows its certificate, asks for those of others, and calls others. The experience tier is for web
    /// pages too, which have none.
    pub(super) fn of_server(&self, role: Role) -> Vec<(String, String)> {
        let (own, clients) = match role {
            Role::Sandbox | Role::System(_) => ("system", "required"),
            Role::Experience | Role::All => ("experience", "optional"),
            Role::Master | Role::Process => (role.name(), "required"),
        };
        let mut settings = vec![
            self.set("certificate_file", &format!("{own}.pem")),
            self.set("key_file", &format!("{own}.key")),
            self.set("client_ca_file", CA_FILE),
            ("tls.clients".to_owned(), clients.to_owned()),
        ];
        if matches!(role, Role::Process | Role::Experience) {
            settings.extend(self.of_caller(own));
        }
        settings
    }

    /// Settings by which a process calls others.
    pub(super) fn of_caller(&self, own: &str) -> Vec<(String, String)> {
        vec![
            self.set("client.certificate_file", &format!("{own}.pem")),
            self.set("client.key_file", &format!("{own}.key")),
            self.set("client.ca_file", CA_FILE),
        ]
    }

    fn set(&self, key: &str, file: &str) -> (String, String) {
        (format!("tls.{key}"), self.0.join(file).display().to_string())
    }
}
