//! How to sign in at the sandboxes: for the firm's people, and as settings for the servers. All of it is published and worth
//! nothing anywhere else.

use std::path::{Path, PathBuf};

use anyhow::Context;
use strata_firm::people::{Access, BasicAccess, KeyAccess, RefreshAccess};
use strata_sandbox_kantata_ox as kantata_ox;
use strata_sandbox_netsuite as netsuite;
use strata_sandbox_salesforce as salesforce;
use strata_sandbox_workday as workday;
use toml::{Table, Value};

use super::BaseUrls;
use crate::vendor::Vendor;

/// How fast the vendors' time runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As for everybody. The adapters keep their usual overlaps and pauses.
    Machine,
    /// It stands still and jumps. A record is visible when its stamp is, so overlaps would only be read again and again.
    Simulated,
}

/// How the firm's people sign in. The base URL of a vendor that is not served stays empty.
pub fn access(base_urls: &BaseUrls) -> Access {
    let at = |vendor: Vendor| base_urls.get(&vendor).cloned().unwrap_or_default();
    Access {
        salesforce: BasicAccess {
            base_url: at(Vendor::Salesforce),
            client_id: salesforce::CLIENT_ID.to_owned(),
            client_secret: salesforce::CLIENT_SECRET.to_owned(),
        },
        kantata: BasicAccess {
            base_url: at(Vendor::KantataOx),
            client_id: kantata_ox::CLIENT_ID.to_owned(),
            client_secret: kantata_ox::CLIENT_SECRET.to_owned(),
        },
        netsuite: KeyAccess {
            base_url: at(Vendor::NetSuite),
            client_id: netsuite::DEV_CLIENT_ID.to_owned(),
            certificate_id: netsuite::DEV_CERTIFICATE_ID.to_owned(),
            private_key_pem: netsuite::DEV_PRIVATE_KEY_PEM.to_owned(),
        },
        workday: RefreshAccess {
            base_url: at(Vendor::Workday),
            tenant: workday::TENANT.to_owned(),
            client_id: workday::CLIENT_ID.to_owned(),
            client_secret: workday::CLIENT_SECRET.to_owned(),
            refresh_token: workday::REFRESH_TOKEN.to_owned(),
        },
    }
}

/// Writes `strata.toml` with the sections of the vendors served, and the files its secrets are in. `more` are further sections.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_settings(folder: &Path, base_urls: &BaseUrls, pace: Pace, more: Table) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let folder = folder.canonicalize()?;
    let mut settings = more;
    for (vendor, base_url) in base_urls {
        let section = section(*vendor, base_url, pace, |name, secret| {
            let name = format!("{}.{name}", vendor.section());
            write_secret(&folder, &name, secret)
        })?;
        settings.insert(vendor.section().to_owned(), Value::Table(section));
    }
    let file = folder.join("strata.toml");
    std::fs::write(&file, settings.to_string()).with_context(|| file.display().to_string())?;
    Ok(file)
}

/// Keeps a secret in a file that only its owner reads, and returns the reference to it.
pub(crate) fn write_secret(folder: &Path, name: &str, secret: &str) -> anyhow::Result<String> {
    let path = folder.join(format!("{name}.secret"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, secret.as_bytes()));
    written.with_context(|| path.display().to_string())?;
    Ok(format!("file:{}", path.display()))
}

/// A vendor's section. `keep` keeps a secret and returns the reference to it.
fn section(
    vendor: Vendor,
    base_url: &str,
    pace: Pace,
    keep: impl Fn(&str, &str) -> anyhow::Result<String>,
) -> anyhow::Result<Table> {
    let simulated = pace == Pace::Simulated;
    let mut section = Table::new();
    let mut put = |key: &str, value: Value| section.insert(key.to_owned(), value);
    put("base_url", base_url.into());
    match vendor {
        Vendor::Salesforce => {
            put("client_id", salesforce::CLIENT_ID.into());
            put("client_secret", keep("client_secret", salesforce::CLIENT_SECRET)?.into());
            if simulated {
                put("overlap_seconds", Value::Integer(0));
            }
        }
        Vendor::KantataOx => {
            put("client_id", kantata_ox::CLIENT_ID.into());
            put("client_secret", keep("client_secret", kantata_ox::CLIENT_SECRET)?.into());
            if simulated {
                // Stamps have whole seconds: one is the least.
                put("overlap_seconds", Value::Integer(1));
            }
        }
        Vendor::NetSuite => {
            put("client_id", netsuite::DEV_CLIENT_ID.into());
            put("certificate_id", netsuite::DEV_CERTIFICATE_ID.into());
            put(
                "private_key_pem",
                keep("private_key_pem", netsuite::DEV_PRIVATE_KEY_PEM)?.into(),
            );
            if simulated {
                put("overlap_seconds", Value::Integer(0));
                put("job_pause_ms", Value::Integer(20));
            }
        }
        Vendor::Workday => {
            put("tenant", workday::TENANT.into());
            put("client_id", workday::CLIENT_ID.into());
            put("client_secret", keep("client_secret", workday::CLIENT_SECRET)?.into());
            put("refresh_token", keep("refresh_token", workday::REFRESH_TOKEN)?.into());
            if simulated {
                // The tenant's figure of ten a second is of real seconds.
                let limits = Table::from_iter([("concurrency".to_owned(), Value::Integer(8))]);
                put("limits", limits.into());
            }
        }
    }
    Ok(section)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use strata_kernel::SystemClock;

    use super::*;
    use crate::settings::Sources;

    #[tokio::test]
    async fn the_adapters_take_what_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let base_urls: BaseUrls = Vendor::ALL.map(|v| (v, "http://127.0.0.1:9".to_owned())).into();
        for pace in [Pace::Machine, Pace::Simulated] {
            let store = write_secret(folder.path(), "store", "sqlite:x.db").unwrap();
            let more: Table = toml::from_str(&format!("[store]\nurl = \"{store}\"\n")).unwrap();
            let file = write_settings(folder.path(), &base_urls, pace, more).unwrap();
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(
                !text.contains(salesforce::CLIENT_SECRET) && !text.contains("PRIVATE KEY"),
                "{text}"
            );
            let sources = Sources {
                file: Some(file),
                ..Sources::default()
            };
            assert_eq!(sources.settings().unwrap().store.url, "sqlite:x.db");
            for vendor in Vendor::ALL {
                sources.adapter(vendor, Arc::new(SystemClock)).unwrap();
            }
        }
    }
}
