//! Connecting, and making sure that the stream and its consumers are as they have to be.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream};
use async_nats::{Client, ConnectOptions};
use strata_events::{Consumer, Desk, LARGEST};
use strata_kernel::{Error, Kind, Result};
use tokio::sync::Mutex;
use tracing::{info, warn};

use crate::options::{Options, durable};
use crate::{JetStream, away};

/// Oldest server that is taken.
const OLDEST: (i64, i64, i64) = (2, 10, 23);
/// Longest time until a server answers.
const ANSWER: Duration = Duration::from_secs(5);
/// Bytes of a message beside its body: headers and subject.
const AROUND: usize = 8 * 1024;
/// Where a stream remembers how many partitions it has.
const PARTITIONS: &str = "strata-partitions";

impl JetStream {
    /// Connects, and makes the stream or checks the one that is there.
    ///
    /// # Errors
    /// When no server answers, it is too old or without JetStream, or the stream has another number of partitions.
    pub async fn connect(options: Options) -> Result<Self> {
        let doubtful = Arc::new(AtomicBool::new(false));
        let client = dial(&options, Arc::clone(&doubtful)).await?;
        check(&client)?;
        let context = ContextBuilder::new()
            .timeout(ANSWER)
            .backpressure_on_inflight(true)
            .build(client);
        let made = Self {
            context,
            options,
            known: Arc::new(Mutex::new(HashMap::new())),
            doubtful,
        };
        made.stream().await?;
        Ok(made)
    }

    /// The durable consumers of these consumers, by name. They are made where they are missing: what is published before a
    /// consumer exists is not kept for it.
    pub(crate) async fn consumers(&self, desk: &Desk) -> Result<HashMap<String, PullConsumer>> {
        let mut known = self.known.lock().await;
        let wanted = desk.consumers().len() * self.options.partitions as usize;
        if known.len() == wanted && !self.doubtful.swap(false, Ordering::SeqCst) {
            return Ok(known.clone());
        }
        known.clear();
        let stream = self.stream().await?;
        for consumer in desk.consumers() {
            for partition in 0..self.options.partitions {
                let name = durable(consumer.name(), partition);
                let config = self.config(consumer.as_ref(), partition);
                let made = stream.create_consumer(config).await;
                let made = made.map_err(|cause| {
                    self.doubt();
                    away("does not take a consumer", &cause)
                })?;
                known.insert(name, made);
            }
        }
        Ok(known.clone())
    }

    /// Removes the stream with everything in it.
    ///
    /// # Errors
    /// When the server does not do it.
    pub async fn remove(&self) -> Result<()> {
        let removed = self.context.delete_stream(&self.options.stream).await;
        removed.map(drop).map_err(|cause| away("does not remove the stream", &cause))
    }

    fn config(&self, consumer: &dyn Consumer, partition: u32) -> pull::Config {
        let names = consumer.takes().iter();
        pull::Config {
            durable_name: Some(durable(consumer.name(), partition)),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.options.ack_wait,
            // One at a time: whoever gets the next one, the one before is done.
            max_ack_pending: 1,
            // Tries are counted in our own store, which also knows which of them say something about the event.
            max_deliver: -1,
            filter_subjects: names
                .map(|taken| self.options.subject_of_name(partition, taken.name))
                .collect(),
            ..pull::Config::default()
        }
    }

    async fn stream(&self) -> Result<Stream> {
        let (options, context) = (&self.options, &self.context);
        let wanted = wanted(options);
        if let Ok(held) = context.get_stream(&options.stream).await {
            let config = &held.cached_info().config;
            let parts = config.metadata.get(PARTITIONS).map_or("", String::as_str);
            if parts != options.partitions.to_string() {
                let text = format!(
                    "the stream {} has \"{parts}\" partitions, bus.partitions says {}; events would be left behind: let consumers \
                     finish, then remove the stream, or name another one in bus.stream",
                    options.stream, options.partitions
                );
                return Err(Error::precondition("INVALID_FIELD", text).at("bus.partitions"));
            }
            if differs(config, &wanted) {
                let updated = context.update_stream(&wanted).await;
                updated.map_err(|cause| away("does not change the stream", &cause))?;
                info!(stream = options.stream, "the stream has other limits now");
            }
            return Ok(held);
        }
        let made = context.create_stream(&wanted).await;
        let made = made.map_err(|cause| away("does not make the stream", &cause))?;
        warn!(
            stream = options.stream,
            "the stream is new; what an earlier one held unhandled is shown again by `strata events replay`"
        );
        Ok(made)
    }
}

