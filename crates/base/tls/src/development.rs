//! Certificates for development and for tests, of an authority that is made for them and forgotten.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::{Datelike, Days};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use strata_kernel::Date;

/// Processes that [`write`] makes certificates for: the servers, by the name of their tier, and those that only call.
pub const PROCESSES: [&str; 6] = ["system", "master", "process", "experience", "operator", "portal"];

/// File with the certificate of the authority.
pub const CA_FILE: &str = "ca.pem";

/// Only its owner may read a key.
const OWNER_ONLY: u32 = 0o600;

/// An authority whose key is never written down.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM form.
#[derive(Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

impl Authority {
    /// A new one, for certificates from `begin` on.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(begin: Date) -> Result<Self, rcgen::Error> {
        let mut params = params("Strata development", begin, days_after(begin, LIFE));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        CertifiedIssuer::self_signed(params, KeyPair::generate()?).map(Self)
    }

    /// Its own certificate, in PEM form.
    pub fn certificate(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this machine's names, and for a process of these URIs, from one day to another.
    ///
    /// # Errors
    /// When a URI is not ASCII, or no key can be made.
    pub fn issue(&self, uris: &[&str], begin: Date, end: Date) -> Result<Issued, rcgen::Error> {
        let mut params = params("Strata", begin, end);
        params.subject_alt_names = vec![
            SanType::DnsName("localhost".try_into()?),
            SanType::IpAddress(Ipv4Addr::LOCALHOST.into()),
            SanType::IpAddress(Ipv6Addr::LOCALHOST.into()),
        ];
        for uri in uris {
            params.subject_alt_names.push(SanType::URI((*uri).try_into()?));
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.0)?;
        Ok(Issued {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }
}

impl Issued {
    /// Writes `NAME.pem` and `NAME.key` into a folder. Files that are there are not overwritten.
    ///
    /// # Errors
    /// When a file is there already, or cannot be written.
    pub fn write(&self, folder: &Path, name: &str) -> io::Result<()> {
        put(&folder.join(format!("{name}.key")), &self.key)?;
        put(&folder.join(format!("{name}.pem")), &self.certificate)
    }
}

/// Days that certificates for development are good for.
const LIFE: u64 = 90;

/// Writes the certificate of a new authority and, for each of [`PROCESSES`], certificate and key, good for 90 days. A process's URI is
/// `spiffe://strata/` and its name.
///
/// # Errors
/// When a file is there already, or cannot be written.
pub fn write(folder: &Path, today: Date) -> io::Result<()> {
    let make = || -> Result<_, rcgen::Error> {
        // A clock that is a little behind must not refuse what was made just now.
        let (begin, end) = (today.pred_opt().unwrap_or(today), days_after(today, LIFE));
        let authority = Authority::new(begin)?;
        let issue = |name: &str| authority.issue(&[&format!("spiffe://strata/{name}")], begin, end);
        let issued: Result<Vec<Issued>, _> = PROCESSES.iter().map(|name| issue(name)).collect();
        Ok((authority.certificate(), issued?))
    };
    let (authority, issued) = make().map_err(io::Error::other)?;
    std::fs::create_dir_all(folder)?;
    put(&folder.join(CA_FILE), &authority)?;
    PROCESSES
        .iter()
        .zip(issued)
        .try_for_each(|(name, issued)| issued.write(folder, name))
}

fn params(name: &str, begin: Date, end: Date) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let ((year, month, day), (last_year, last_month, last_day)) = (parts(begin), parts(end));
    params.not_before = date_time_ymd(year, month, day);
    params.not_after = date_time_ymd(last_year, last_month, last_day);
    params.use_authority_key_identifier_extension = true;
    params
}

fn days_after(day: Date, days: u64) -> Date {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

/// The parts of a day as rcgen takes them.
fn parts(day: Date) -> (i32, u8, u8) {
    let small = |number: u32| u8::try_from(number).unwrap_or(1);
    (day.year(), small(day.month()), small(day.day()))
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(OWNER_ONLY).open(path);
    let named = |cause: io::Error| io::Error::new(cause.kind(), format!("{}: {cause}", path.display()));
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(named)
}
