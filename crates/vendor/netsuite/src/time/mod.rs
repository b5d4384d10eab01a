//! Posting time: one asynchronous job per batch, one outcome per posting.
//!
//! "Accepted" is not "posted": the job is asked until it is completed, then the books are asked what they hold. What
//! they hold decides; the job's own results only say why something is not there. Other content under a key is UNKNOWN: whoever looks
//! it up is told what the books hold, and compares.

mod job;
mod list;
pub(crate) mod posting;

use std::collections::HashMap;

use serde_json::Value;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::system::erp::v1::TimePosting;
use strata_kernel::{Instant, Result, digest};
use strata_port::outcome;
use strata_vendor_http::{Reader, outcome_of};

use crate::client::{Client, Taken, Trouble};
use crate::lookup::Table;
use crate::masters::uuid_of;
use crate::wire::must;
pub(crate) use job::Pace;
use job::{Task, is_completed, tasks};
pub(crate) use list::list;

/// Most records of a batch (Oracle: article_0127092747).
pub(crate) const MOST_ITEMS: u32 = 100;

/// A posting with the record it becomes.
struct Item<'a> {
    posting: &'a TimePosting,
    record: Value,
}

/// Posts time. The outcomes stand in the order of the postings. An error means that nothing of the call was taken; a posting that
/// is at fault by itself is an outcome, never an error.
pub(crate) async fn post(client: &Client, postings: &[TimePosting], now: Instant, pace: &Pace) -> Result<Vec<WriteOutcome>> {
    let mut ended: HashMap<&str, WriteOutcome> = HashMap::new();
    let mut first: HashMap<&str, &TimePosting> = HashMap::new();
    let mut items = Vec::new();
    for posting in postings {
        if first.contains_key(posting.key.as_str()) {
            continue;
        }
        first.insert(&posting.key, posting);
        match posting::record(posting) {
            Ok(record) => items.push(Item { posting, record }),
            Err(error) => {
                let why = outcome::rejected(&posting.key, error.reason, error.message);
                ended.insert(&posting.key, why);
            }
        }
    }
    for batch in items.chunks(MOST_ITEMS as usize) {
        let outcomes = post_batch(client, batch, now, pace).await;
        let outcomes = match outcomes {
            // Some batches of the call were taken: an error now would hide how they ended.
            Err(error) if !ended.is_empty() => {
                tracing::warn!(vendor.name = crate::VENDOR, %error, "a later batch was not taken");
                batch.iter().map(|item| outcome::unknown(&item.posting.key)).collect()
            }
            other => other?,
        };
        ended.extend(batch.iter().map(|item| item.posting.key.as_str()).zip(outcomes));
    }
    Ok(postings
        .iter()
        .map(
            |posting| match (ended.get(posting.key.as_str()), first.get(posting.key.as_str())) {
                (Some(ended), Some(first)) if *first == posting => ended.clone(),
                (Some(_), _) => outcome::rejected(
                    &posting.key,
                    "IDEMPOTENCY_CONFLICT",
                    "another posting of this call has the same key and other content",
                ),
                (None, _) => outcome::unknown(&posting.key),
            },
        )
        .collect())
}

