//! The `server` section of the settings.

use std::time::Duration;

use serde::Deserialize;
use strata_contract::strata::options::v1::RateClass;
use strata_settings::{Fault, Section};

/// Limits that nobody needs to change. Each with what it is for.
pub(crate) mod fixed {
    use std::time::Duration;

    /// Metadata of one call, in bytes. Above it the stream is refused.
    pub(crate) const HEADER_BYTES: u32 = 16 * 1024;
    /// A peer that says nothing for this long is asked whether it is there.
    pub(crate) const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
    /// And has this long to answer.
    pub(crate) const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
    /// A new connection must send its first line within this time.
    pub(crate) const FIRST_BYTES: Duration = Duration::from_secs(5);
    /// Streams a peer may reset before we accept them (rapid reset, CVE-2023-44487).
    pub(crate) const PENDING_RESETS: usize = 20;
    /// Streams that errors of the peer may make us reset (CVE-2025-8671).
    pub(crate) const LOCAL_ERROR_RESETS: usize = 128;
    /// A TLS handshake must be done within this time.
    pub(crate) const HANDSHAKE: Duration = Duration::from_secs(5);
    /// Bytes of the first line of HTTP/2.
    pub(crate) const PREFACE_BYTES: usize = 24;
    /// Bytes a stream from a caller may have on its way before we read on.
    pub(crate) const STREAM_WINDOW: u32 = 64 * 1024;
    /// The same for answers of servers that we call.
    pub(crate) const STREAM_WINDOW_INSIDE: u32 = 1024 * 1024;
    /// Bytes of an answer that are kept for a caller who reads slowly, before the next ones are asked for.
    pub(crate) const SEND_BUFFER: usize = 64 * 1024;
    /// Bytes a connection may have on its way before we read on.
    pub(crate) const CONNECTION_WINDOW: u32 = 1024 * 1024;
    /// An aged connection has this long to end its calls.
    pub(crate) const AGE_GRACE: Duration = Duration::from_secs(30);
    /// Calls in flight over one in-process transport. The callers are ours: they wait rather than be refused.
    pub(crate) const CALLS_IN_PROCESS: usize = 1024;
    /// And they wait for a place this long at most.
    pub(crate) const QUEUE_IN_PROCESS: Duration = Duration::from_secs(30);
    /// A preflight answer may be kept this long by the browser.
    pub(crate) const PREFLIGHT_AGE: Duration = Duration::from_secs(3600);
    /// A new TCP connection to another server must stand within this time.
    pub(crate) const CONNECT: Duration = Duration::from_secs(5);
    /// What is kept back of a caller's deadline for the way home.
    pub(crate) const WAY_HOME: Duration = Duration::from_millis(50);
}

/// How a server protects itself, and who may reach it.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// Listen on addresses that other machines can reach. Without it only loopback is accepted.
    pub allow_public: bool,
    /// Web origins whose pages may call, exactly as the browser sends them: `https://console.example`.
    pub origins: Vec<String>,
    /// Connections at a time; one more is closed at once.
    pub connections: usize,
    /// Connections of one peer at a time: a process that shows its certificate, else an address. Behind a balancer all callers have one.
    pub connections_per_peer: usize,
    /// Streams a connection may have open at a time; one more is refused by HTTP/2.
    pub streams_per_connection: u32,
    /// Calls a connection may have in flight; one more waits for `queue_ms`, then gets UNAVAILABLE.
    pub calls_per_connection: usize,
    /// Longest time a call waits for a free place, in milliseconds.
    pub queue_ms: u64,
    /// Calls the server has in flight over all connections, streams not counted; beyond it even money is refused with UNAVAILABLE.
    pub calls: usize,
    /// Streams that stay open, over all connections.
    pub streams: usize,
    /// Share of `calls` and of `streams` in percent up to which sheddable calls are taken: portals and reports go first.
    pub sheddable_percent: u32,
    /// Share up to which ordinary calls are taken. The rest is kept for money.
    pub normal_percent: u32,
    /// Calls that one caller may make, by what they cost.
    pub rates: Rates,
    /// A connection without a call is asked to end after this time, in seconds.
    pub connection_idle_s: u64,
    /// A connection is asked to end after this time, give or take a tenth, in seconds.
    pub connection_age_s: u64,
    /// Time between NOT_SERVING and the first refused connection, in milliseconds: for a balancer to notice.
    pub drain_notice_ms: u64,
    /// Longest time that calls in flight may take to end at shutdown, in milliseconds.
    pub drain_ms: u64,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            allow_public: false,
            origins: Vec::new(),
            connections: 2_000,
            connections_per_peer: 50,
            streams_per_connection: 100,
            calls_per_connection: 64,
            queue_ms: 250,
            calls: 512,
            streams: 1_000,
            sheddable_percent: 50,
            normal_percent: 80,
            rates: Rates::default(),
            connection_idle_s: 5 * 60,
            connection_age_s: 30 * 60,
            drain_notice_ms: 0,
            drain_ms: 10_000,
        }
    }
}

