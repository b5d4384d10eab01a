//! A broker that stops and comes back, one that forgot everything, and one that is too old.

use std::io::{Read, Write};
use std::net::TcpListener;

use strata_events::{Asked, Outcome};
use strata_events_nats::{JetStream, Options};
use strata_kernel::Instant;

use crate::bed::{Bed, Bus, Database};
use crate::probe::Probe;
use crate::server::{self, Own};

async fn bed(server: &Own) -> Bed {
    let bed = Bed::on(server.url(), Database::Sqlite).await;
    bed.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_and_comes_back_loses_nothing() {
    let Some(mut server) = Own::start() else { return };
    let bed = bed(&server).await;
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    let first = bed.tell_event("a", 1).await;
    bed.rest(&relay).await;
    server.kill();
    let second = bed.tell_event("a", 2).await;
    let third = bed.tell_event("b", 1).await;
    // It cannot be sent now; that is no failure of the event.
    relay.relay().await.ok();
    assert!(!relay.is_at_rest().await.unwrap_or(false));
    server.start_again();
    bed.rest(&relay).await;
    let mut effects = probe.effects().await;
    assert_eq!(effects.remove(0), first.id);
    effects.sort();
    let mut expected = [second.id, third.id];
    expected.sort();
    assert_eq!(effects, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_broker_forgot_is_replayed_from_the_outbox() {
    let Some(mut server) = Own::start() else { return };
    let bed = bed(&server).await;
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    let first = bed.tell_event("a", 1).await;
    bed.rest(&relay).await;
    // Published by a process that has no time to handle it.
    let lost = bed.tell_event("a", 2).await;
    bed.tell("UPDATE outbox SET published_at = '2025-01-01 00:00:00'").await;
    server.kill();
    server.forget();
    server.start_again();
    let later = bed.tell_event("a", 3).await;
    bed.rest(&relay).await;
    assert_eq!(probe.effects().await, [first.id.clone(), later.id.clone()]);
    let all = Asked {
        consumer: "probe".to_owned(),
        from: Instant::UNIX_EPOCH,
        to: crate::bed::now() + chrono::Duration::days(1),
        kinds: Vec::new(),
        forced: false,
        after: 0,
    };
    let plan = relay.plan_replay("r1", &all).await.unwrap();
    let done = relay.replay(&plan.id, "r1").await.unwrap();
    let outcomes: Vec<_> = done.items.iter().map(|item| item.outcome.unwrap()).collect();
    assert_eq!(outcomes, [Outcome::Known, Outcome::Taken, Outcome::Known]);
    assert_eq!(probe.effects().await, [first.id, later.id, lost.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_with_other_partitions_is_refused() {
    let Some(url) = server::url() else { return };
    let Some(bed) = Bed::on(url, Database::Sqlite).await else {
        return;
    };
    assert!(bed.bus == Bus::JetStream);
    let stream = JetStream::connect(bed.options.clone()).await.unwrap();
    let other = Options {
        partitions: 9,
        ..bed.options.clone()
    };
    let refused = JetStream::connect(other).await.err().unwrap();
    assert_eq!(refused.field, "bus.partitions");
    stream.remove().await.unwrap();
}

/// A server that says of itself what a real one of that version would.
fn pretend(version: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    let info = format!(
        "INFO {{\"server_id\":\"S\",\"version\":\"{version}\",\"proto\":1,\"headers\":true,\"jetstream\":true,\"max_payload\":1048576}}\r\n"
    );
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.write_all(info.as_bytes()).unwrap();
            let mut heard = [0; 4096];
            while stream.read(&mut heard).is_ok_and(|count| count > 0) {
                if stream.write_all(b"PONG\r\n").is_err() {
                    break;
                }
            }
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_lose_a_stream_is_refused_with_what_to_do() {
    for version in ["2.9.10", "2.10.22"] {
        let options = Options {
            url: pretend(version),
            ..Options::default()
        };
        let refused = JetStream::connect(options).await.err().unwrap();
        assert!(
            refused.message.contains(version) && refused.message.contains("Install nats-server 2.10.23"),
            "{refused}"
        );
        assert_eq!(refused.field, "bus.url");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_said_so() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = Options {
        url: format!("nats://me:secret@127.0.0.1:{port}"),
        ..Options::default()
    };
    let refused = JetStream::connect(options).await.err().unwrap();
    assert!(
        refused.is_temporary() && refused.message.contains("nats-server -js"),
        "{refused}"
    );
    assert!(!refused.message.contains("secret"), "{refused}");
}