/// Posts up to 100 records. The idempotency key follows from them, so the same batch after a crash finds the job of before.
async fn post_batch(client: &Client, items: &[Item<'_>], now: Instant, pace: &Pace) -> Result<Vec<WriteOutcome>> {
    let records: Vec<Value> = items.iter().map(|item| item.record.clone()).collect();
    let content = digest(Value::from(records.as_slice()).to_string().as_bytes());
    match hand_in(client, items, records, &uuid_of(&[&content])).await? {
        Sent::Ended(outcomes) => Ok(outcomes),
        Sent::Job(job) => Ok(settle(client, &job, items, pace).await),
        Sent::Before(job) => {
            let outcomes = settle(client, &job, items, pace).await;
            // What that job refused then may be welcome now (a period was reopened), but its answer stays what it was: those are
            // asked anew. They are not in the books and that job is over, so nothing can double.
            let again: Vec<usize> = (0..items.len()).filter(|at| refused(&outcomes[*at])).collect();
            if again.is_empty() {
                return Ok(outcomes);
            }
            Ok(post_again(client, items, outcomes, &again, &content, now, pace).await)
        }
    }
}

async fn post_again(
    client: &Client,
    items: &[Item<'_>],
    mut outcomes: Vec<WriteOutcome>,
    again: &[usize],
    content: &str,
    now: Instant,
    pace: &Pace,
) -> Vec<WriteOutcome> {
    let some: Vec<Item<'_>> = again
        .iter()
        .map(|at| Item {
            posting: items[*at].posting,
            record: items[*at].record.clone(),
        })
        .collect();
    let records = some.iter().map(|item| item.record.clone()).collect();
    let key = uuid_of(&[content, &now.to_rfc3339()]);
    let renewed = match hand_in(client, &some, records, &key).await {
        Ok(Sent::Ended(outcomes)) => outcomes,
        // The same instant: that job's answer is as new as it can be.
        Ok(Sent::Job(job) | Sent::Before(job)) => settle(client, &job, &some, pace).await,
        // The others are known already, so the call must not fail for these.
        Err(error) => {
            tracing::warn!(vendor.name = crate::VENDOR, %error, "refused before, not asked anew");
            some.iter().map(|item| outcome::unknown(&item.posting.key)).collect()
        }
    };
    for (at, outcome) in again.iter().zip(renewed) {
        outcomes[*at] = outcome;
    }
    outcomes
}

enum Sent {
    /// Nothing was taken; how each record ended.
    Ended(Vec<WriteOutcome>),
    /// A job does it.
    Job(String),
    /// A job of before did or does it.
    Before(String),
}

async fn hand_in(client: &Client, items: &[Item<'_>], records: Vec<Value>, once: &str) -> Result<Sent> {
    let keys = || items.iter().map(|item| item.posting.key.as_str());
    match client.create_batch(Table::TimeBill.record(), records, once).await {
        Ok(Taken::Job(job)) => Ok(Sent::Job(job)),
        Ok(Taken::Before(job)) => Ok(Sent::Before(job)),
        Err(Trouble::Failed(failure)) => {
            outcome_of(failure, "batch")?;
            Ok(Sent::Ended(keys().map(outcome::unknown).collect()))
        }
        Err(Trouble::Refused(refusal)) => keys().map(|key| refusal.outcome(key)).collect::<Result<_>>().map(Sent::Ended),
    }
}

/// Waits for a job, then says how each record ended. Whatever cannot be learned is UNKNOWN.
async fn settle(client: &Client, job: &str, items: &[Item<'_>], pace: &Pace) -> Vec<WriteOutcome> {
    let unknown = || items.iter().map(|item| outcome::unknown(&item.posting.key)).collect();
    match is_completed(client, job, pace).await {
        Ok(true) => {}
        Ok(false) => return unknown(),
        Err(error) => {
            tracing::warn!(vendor.name = crate::VENDOR, job, %error, "job not followed to its end");
            return unknown();
        }
    }
    let held = match held(client, items).await {
        Ok(held) => held,
        Err(error) => {
            tracing::warn!(vendor.name = crate::VENDOR, job, %error, "job done, books not read");
            return unknown();
        }
    };
    let unclear = items
        .iter()
        .any(|item| !matches!(held.get(&item.posting.key), Some(Held::Same(_))));
    let mut tasks = if unclear {
        tasks(client, job, items.len()).await
    } else {
        Vec::new()
    };
    tasks.resize_with(items.len(), || Task::Unclear);
    items
        .iter()
        .zip(tasks)
        .map(|(item, task)| ended(&item.posting.key, held.get(&item.posting.key), &task))
        .collect()
}

/// What the books hold under a key.
#[derive(Debug)]
enum Held {
    /// The same content.
    Same(String),
    /// The same person and project, with another day, duration or amount.
    Other,
    /// Work of somebody else, or on something else.
    Stranger,
}

async fn held(client: &Client, items: &[Item<'_>]) -> Result<HashMap<String, Held>> {
    let sql = posting::sql(items.iter().map(|item| item.posting.key.as_str()));
    let mut held = HashMap::new();
    for row in client.query_all(&sql).await? {
        let row = Reader(&row);
        let (Ok(key), Ok(id)) = (must(row, "externalid"), must(row, "id")) else {
            continue;
        };
        let Some(item) = items.iter().find(|item| item.posting.key == key) else {
            continue;
        };
        let found = match posting::difference(item.posting, row) {
            Ok(None) => Held::Same(id),
            Ok(Some(column)) => {
                tracing::warn!(
                    vendor.name = crate::VENDOR,
                    key,
                    vendor_id = id,
                    column,
                    "key is taken by other content"
                );
                if column == posting::EMPLOYEE || column == posting::PROJECT {
                    Held::Stranger
                } else {
                    Held::Other
                }
            }
            Err(misfit) => {
                tracing::warn!(vendor.name = crate::VENDOR, key, vendor_id = id, %misfit, "posting in the books does not fit");
                Held::Other
            }
        };
        held.insert(key, found);
    }
    Ok(held)
}

fn ended(key: &str, held: Option<&Held>, task: &Task) -> WriteOutcome {
    match (held, task) {
        (Some(Held::Same(id)), _) => outcome::confirmed(key, id),
        (Some(Held::Other), _) => outcome::unknown(key),
        (Some(Held::Stranger), _) => outcome::rejected(
            key,
            "VENDOR_REJECTED",
            "NetSuite has a time entry with this key of another person or project; compare the two",
        ),
        (None, Task::Refused(refusal)) => refusal.item_outcome(key),
        (None, Task::Done | Task::Lost) => outcome::unknown(key),
        (None, Task::Unclear) => outcome::rejected(
            key,
            "VENDOR_REJECTED",
            "NetSuite finished the batch without this time entry and does not say why",
        ),
    }
}

fn refused(outcome: &WriteOutcome) -> bool {
    use strata_contract::strata::common::v1::write_outcome::State;
    outcome.state() == State::Rejected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::{Meaning, Refusal};
    use strata_contract::strata::common::v1::write_outcome::State;

    #[test]
    fn the_books_decide_and_the_job_says_why() {
        let same = Held::Same("7".into());
        let closed = || {
            Task::Refused(Refusal {
                meaning: Meaning::PeriodClosed,
                detail: String::new(),
            })
        };
        for (held, task, state, reason) in [
            (Some(&same), Task::Done, State::Confirmed, ""),
            // Refused as a duplicate, and it is one.
            (Some(&same), closed(), State::Confirmed, ""),
            (Some(&Held::Other), Task::Done, State::Unknown, "VENDOR_UNAVAILABLE"),
            (Some(&Held::Other), closed(), State::Unknown, "VENDOR_UNAVAILABLE"),
            (Some(&Held::Stranger), Task::Done, State::Rejected, "VENDOR_REJECTED"),
            (None, closed(), State::Rejected, "PERIOD_CLOSED"),
            (None, Task::Unclear, State::Rejected, "VENDOR_REJECTED"),
            (None, Task::Lost, State::Unknown, "VENDOR_UNAVAILABLE"),
            (None, Task::Done, State::Unknown, "VENDOR_UNAVAILABLE"),
        ] {
            let outcome = ended("k", held, &task);
            assert_eq!(
                (outcome.state(), outcome.reason.as_str()),
                (state, reason),
                "{held:?} {task:?}"
            );
        }
    }
}