impl ServerSettings {
    pub(crate) fn queue(&self) -> Duration {
        Duration::from_millis(self.queue_ms)
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(self.connection_idle_s)
    }

    pub(crate) fn drain(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }

    pub(crate) fn drain_notice(&self) -> Duration {
        Duration::from_millis(self.drain_notice_ms)
    }
}

impl Section for ServerSettings {
    const NAME: &'static str = "server";

    fn check(&self) -> Result<(), Fault> {
        for (index, origin) in self.origins.iter().enumerate() {
            if !is_origin(origin) {
                let key = format!("origins[{index}]");
                return Err(Fault::new(
                    key,
                    "is no origin: scheme://host or scheme://host:port, no * and no path",
                ));
            }
        }
        let at_least_one = [
            ("connections", self.connections),
            ("connections_per_peer", self.connections_per_peer),
            (
                "connection_idle_s",
                usize::try_from(self.connection_idle_s).unwrap_or(usize::MAX),
            ),
            ("streams_per_connection", self.streams_per_connection as usize),
            ("calls_per_connection", self.calls_per_connection),
            ("calls", self.calls),
            ("streams", self.streams),
            ("sheddable_percent", self.sheddable_percent as usize),
        ];
        if let Some((key, _)) = at_least_one.iter().find(|(_, value)| *value == 0) {
            return Err(Fault::new(*key, "is at least 1"));
        }
        if self.normal_percent > 100 || self.sheddable_percent > self.normal_percent {
            return Err(Fault::new(
                "normal_percent",
                "is at most 100, and not below sheddable_percent",
            ));
        }
        self.rates.check()
    }
}

/// Calls that one caller may make of each class. Each class of the contracts' `rate_class` has one.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Reads of a record or of a page.
    pub read: Rate,
    /// Reads that compute over many records.
    pub report: Rate,
    /// Changes of one record.
    pub write: Rate,
    /// Changes of many records, and work that lasts.
    pub bulk: Rate,
    /// Streams that are opened.
    pub stream: Rate,
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Calls per second in the long run. 0: not counted.
    pub per_second: u32,
    /// Calls at once, after a rest.
    pub burst: u32,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |per_second, burst| Rate { per_second, burst };
        Self {
            read: rate(2_000, 4_000),
            report: rate(200, 400),
            write: rate(1_000, 2_000),
            bulk: rate(500, 1_000),
            stream: rate(50, 200),
        }
    }
}

impl Rates {
    /// Rate of a class. None: it is not counted.
    pub(crate) fn of(&self, class: RateClass) -> Option<Rate> {
        let rate = match class {
            RateClass::Read | RateClass::Unspecified => self.read,
            RateClass::Report => self.report,
            RateClass::Write => self.write,
            RateClass::Bulk => self.bulk,
            RateClass::Stream => self.stream,
        };
        (rate.per_second > 0).then_some(rate)
    }

    fn check(&self) -> Result<(), Fault> {
        let all = [
            ("read", self.read),
            ("report", self.report),
            ("write", self.write),
            ("bulk", self.bulk),
            ("stream", self.stream),
        ];
        match all.iter().find(|(_, rate)| rate.per_second > 0 && rate.burst == 0) {
            Some((class, _)) => Err(Fault::new(format!("rates.{class}.burst"), "is at least 1")),
            None => Ok(()),
        }
    }
}

fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic() && !b"/*?#@".contains(&b)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_origin_is_exact() {
        let check = |origin: &str| {
            let origins = vec!["https://console.example".to_owned(), origin.to_owned()];
            ServerSettings {
                origins,
                ..ServerSettings::default()
            }
            .check()
        };
        check("http://127.0.0.1:5173").unwrap();
        for bad in ["*", "https://*.example", "https://a/", "console.example", "https://", "null"] {
            assert_eq!(check(bad).unwrap_err().key, "origins[1]", "{bad}");
        }
    }

    #[test]
    fn a_limit_of_nothing_is_refused() {
        let none = ServerSettings {
            calls_per_connection: 0,
            ..ServerSettings::default()
        };
        assert_eq!(none.check().unwrap_err().key, "calls_per_connection");
        let upside_down = ServerSettings {
            sheddable_percent: 90,
            ..ServerSettings::default()
        };
        assert_eq!(upside_down.check().unwrap_err().key, "normal_percent");
        let mut rates = Rates::default();
        rates.bulk.burst = 0;
        let stuck = ServerSettings {
            rates,
            ..ServerSettings::default()
        };
        assert_eq!(stuck.check().unwrap_err().key, "rates.bulk.burst");
    }
}
