//! Where the stream is, and how it is kept.

use std::fmt;
use std::time::Duration;

/// A stream and its consumers. `Debug` leaves out credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Options {
    /// `nats://host:4222` or `tls://host:4222`, with credentials before an `@` if there are any. Several, joined by commas.
    pub url: String,
    /// Name of the stream. Installations that share a server have one each.
    pub stream: String,
    /// What subjects begin with.
    pub subject: String,
    /// Partitions, 1 to 256. It cannot be changed while the stream lives.
    pub partitions: u32,
    /// Servers that keep a copy, 1 to 5.
    pub replicas: usize,
    /// Most bytes that wait unhandled. More is refused, and waits in the outbox.
    pub max_bytes: i64,
    /// The broker itself drops a second message with the same id for this long.
    pub duplicate_window: Duration,
    /// An event that is neither acknowledged nor reported as under way for this long is delivered again.
    pub ack_wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: "nats://127.0.0.1:4222".to_owned(),
            stream: "STRATA_EVENTS".to_owned(),
            subject: "strata.events".to_owned(),
            partitions: 8,
            replicas: 1,
            max_bytes: 1 << 30,
            duplicate_window: Duration::from_secs(600),
            ack_wait: Duration::from_secs(10),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("servers", &self.servers())
            .field("stream", &self.stream)
            .field("subject", &self.subject)
            .field("partitions", &self.partitions)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// The servers as they may be shown: without credentials.
    pub fn servers(&self) -> String {
        let servers = self.url.split(',').map(|url| match url.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}", rest.rsplit('@').next().unwrap_or_default()),
            None => url.rsplit('@').next().unwrap_or_default().to_owned(),
        });
        servers.collect::<Vec<_>>().join(",")
    }

    /// Subject of an event.
    pub(crate) fn subject_of(&self, partition: u32, kind: &str) -> String {
        format!("{}.{partition}.{kind}", self.subject)
    }

    /// Subjects of a kind in every version.
    pub(crate) fn subject_of_name(&self, partition: u32, name: &str) -> String {
        format!("{}.{partition}.{name}.*", self.subject)
    }
}

/// Name of the durable consumer of a partition.
pub(crate) fn durable(consumer: &str, partition: u32) -> String {
    format!("{consumer}-{partition}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_never_shown() {
        let options = Options {
            url: "nats://me:p@ss@a:4222,tls://token@b:4222".to_owned(),
            ..Options::default()
        };
        assert_eq!(options.servers(), "nats://a:4222,tls://b:4222");
        let shown = format!("{options:?}");
        assert!(!shown.contains("ss@") && !shown.contains("token"), "{shown}");
    }
}
