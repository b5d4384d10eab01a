//! Many writers, several relays.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use strata_kernel::Error;

use crate::bed::{Bed, event};
use crate::probe::Probe;

const WRITERS: u32 = 64;
const EACH: u32 = 8;
const KEYS: u32 = 12;
const RELAYS: usize = 4;

/// Every committed event has one effect, none that was rolled back has one, and of each key they come in the order of the
/// outbox, though transactions that began first end last.
pub(crate) async fn nothing_is_skipped_or_doubled(bed: &Bed) {
    let mut bed = bed.same();
    // Nobody dies here, so no claim runs out, however long a busy machine lets a relay wait for the database.
    bed.rules.lease = Duration::from_secs(60);
    let bed = &bed;
    let probe = Probe::new(&bed.db);
    let over = Arc::new(AtomicBool::new(false));
    let mut relays = Vec::new();
    for _ in 0..RELAYS {
        let (relay, over) = (bed.relay(&probe).await, Arc::clone(&over));
        relays.push(tokio::spawn(async move {
            while !over.load(Ordering::SeqCst) {
                relay.relay().await.unwrap();
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }));
    }
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let db = bed.db.clone();
        // Where transactions stand side by side, they shall overtake each other. SQLite lets one write at a time.
        let longest = if bed.is_postgres() { 60 } else { 4 };
        writers.push(tokio::spawn(async move {
            let mut kept = Vec::new();
            for n in 0..EACH {
                let number = writer * EACH + n;
                // No two runs the same would help nobody: the delays follow from the number.
                let chance = strata_kernel::digest(&number.to_be_bytes());
                let delay = u64::from_str_radix(&chance[..2], 16).unwrap() % longest;
                let is_rolled_back = chance.ends_with('0');
                let own = event(&format!("key-{}", number % KEYS), number);
                let id = own.id.clone();
                let done = db.write(move |c| {
                    strata_events::append(c, &own)?;
                    std::thread::sleep(Duration::from_millis(delay));
                    if is_rolled_back {
                        Err(Error::internal("rolled back"))
                    } else {
                        Ok(())
                    }
                });
                if done.await.is_ok() {
                    kept.push(id);
                }
            }
            kept
        }));
    }
    let mut committed = HashSet::new();
    for writer in writers {
        committed.extend(writer.await.unwrap());
    }
    assert!(committed.len() < (WRITERS * EACH) as usize, "something has to be rolled back");
    let last = bed.relay(&probe).await;
    bed.rest(&last).await;
    over.store(true, Ordering::SeqCst);
    for relay in relays {
        relay.await.unwrap();
    }
    let effects = probe.effects().await;
    assert_eq!(effects.len(), committed.len());
    assert_eq!(effects.iter().cloned().collect::<HashSet<_>>(), committed);
    assert_eq!(probe.deliveries(), committed.len(), "no event was handed over twice");
    let place: HashMap<&String, usize> = effects.iter().zip(0..).collect();
    let mut last: HashMap<String, usize> = HashMap::new();
    for (id, key) in bed.outbox().await {
        let before = last.insert(key.clone(), place[&id]);
        assert!(before.is_none_or(|before| before < place[&id]), "{key}: {id} came too early");
    }
}
