//! The `bus` section: how events travel.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::value::StringDeserializer;
use serde::{Deserialize, Deserializer};
use strata_events::{Rules, Wire};
use strata_events_nats::{JetStream, Options};
use strata_settings::{Fault, Secret, Section};

use crate::error::Usage;

/// What names the bus within the process.
pub(crate) const IN_PROCESS: &str = "inproc";

/// How committed events get to their consumers. Times are the machine's. `Debug` leaves out credentials.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusSettings {
    /// `inproc`, or NATS servers: `nats://host:4222`, `tls://host:4222`, several joined by commas; or where that stands,
    /// `file:/path` or `env:NAME`, because it may hold a password. Default `inproc`.
    #[serde(deserialize_with = "url")]
    pub url: String,
    /// Stream on NATS. Installations that share a server have one each. Default `STRATA_EVENTS`.
    pub stream: String,
    /// What subjects on NATS begin with. Installations that share a server have one each. Default `strata.events`.
    pub subject: String,
    /// Partitions of the stream, 1 to 256: events of different partitions are handled side by side. Cannot be changed while the
    /// stream lives. Default 8.
    pub partitions: u32,
    /// NATS servers that keep a copy, 1 to 5. Default 1.
    pub replicas: u32,
    /// Most MiB that wait on NATS unhandled; what is more waits in the database. Default 1024.
    pub max_mib: u32,
    /// An event that is not reported as under way for this long is delivered again, in seconds. Default 10.
    pub ack_wait_seconds: u64,
    /// Tries before an event becomes a dead letter. Default 5.
    pub tries: u32,
    /// Pause after the first try that failed, in milliseconds; each later one is four times as long, up to a minute. Default 200.
    pub pause_ms: u64,
    /// A relay that stops loses its claim on events after this time, in seconds. Default 10.
    pub lease_seconds: u64,
    /// Days for which published events are kept, so that they can be replayed. Default 30.
    pub retention_days: u32,
}

impl Default for BusSettings {
    fn default() -> Self {
        let (rules, options) = (Rules::default(), Options::default());
        Self {
            url: IN_PROCESS.to_owned(),
            stream: options.stream,
            subject: options.subject,
            partitions: options.partitions,
            replicas: 1,
            max_mib: 1024,
            ack_wait_seconds: options.ack_wait.as_secs(),
            tries: rules.tries,
            pause_ms: 200,
            lease_seconds: rules.lease.as_secs(),
            retention_days: 30,
        }
    }
}

impl fmt::Debug for BusSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BusSettings")
            .field("url", &self.shown())
            .field("stream", &self.stream)
            .field("subject", &self.subject)
            .field("partitions", &self.partitions)
            .finish_non_exhaustive()
    }
}

impl Section for BusSettings {
    const NAME: &'static str = "bus";

    fn check(&self) -> Result<(), Fault> {
        if !is_bus(&self.url) {
            return Err(Fault::new("url", "is inproc, or starts with nats:// or tls://"));
        }
        if !is_name(&self.stream, "-_") || !is_name(&self.subject, "-_.") {
            return Err(Fault::new(
                "stream",
                "and subject are made of letters, digits, - and _; a subject also of dots within",
            ));
        }
        for (key, value, most) in [
            ("partitions", u64::from(self.partitions), 256),
            ("replicas", u64::from(self.replicas), 5),
            ("max_mib", u64::from(self.max_mib), 1 << 20),
            ("ack_wait_seconds", self.ack_wait_seconds, 3600),
            ("tries", u64::from(self.tries), 100),
            ("pause_ms", self.pause_ms, 60_000),
            ("lease_seconds", self.lease_seconds, 3600),
            ("retention_days", u64::from(self.retention_days), 3650),
        ] {
            if !(1..=most).contains(&value) {
                return Err(Fault::new(key, format!("is 1 to {most}")));
            }
        }
        Ok(())
    }
}

impl BusSettings {
    /// The bus as it may be shown.
    pub fn shown(&self) -> String {
        if self.url == IN_PROCESS {
            return IN_PROCESS.to_owned();
        }
        self.options().servers()
    }

    /// Connects, where there is something to connect to.
    ///
    /// # Errors
    /// When no server answers, or it is too old.
    pub async fn wire(&self) -> anyhow::Result<Wire> {
        let rules = Rules {
            tries: self.tries,
            pause: Duration::from_millis(self.pause_ms),
            lease: Duration::from_secs(self.lease_seconds),
            retention: Duration::from_secs(u64::from(self.retention_days) * 24 * 3600),
            ..Rules::default()
        };
        if self.url == IN_PROCESS {
            return Ok(Wire {
                rules,
                ..Wire::default()
            });
        }
        let stream = self.stream().await?;
        Ok(Wire {
            transport: Arc::new(stream),
            rules,
            ..Wire::default()
        })
    }

    /// Removes the stream. In process there is none.
    ///
    /// # Errors
    /// When the server does not do it.
    pub(crate) async fn remove(&self) -> anyhow::Result<()> {
        if self.url == IN_PROCESS {
            return Ok(());
        }
        Ok(self.stream().await?.remove().await?)
    }

    async fn stream(&self) -> anyhow::Result<JetStream> {
        JetStream::connect(self.options())
            .await
            .map_err(|error| Usage::error(error.message))
    }

    fn options(&self) -> Options {
        Options {
            url: self.url.clone(),
            stream: self.stream.clone(),
            subject: self.subject.clone(),
            partitions: self.partitions,
            replicas: usize::try_from(self.replicas).unwrap_or(1),
            max_bytes: i64::from(self.max_mib) << 20,
            ack_wait: Duration::from_secs(self.ack_wait_seconds),
            ..Options::default()
        }
    }
}

/// True for what names a bus.
pub(crate) fn is_bus(url: &str) -> bool {
    let is_server = |url: &str| {
        let rest = ["nats://", "tls://"]
            .iter()
            .find_map(|scheme| url.trim().strip_prefix(scheme));
        rest.is_some_and(|rest| !rest.is_empty())
    };
    url == IN_PROCESS || url.split(',').all(is_server)
}

fn is_name(text: &str, also: &str) -> bool {
    let inner = text.split('.').all(|part| !part.is_empty());
    inner && text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.starts_with("file:") || text.starts_with("env:") {
        let secret = Secret::deserialize(StringDeserializer::<D::Error>::new(text))?;
        return Ok(secret.reveal().trim().to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(change: impl FnOnce(&mut BusSettings)) -> Option<String> {
        let mut settings = BusSettings::default();
        change(&mut settings);
        settings.check().err().map(|fault| fault.key)
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        assert_eq!(fault(|_| {}), None);
        assert_eq!(fault(|s| s.url = "nats://a:4222, tls://b".to_owned()), None);
        for url in ["", "nats://", "http://a", "nats://a,b"] {
            assert_eq!(fault(|s| s.url = url.to_owned()).as_deref(), Some("url"), "{url}");
        }
        assert_eq!(fault(|s| s.partitions = 0).as_deref(), Some("partitions"));
        assert_eq!(fault(|s| s.stream = "a.b".to_owned()).as_deref(), Some("stream"));
        assert_eq!(fault(|s| s.subject = "a..b".to_owned()).as_deref(), Some("stream"));
        assert_eq!(fault(|s| s.retention_days = 0).as_deref(), Some("retention_days"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let settings = BusSettings {
            url: "nats://me:hunter2@a:4222".to_owned(),
            ..BusSettings::default()
        };
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert_eq!(settings.shown(), "nats://a:4222");
    }
}