fn wanted(options: &Options) -> Config {
    Config {
        name: options.stream.clone(),
        description: Some("Committed events of Strata. Its outbox is the truth; this is how they travel.".to_owned()),
        subjects: vec![format!("{}.>", options.subject)],
        // Kept until every consumer acknowledged it, and never dropped for a newer one: what does not fit waits in the outbox.
        retention: RetentionPolicy::Interest,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: options.replicas,
        max_bytes: options.max_bytes,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        max_message_size: i32::try_from(LARGEST + AROUND).unwrap_or(i32::MAX),
        duplicate_window: options.duplicate_window,
        metadata: HashMap::from([(PARTITIONS.to_owned(), options.partitions.to_string())]),
        ..Config::default()
    }
}

/// What may be changed while the stream lives.
fn differs(held: &Config, wanted: &Config) -> bool {
    let of = |config: &Config| {
        (
            config.max_bytes,
            config.max_message_size,
            config.num_replicas,
            config.duplicate_window,
            config.discard == DiscardPolicy::New,
        )
    };
    of(held) != of(wanted)
}

async fn dial(options: &Options, doubtful: Arc<AtomicBool>) -> Result<Client> {
    let connected = ConnectOptions::new()
        .name("strata")
        .connection_timeout(ANSWER)
        .request_timeout(Some(ANSWER))
        .ping_interval(Duration::from_secs(10))
        .reconnect_delay_callback(|tries| Duration::from_millis((tries as u64 * 100).min(2_000)))
        .event_callback(move |event| {
            // A server that comes back may have lost what it had.
            doubtful.store(true, Ordering::SeqCst);
            async move { info!(%event, "NATS") }
        })
        .connect(options.url.split(',').map(str::trim).collect::<Vec<_>>().join(","))
        .await;
    connected.map_err(|cause| {
        let text = format!(
            "no NATS server answers at {}; start one with JetStream (nats-server -js), or set bus.url to inproc",
            options.servers()
        );
        Error::new(Kind::Unavailable, "SERVER_UNREACHABLE", text)
            .because(cause)
            .at("bus.url")
    })
}

/// Refuses a server on which events could be lost.
fn check(client: &Client) -> Result<()> {
    let info = client.server_info();
    let (major, minor, patch) = OLDEST;
    if !client.is_server_compatible(major, minor, patch) {
        return Err(too_old(&info.version));
    }
    if !info.jetstream {
        let text = "the NATS server has no JetStream; start it with -js, or with a jetstream section in its settings";
        return Err(Error::precondition("UNSUPPORTED_OPERATION", text).at("bus.url"));
    }
    if info.max_payload < LARGEST + AROUND {
        let text = format!(
            "the NATS server takes messages of {} bytes only; set its max_payload to {} or more",
            info.max_payload,
            LARGEST + AROUND
        );
        return Err(Error::precondition("UNSUPPORTED_OPERATION", text).at("bus.url"));
    }
    Ok(())
}

fn too_old(version: &str) -> Error {
    let (major, minor, patch) = OLDEST;
    let text = format!(
        "the NATS server is {version}; {major}.{minor}.{patch} is the oldest that is taken: before it, servers that are killed can \
         lose a whole stream. Install nats-server {major}.{minor}.{patch} or newer (Debian's package is too old), or set bus.url \
         to inproc"
    );
    Error::precondition("UNSUPPORTED_OPERATION", text).at("bus.url")
}
