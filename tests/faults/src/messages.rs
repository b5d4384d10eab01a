//! Messages on the broker that our relay did not send.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::{Client, HeaderMap, Message};
use futures::StreamExt;
use strata::settings::BusSettings;

/// Messages that are kept, to come again later.
const KEPT: usize = 200;
/// A kind of event that has a consumer, in a version that nobody knows.
const UNKNOWN_VERSION: &str = "strata.billing.document.changed.v99";
/// A kind of event that has a consumer, as it is.
const KNOWN: &str = "strata.billing.document.changed.v1";

/// Listens to what is published, and publishes what it likes.
pub(crate) struct Messages {
    client: Client,
    subject: String,
    kept: Arc<Mutex<VecDeque<Message>>>,
}

impl Messages {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the broker cannot be reached.
    pub(crate) async fn listen(bus: &BusSettings) -> Result<Self> {
        let client = async_nats::connect(&bus.url).await.context("NATS cannot be reached")?;
        let mut published = client.subscribe(format!("{}.>", bus.subject)).await?;
        let kept: Arc<Mutex<VecDeque<Message>>> = Arc::default();
        let into = Arc::clone(&kept);
        tokio::spawn(async move {
            while let Some(message) = published.next().await {
                let mut kept = into.lock().unwrap_or_else(PoisonError::into_inner);
                if message
                    .headers
                    .as_ref()
                    .is_some_and(|headers| headers.get("ce-forged").is_none())
                {
                    kept.push_back(message);
                }
                if kept.len() > KEPT {
                    kept.pop_front();
                }
            }
        });
        Ok(Self {
            client,
            subject: bus.subject.clone(),
            kept,
        })
    }

    /// Publishes the oldest message that is known once more, under an id that the broker has not seen. False: there is none.
    ///
    /// # Errors
    /// When the broker cannot be reached.
    pub(crate) async fn repeat(&self) -> Result<bool> {
        let oldest = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(message) = oldest else { return Ok(false) };
        let mut headers = message.headers.unwrap_or_default();
        let id = headers.get(NATS_MESSAGE_ID).map(ToString::to_string).unwrap_or_default();
        headers.insert(NATS_MESSAGE_ID, format!("{id}:again").as_str());
        self.client
            .publish_with_headers(message.subject, headers, message.payload)
            .await?;
        self.client.flush().await?;
        Ok(true)
    }

    /// Publishes a message in a version that nobody knows, and one whose body is nothing. Returns how many.
    ///
    /// # Errors
    /// When the broker cannot be reached.
    pub(crate) async fn forge(&self, number: u32) -> Result<u64> {
        for (kind, body) in [(UNKNOWN_VERSION, "{}"), (KNOWN, "not a document")] {
            let mut headers = HeaderMap::new();
            for (name, value) in [
                ("ce-specversion", "1.0"),
                ("ce-id", &format!("forged-{number}-{kind}")),
                ("ce-source", "//elsewhere"),
                ("ce-type", kind),
                ("ce-subject", "nobody"),
                ("ce-time", "2025-01-01T00:00:00Z"),
                ("ce-forged", "1"),
            ] {
                headers.insert(name, value);
            }
            let subject = format!("{}.0.{kind}", self.subject);
            self.client.publish_with_headers(subject, headers, body.into()).await?;
        }
        self.client.flush().await?;
        Ok(2)
    }
}
