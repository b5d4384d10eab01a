//! What the tenant knows of its workers: nothing but entries, each with the day it takes effect and the moment it was made.
//!
//! What a worker is on a day, as known at a moment, follows from the entries made by that moment that are in effect on that
//! day. Entries are never changed or removed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use strata_sandbox::{Body, Kind, Tx, View};
use uuid::Uuid;

/// How the store keeps workers and entries.
pub(crate) static KINDS: &[Kind] = &[
    Kind {
        name: WORKER,
        indexes: &["employee_id", "wid"],
    },
    Kind {
        name: ENTRY,
        indexes: &["worker"],
    },
];
const WORKER: &str = "worker";
const ENTRY: &str = "entry";
/// Entries read from the log at a time.
const CHUNK: usize = 500;

/// The keys of a worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) employee_id: String,
    pub(crate) wid: String,
}

/// Something entered about a worker.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its number, in the order of entry.
    pub(crate) number: u64,
    pub(crate) worker: u64,
    pub(crate) entered: DateTime<Utc>,
    pub(crate) effective: NaiveDate,
    pub(crate) event: Event,
}

/// What happened. Amounts and shares are kept as text, to the digit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    Hire {
        first_name: String,
        last_name: String,
        email: String,
        company: String,
        role: String,
        fte: String,
    },
    ChangeJob {
        company: Option<String>,
        role: Option<String>,
        fte: Option<String>,
    },
    Terminate,
    Compensation {
        hourly: String,
        currency: String,
    },
}

impl Event {
    /// The name of the business process behind it.
    pub(crate) fn process(&self) -> &'static str {
        match self {
            Self::Hire { .. } => "Hire Employee",
            Self::ChangeJob { .. } => "Change Job",
            Self::Terminate => "Terminate Employee",
            Self::Compensation { .. } => "Request Compensation Change",
        }
    }

    /// Names of all business processes.
    pub(crate) const PROCESSES: [&'static str; 4] = [
        "Hire Employee",
        "Change Job",
        "Terminate Employee",
        "Request Compensation Change",
    ];
}

/// A job as it is on a day.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job {
    pub(crate) since: NaiveDate,
    pub(crate) company: String,
    pub(crate) role: String,
    /// Percent of full time.
    pub(crate) fte: String,
}

/// A pay as it is on a day.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pay {
    pub(crate) since: NaiveDate,
    pub(crate) hourly: String,
    pub(crate) currency: String,
}

/// A worker on a day, as known at a moment.
#[derive(Clone, Debug)]
pub(crate) struct Worker {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    /// Known early: it may lie ahead of the day.
    pub(crate) hired: NaiveDate,
    /// Last day of work. Known early: it may lie ahead of the day.
    pub(crate) terminated: Option<NaiveDate>,
    /// Nothing before the first day of work.
    pub(crate) job: Option<Job>,
    pub(crate) pay: Option<Pay>,
}

