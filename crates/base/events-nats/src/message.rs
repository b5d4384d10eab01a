//! An event as a message: CloudEvents 1.0, binary mode.

use async_nats::HeaderMap;
use chrono::{DateTime, SecondsFormat, Utc};
use strata_events::{Event, UNREADABLE};
use strata_kernel::{Error, Kind, Result};

/// Where events come from.
const SOURCE: &str = "/strata/process";
const VERSION: &str = "1.0";
const JSON: &str = "application/json";

/// Attributes and extensions, by header.
mod header {
    pub(super) const ID: &str = "ce-id";
    pub(super) const KIND: &str = "ce-type";
    pub(super) const SOURCE: &str = "ce-source";
    pub(super) const VERSION: &str = "ce-specversion";
    pub(super) const SUBJECT: &str = "ce-subject";
    pub(super) const TIME: &str = "ce-time";
    pub(super) const KEY: &str = "ce-partitionkey";
    pub(super) const CORRELATION: &str = "ce-correlationid";
    pub(super) const TRACE: &str = "ce-traceparent";
    pub(super) const CONTENT: &str = "content-type";
}

/// Headers of an event. The broker drops a second message with the same `Nats-Msg-Id`.
pub(crate) fn headers(event: &Event) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let time = event.time.to_rfc3339_opts(SecondsFormat::Micros, true);
    for (name, value) in [
        (async_nats::header::NATS_MESSAGE_ID.as_ref(), event.id.as_str()),
        (header::VERSION, VERSION),
        (header::SOURCE, SOURCE),
        (header::ID, &event.id),
        (header::KIND, &event.kind),
        (header::SUBJECT, &event.subject),
        (header::TIME, &time),
        (header::KEY, &event.ordering_key),
        (header::CORRELATION, &event.correlation_id),
        (header::TRACE, &event.trace_parent),
        (header::CONTENT, JSON),
    ] {
        if !value.is_empty() {
            headers.insert(name, encode(value).as_str());
        }
    }
    headers
}

/// The event of a message, or what could be read of it with `EVENT_UNREADABLE` when it is no CloudEvent of ours.
pub(crate) fn event(headers: Option<&HeaderMap>, body: &[u8], place: &str) -> (Event, Result<()>) {
    let text = |name: &str| {
        let value = headers.and_then(|headers| headers.get(name));
        value.map(|value| decode(value.as_str())).unwrap_or_default()
    };
    let time = text(header::TIME).parse::<DateTime<Utc>>();
    let id = text(header::ID);
    let event = Event {
        id: if id.is_empty() { place.to_owned() } else { id.clone() },
        kind: text(header::KIND),
        subject: text(header::SUBJECT),
        ordering_key: text(header::KEY),
        body: body.to_vec(),
        correlation_id: text(header::CORRELATION),
        trace_parent: text(header::TRACE),
        time: time.unwrap_or_default(),
    };
    if id.is_empty() || event.version().is_none() || time.is_err() || text(header::VERSION) != VERSION {
        let text = format!("the message {place} is no CloudEvent 1.0 with id, type and time");
        return (event, Err(Error::new(Kind::InvalidArgument, UNREADABLE, text)));
    }
    (event, Ok(()))
}

/// A header holds visible ASCII; everything else is percent-encoded, as in the HTTP binding.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'%') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = behind.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sample() -> Event {
        let time = "2025-01-31T18:00:00.000001Z".parse().unwrap();
        Event::new("strata.a.changed.v1", "Größe 100% \"x\"\n", "1", &1, "cor_1", time).unwrap()
    }

    #[test]
    fn an_event_comes_back_as_it_was_sent() {
        let sent = Event {
            trace_parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
            ..sample()
        };
        let headers = headers(&sent);
        assert_eq!(event(Some(&headers), &sent.body, "1"), (sent.clone(), Ok(())));
        assert_eq!(headers.get("Nats-Msg-Id").unwrap().as_str(), sent.id);
        for name in [
            "ce-id",
            "ce-type",
            "ce-source",
            "ce-specversion",
            "ce-subject",
            "ce-time",
            "content-type",
        ] {
            let value = headers.get(name).unwrap().as_str();
            assert!(value.bytes().all(|byte| byte.is_ascii_graphic()), "{name}: {value}");
        }
    }

    #[test]
    fn what_is_no_event_of_ours_is_told_apart() {
        let (nameless, read) = event(None, b"x", "S:7");
        assert_eq!((nameless.id.as_str(), read.unwrap_err().reason), ("S:7", UNREADABLE));
        let mut headers = headers(&sample());
        headers.insert("ce-time", "yesterday");
        let (known, read) = event(Some(&headers), b"1", "S:8");
        assert!(known.id == sample().id && read.is_err());
    }
}
