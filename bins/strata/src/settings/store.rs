//! The `store` section: the database.

use std::fmt;
use std::time::Duration;

use serde::de::value::StringDeserializer;
use serde::{Deserialize, Deserializer};
use strata_settings::{Fault, Secret, Section};
use strata_store::{Db, Options};

/// The database of master data and of the process tier. `Debug` leaves out the password.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// `sqlite:PATH` or `postgres://...`, or where that stands: `file:/path` or `env:NAME`, because it may hold a password.
    /// Default `sqlite:strata.db`.
    #[serde(deserialize_with = "url")]
    pub url: String,
    /// Connections of the PostgreSQL pool, or SQLite readers beside the one writer. Default 8.
    pub connections: u32,
    /// Longest time a unit of work waits for a connection, in milliseconds. Default 10000.
    pub wait_ms: u64,
}

impl Default for StoreSettings {
    fn default() -> Self {
        let options = Options::default();
        Self {
            url: "sqlite:strata.db".to_owned(),
            connections: options.connections,
            wait_ms: u64::try_from(options.wait.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl fmt::Debug for StoreSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreSettings")
            .field("url", &without_password(&self.url))
            .field("connections", &self.connections)
            .field("wait_ms", &self.wait_ms)
            .finish()
    }
}

impl Section for StoreSettings {
    const NAME: &'static str = "store";

    fn check(&self) -> Result<(), Fault> {
        if !is_url(&self.url) {
            return Err(Fault::new("url", "starts with sqlite: or postgres://"));
        }
        if self.connections == 0 || self.wait_ms == 0 {
            return Err(Fault::new("connections", "and wait_ms are at least 1"));
        }
        Ok(())
    }
}

impl StoreSettings {
    /// A database with the usual pool.
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..Self::default()
        }
    }

    /// Opens the database.
    ///
    /// # Errors
    /// When it cannot be reached; the message says so and the detail is the log's.
    pub async fn open(&self) -> anyhow::Result<Db> {
        let url = self.url.clone();
        let options = Options {
            connections: self.connections,
            wait: Duration::from_millis(self.wait_ms),
        };
        // Opening waits for the first connection.
        Ok(tokio::task::spawn_blocking(move || Db::open(&url, &options)).await??)
    }
}

/// True for the two kinds of database there are.
pub(crate) fn is_url(text: &str) -> bool {
    ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| {
        let rest = text.strip_prefix(scheme);
        rest.is_some_and(|rest| !rest.is_empty())
    })
}

/// The URL as it may be shown.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    // The password may hold an @ itself; a host never does.
    let host_part = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some(at) = rest[..host_part].rfind('@') else {
        return url.to_owned();
    };
    let user = rest[..at].split(':').next().unwrap_or_default();
    format!("{scheme}://{user}{}", &rest[at..])
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.starts_with("file:") || text.starts_with("env:") {
        let secret = Secret::deserialize(StringDeserializer::<D::Error>::new(text))?;
        return Ok(secret.reveal().to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://me:p@ss@db.example/strata", "postgres://me@db.example/strata"),
            (
                "postgres://me@db.example/strata?x=a@b",
                "postgres://me@db.example/strata?x=a@b",
            ),
            ("postgres://db.example/strata", "postgres://db.example/strata"),
            ("sqlite:/tmp/a@b.db", "sqlite:/tmp/a@b.db"),
        ] {
            assert_eq!(without_password(url), shown);
        }
        assert!(!format!("{:?}", StoreSettings::at("postgres://me:hunter2@db/strata")).contains("hunter2"));
    }

    #[test]
    fn a_database_is_named_by_its_scheme() {
        assert!(is_url("sqlite:a.db") && is_url("postgres://db/strata"));
        assert!(!is_url("strata.db") && !is_url("sqlite:") && !is_url("mysql://db"));
    }
}