impl Worker {
    /// Whether the worker works here on this day.
    pub(crate) fn is_active(&self, day: NaiveDate) -> bool {
        self.hired <= day && self.terminated.is_none_or(|last| day <= last)
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

/// What the entries say about a worker on `day`; `known_by`: leaving out what was entered later. `None`: not hired yet then.
pub(crate) fn as_of(entries: &[Entry], day: NaiveDate, known_by: Option<DateTime<Utc>>) -> Option<Worker> {
    let mut known: Vec<_> = entries.iter().filter(|e| known_by.is_none_or(|t| e.entered <= t)).collect();
    // Entered later counts more when both take effect on the same day.
    known.sort_by_key(|e| (e.effective, e.number));
    let mut worker = known.iter().find_map(|e| match &e.event {
        Event::Hire {
            first_name,
            last_name,
            email,
            ..
        } => Some(Worker {
            first_name: first_name.clone(),
            last_name: last_name.clone(),
            email: email.clone(),
            hired: e.effective,
            terminated: None,
            job: None,
            pay: None,
        }),
        _ => None,
    })?;
    worker.terminated = known
        .iter()
        .find(|e| matches!(e.event, Event::Terminate))
        .map(|e| e.effective);
    // What was planned for a day after the last one never takes effect.
    let last = worker.terminated.map_or(day, |t| t.min(day));
    for entry in known.iter().filter(|e| e.effective <= last) {
        apply(&mut worker, entry);
    }
    Some(worker)
}

fn apply(worker: &mut Worker, entry: &Entry) {
    let since = entry.effective;
    match &entry.event {
        Event::Hire { company, role, fte, .. } => {
            worker.job = Some(Job {
                since,
                company: company.clone(),
                role: role.clone(),
                fte: fte.clone(),
            });
        }
        Event::ChangeJob { company, role, fte } => {
            if let Some(job) = &mut worker.job {
                job.since = since;
                for (field, new) in [(&mut job.company, company), (&mut job.role, role), (&mut job.fte, fte)] {
                    if let Some(new) = new {
                        field.clone_from(new);
                    }
                }
            }
        }
        Event::Compensation { hourly, currency } => {
            worker.pay = Some(Pay {
                since,
                hourly: hourly.clone(),
                currency: currency.clone(),
            });
        }
        Event::Terminate => {}
    }
}

/// A worker's 32-digit id, which follows from the employee number.
fn wid(kind: &str, key: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/{kind}/{key}", crate::TENANT).as_bytes())
        .simple()
        .to_string()
}

/// The 32-digit id of an entry.
pub(crate) fn entry_wid(number: u64) -> String {
    wid(ENTRY, &number.to_string())
}

/// The 32-digit id of an organization.
pub(crate) fn organization_wid(code: &str) -> String {
    wid("organization", code)
}

/// Makes a worker without entries.
pub(crate) fn add_worker(tx: &mut Tx<'_>, employee_id: &str, at: DateTime<Utc>) -> (u64, Identity) {
    let identity = Identity {
        employee_id: employee_id.to_owned(),
        wid: wid(WORKER, employee_id),
    };
    let body = json!({ "employee_id": identity.employee_id, "wid": identity.wid });
    (tx.insert(WORKER, fields(body), at), identity)
}

/// Enters something about a worker; gives the entry's number.
pub(crate) fn enter(tx: &mut Tx<'_>, worker: u64, effective: NaiveDate, event: &Event, at: DateTime<Utc>) -> u64 {
    tx.insert(
        ENTRY,
        fields(json!({ "worker": worker, "effective": effective, "event": event })),
        at,
    )
}

fn fields(value: Value) -> Body {
    match value {
        Value::Object(body) => body,
        _ => Body::new(),
    }
}

/// All workers, in the order they were made.
pub(crate) fn workers(view: &View<'_>) -> Vec<u64> {
    view.all(WORKER)
}

/// When a worker was entered: the moment of the hire.
pub(crate) fn first_entered(view: &View<'_>, worker: u64) -> Option<DateTime<Utc>> {
    Some(view.record(WORKER, worker)?.created)
}

/// The worker with this employee number or 32-digit id.
pub(crate) fn find(view: &View<'_>, index: &'static str, id: &str) -> Option<u64> {
    view.find(WORKER, index, id).first().copied()
}

/// The keys of a worker.
pub(crate) fn identity(view: &View<'_>, worker: u64) -> Option<Identity> {
    serde_json::from_value(Value::Object(view.get(WORKER, worker)?)).ok()
}

/// What was entered about a worker, in the order of entry.
pub(crate) fn entries(view: &View<'_>, worker: u64) -> Vec<Entry> {
    let numbers = view.find(ENTRY, "worker", &worker.to_string());
    numbers.into_iter().filter_map(|n| read(&view.record(ENTRY, n)?)).collect()
}

fn read(record: &strata_sandbox::Record) -> Option<Entry> {
    let body = &record.body;
    Some(Entry {
        number: record.id,
        worker: body.get("worker")?.as_u64()?,
        entered: record.created,
        effective: body.get("effective")?.as_str()?.parse().ok()?,
        event: serde_json::from_value(body.get("event")?.clone()).ok()?,
    })
}

/// Hands over every entry made at or after `from`, in the order of entry, until `visit` says it is enough.
pub(crate) fn log(view: &View<'_>, from: DateTime<Utc>, mut visit: impl FnMut(&Entry) -> bool) {
    let mut after = None;
    loop {
        let page = view.changed(ENTRY, from, CHUNK, after);
        let Some(last) = page.last() else { return };
        after = Some((last.modified, last.id));
        if !page.iter().filter_map(read).all(|entry| visit(&entry)) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn moment(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(hours * 3_600, 0).unwrap()
    }

    /// Entries made an hour apart.
    fn history(events: Vec<(&str, Event)>) -> Vec<Entry> {
        let entry = |(n, (effective, event)): (usize, (&str, Event))| Entry {
            number: n as u64 + 1,
            worker: 1,
            entered: moment(n as i64),
            effective: day(effective),
            event,
        };
        events.into_iter().enumerate().map(entry).collect()
    }

    fn hire() -> Event {
        let text = str::to_owned;
        Event::Hire {
            first_name: text("Ada"),
            last_name: text("King"),
            email: text("ada@firm.example"),
            company: text("DE01"),
            role: text("analyst"),
            fte: text("100"),
        }
    }

    fn change(role: Option<&str>, fte: Option<&str>) -> Event {
        Event::ChangeJob {
            company: None,
            role: role.map(str::to_owned),
            fte: fte.map(str::to_owned),
        }
    }

    fn job(entries: &[Entry], on: &str, known_by: Option<DateTime<Utc>>) -> Option<(String, String, NaiveDate)> {
        let job = as_of(entries, day(on), known_by)?.job?;
        Some((job.role, job.fte, job.since))
    }

    #[test]
    fn a_day_sees_what_is_in_effect_and_a_moment_what_was_known() {
        let all = history(vec![
            ("2026-01-01", hire()),
            ("2026-06-01", change(Some("manager"), None)),
            // Entered last, in effect before the promotion, and only about the share.
            ("2026-03-01", change(None, Some("80"))),
        ]);
        let is = |on: &str, known, expected: (&str, &str, &str)| {
            let (role, fte, since) = job(&all, on, known).unwrap();
            assert_eq!(
                (role.as_str(), fte.as_str(), since),
                (expected.0, expected.1, day(expected.2)),
                "{on}"
            );
        };
        is("2026-02-28", None, ("analyst", "100", "2026-01-01"));
        is("2026-03-01", None, ("analyst", "80", "2026-03-01"));
        is("2026-07-01", None, ("manager", "80", "2026-06-01"));
        is("2026-07-01", Some(moment(1)), ("manager", "100", "2026-06-01"));
        is("2026-07-01", Some(moment(0)), ("analyst", "100", "2026-01-01"));
        assert_eq!(job(&all, "2025-12-31", None), None);
        assert!(as_of(&all, day("2026-07-01"), Some(moment(-1))).is_none());
    }

    #[test]
    fn what_is_entered_later_for_the_same_day_counts() {
        let all = history(vec![
            ("2026-01-01", hire()),
            ("2026-03-01", change(Some("one"), None)),
            ("2026-03-01", change(Some("two"), None)),
        ]);
        assert_eq!(job(&all, "2026-03-01", None).unwrap().0, "two");
        assert_eq!(job(&all, "2026-03-01", Some(moment(1))).unwrap().0, "one");
    }

    #[test]
    fn the_last_day_is_a_working_day_and_nothing_changes_behind_it() {
        let all = history(vec![
            ("2026-01-01", hire()),
            ("2026-09-01", change(Some("manager"), None)),
            ("2026-06-30", Event::Terminate),
        ]);
        let worker = as_of(&all, day("2026-12-01"), None).unwrap();
        assert_eq!(worker.job.as_ref().unwrap().role, "analyst");
        assert!(worker.is_active(day("2026-06-30")) && !worker.is_active(day("2026-07-01")));
        assert!(!worker.is_active(day("2025-12-31")));
        let early = as_of(&all, day("2026-02-01"), None).unwrap();
        assert_eq!(early.terminated, Some(day("2026-06-30")), "a planned end shows early");
    }
}
