//! Approved time becomes postings: what each version of an entry cost and may bill, written into the ledger
//! before anything is sent. A correction takes the version before it back in full and posts its own.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use prost::Message;
use strata_contract::strata::master::v1::Employee;
use strata_contract::strata::process::time::v1::TimeEntryAccepted;
use strata_contract::strata::system::erp::v1::TimePosting;
use strata_contract::{money, pb_date, pb_money};
use strata_events::Event;
use strata_finance::billing::price_time;
use strata_finance::rounding::after_write_down;
use strata_kernel::{Error, Instant, Result};
use strata_store::{Conn, both};

use super::{Pricing, cost, ledger, posting, work_of};
use crate::core::Core;
use crate::engine::{self, Done, Job, NewRun, NewStep, Problem, Stop, kind};
use crate::exceptions::Owner;
use crate::master_view::View;
use crate::masters::job_on;
use crate::store::rows::{PostingRow, TimeEntryRow, TimeVersionRow};
use crate::store::{lite, pg};

/// Versions taken at a time.
const BATCH: i64 = 500;

pub(crate) type Version = (TimeEntryRow, TimeVersionRow);

/// Prepares every version that has no posting yet. One that cannot be priced gets a run of its own, which
/// stops at an exception and prepares it when it is mended.
pub(crate) async fn prepare(core: &Core) -> Result<u64> {
    let mut total = 0;
    loop {
        let versions = core.db.read(|c| both!(c, work::unposted("", BATCH))).await?;
        if versions.is_empty() {
            return Ok(total);
        }
        total += versions.len() as u64;
        let names = versions
            .iter()
            .map(|(entry, _)| (entry.contract_id.as_str(), entry.employee_id.as_str()));
        let (rates, now) = (Rates::of(&View::of(core).await?, names).await?, core.now());
        core.db
            .write(move |c| {
                let ids: Vec<String> = versions.iter().map(|(_, version)| version.psa_id.clone()).collect();
                store(c, versions.clone(), &rates, now)?;
                both!(c, work::mark_posted(&ids)).map(drop)
            })
            .await?;
    }
}

/// Writes the postings of versions, in the caller's transaction, and tells of them. One that cannot be priced gets a run. Returns why, by
/// the version's id in the PSA. From then on all of them count as posted: the caller stores that.
pub(crate) fn store(
    conn: &mut Conn<'_>,
    mut versions: Vec<Version>,
    rates: &Rates,
    now: Instant,
) -> Result<HashMap<String, Problem>> {
    // Earlier versions first: a correction takes back what the one before posted.
    versions.sort_by(|a, b| (&a.1.entry_id, a.1.version).cmp(&(&b.1.entry_id, b.1.version)));
    let known = Known::of(conn, rates, &versions)?;
    let (mut rows, mut events, mut problems) = (Vec::new(), Vec::new(), HashMap::new());
    for version in &versions {
        if version.1.version > 1 {
            // It looks at what stands in the ledger.
            ledger::intend(conn, &std::mem::take(&mut rows))?;
        }
        match postings(conn, version, &known, now)? {
            Ok((body, own)) => {
                events.push(told(version, &body, now)?);
                rows.extend(own);
            }
            Err(problem) => {
                engine::insert(conn, &run(version), now)?;
                problems.insert(version.1.psa_id.clone(), problem);
            }
        }
    }
    ledger::intend(conn, &rows)?;
    strata_events::append_all(conn, &events)?;
    Ok(problems)
}

fn run((entry, version): &Version) -> NewRun {
    NewRun {
        kind: kind::TIME_POSTING,
        subject: version.psa_id.clone(),
        ordering_key: format!("time-posting:{}", entry.id),
        engagement_id: entry.engagement_id.clone(),
        input: "{}".to_owned(),
        steps: vec![NewStep::new("prepare")],
    }
}

/// Tries again to prepare one version. One that a later version took the place of is never posted.
pub(crate) async fn prepare_one(job: &Job<'_>) -> Result<Done, Stop> {
    let id = job.run.subject.clone();
    let found = job.core.db.read(move |c| both!(c, work::version(&id))).await?;
    let version = found.ok_or_else(|| Error::not_found("time entry", &job.run.subject))?;
    let names = [(version.0.contract_id.as_str(), version.0.employee_id.as_str())];
    let (rates, now) = (Rates::of(&View::of(job.core).await?, names).await?, job.core.now());
    let prepared = job.core.db.write(move |c| {
        let held = both!(c, work::versions(std::slice::from_ref(&version.0.id)))?;
        if held.iter().any(|other| other.version > version.1.version) {
            return Ok(Ok("a later version took its place"));
        }
        let known = Known::of(c, &rates, std::slice::from_ref(&version))?;
        match postings(c, &version, &known, now)? {
            Ok((body, rows)) => {
                ledger::intend(c, &rows)?;
                strata_events::append(c, &told(&version, &body, now)?)?;
                Ok(Ok("prepared"))
            }
            Err(problem) => Ok(Err(problem)),
        }
    });
    match prepared.await? {
        Ok(note) => Ok(Done::note(note)),
        Err(problem) => Err(problem.into()),
    }
}

/// What contracts and people say of price and cost.
pub(crate) struct Rates {
    pricing: HashMap<String, Arc<Pricing>>,
    people: HashMap<String, Arc<Employee>>,
}

impl Rates {
    /// Asks master data about contracts and people, by our ids.
    pub(crate) async fn of<'a>(view: &View<'_>, names: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let (contracts, people): (BTreeSet<&str>, BTreeSet<&str>) = names.into_iter().unzip();
        let (pricing, people) = tokio::try_join!(view.pricing(contracts), view.people(people))?;
        Ok(Self { pricing, people })
    }
}

/// What pricing stands on.
struct Known<'a> {
    rates: &'a Rates,
    /// Every version of the entries.
    versions: HashMap<String, Vec<TimeVersionRow>>,
}

impl<'a> Known<'a> {
    fn of(conn: &mut Conn<'_>, rates: &'a Rates, versions: &[Version]) -> Result<Self> {
        let mut by_entry: HashMap<String, Vec<TimeVersionRow>> = HashMap::new();
        // An entry of one version is known as it is.
        let (corrections, originals): (Vec<&Version>, _) = versions.iter().partition(|(_, version)| version.version > 1);
        for (entry, version) in originals {
            by_entry.insert(entry.id.clone(), vec![version.clone()]);
        }
        let ids: Vec<String> = corrections.into_iter().map(|(entry, _)| entry.id.clone()).collect();
        if !ids.is_empty() {
            let held = both!(conn, work::versions(&ids))?;
            ids.iter().for_each(|id| drop(by_entry.remove(id)));
            held.into_iter()
                .for_each(|row| by_entry.entry(row.entry_id.clone()).or_default().push(row));
        }
        Ok(Self {
            rates,
            versions: by_entry,
        })
    }
}

/// The body of a version's posting, and the rows it leads to, in the caller's transaction. An error within: it cannot be priced yet.
fn postings(
    conn: &mut Conn<'_>,
    (entry, version): &Version,
    known: &Known<'_>,
    now: Instant,
) -> Result<Result<(TimePosting, Vec<PostingRow>), Problem>> {
    let body = match body(entry, version, known) {
        Ok(body) => body,
        Err(refusal) => return Ok(Err(Problem::of(&refusal, "time_entry", &entry.reference, Owner::Finance))),
    };
    let person = known.rates.people.get(&entry.employee_id);
    let job = person.and_then(|person| job_on(person, entry.work_date));
    let employer = job.map_or("", |job| job.legal_entity_code.as_str());
    let mut rows: Vec<PostingRow> = reversal(conn, entry, version.version)?
        .iter()
        .map(|body| row(entry, body, employer, now))
        .collect();
    if body.minutes != 0 {
        rows.push(row(entry, &body, employer, now));
    }
    Ok(Ok((body, rows)))
}

fn told((entry, version): &Version, body: &TimePosting, now: Instant) -> Result<Event> {
    let accepted = TimeEntryAccepted {
        entry_id: entry.id.clone(),
        version: u32::try_from(version.version).map_err(Error::internal)?,
        reference: entry.reference.clone(),
        project_code: entry.project_code.clone(),
        contract_id: entry.contract_id.clone(),
        work_date: body.work_date,
        minutes: body.minutes,
        billable_minutes: body.billable_minutes,
        bill_amount: body.bill_amount.clone(),
    };
    Event::told(&accepted, &accepted.version.to_string(), &entry.correlation_id, now)
}

/// Key of the posting of an entry's version.
pub(crate) fn key(entry_id: &str, version: i32) -> String {
    format!("time:{entry_id}:v{version}")
}

/// A posting with our ids in it. The ERP's take their place when it is sent.
fn body(entry: &TimeEntryRow, version: &TimeVersionRow, known: &Known<'_>) -> Result<TimePosting> {
    let person = known
        .rates
        .people
        .get(&entry.employee_id)
        .ok_or_else(|| Error::not_found("employee", &entry.employee_id))?;
    let pricing = known.rates.pricing.get(&entry.contract_id);
    let mut billable_minutes = 0;
    let mut bill_amount = None;
    if let Some(pricing) = pricing.filter(|_| version.billable) {
        let write_down = u32::try_from(version.write_down_minutes).unwrap_or_default();
        billable_minutes = after_write_down(i64::from(version.minutes), pricing.terms.time_rounding, write_down)?;
        if pricing.is_by_the_hour() {
            // As known on the day of this version: a later one is a posting of its own.
            let versions = known.versions.get(&entry.id).map(Vec::as_slice).unwrap_or_default();
            let until: Vec<TimeVersionRow> = versions
                .iter()
                .filter(|held| held.version <= version.version)
                .cloned()
                .collect();
            let work = work_of::entry(entry, &until, &HashMap::new(), pricing.terms.currency);
            let price = price_time(&pricing.terms, &pricing.rates, &work, version.approved_on)?;
            bill_amount = price.map(|price| pb_money(price.amount));
        }
    }
    Ok(TimePosting {
        key: key(&entry.id, version.version),
        employee_id: entry.employee_id.clone(),
        project_id: entry.project_id.clone(),
        work_date: Some(pb_date(entry.work_date)),
        minutes: version.minutes,
        billable_minutes: i32::try_from(billable_minutes).map_err(Error::internal)?,
        bill_amount,
        cost_amount: Some(pb_money(cost::cost(person, entry.work_date, i64::from(version.minutes))?)),
        billable: version.billable,
        memo: entry.reference.clone(),
        ..TimePosting::default()
    })
}

/// The exact mirror of what stands in the ledger for an entry before a version of it. None: nothing does, because
/// the versions before were of no time, could not be priced, were left out, or were taken back.
fn reversal(conn: &mut Conn<'_>, entry: &TimeEntryRow, before: i32) -> Result<Option<TimePosting>> {
    for version in (1..before).rev() {
        let key = key(&entry.id, version);
        // What people left out never got there.
        let left_out = |row: &PostingRow| matches!(row.state.as_str(), "SKIPPED" | "WITHDRAWN");
        let Some(held) = both!(conn, postings::get(&key))?.filter(|row| !left_out(row)) else {
            continue;
        };
        let reversal = format!("{key}:reversal");
        if both!(conn, postings::get(&reversal))?.is_some() {
            return Ok(None);
        }
        let posted = TimePosting::decode(held.body.as_slice()).map_err(Error::internal)?;
        let mirrored = |amount: Option<&_>| {
            let amount = amount.map(money).transpose()?;
            Ok::<_, Error>(amount.map(|amount| pb_money(amount.negated())))
        };
        return Ok(Some(TimePosting {
            key: reversal,
            minutes: -posted.minutes,
            billable_minutes: -posted.billable_minutes,
            bill_amount: mirrored(posted.bill_amount.as_ref())?,
            cost_amount: mirrored(posted.cost_amount.as_ref())?,
            // Its period may have been closed since, or opened.
            posting_date: None,
            original_period: String::new(),
            ..posted
        }));
    }
    Ok(None)
}

fn row(entry: &TimeEntryRow, body: &TimePosting, employer: &str, now: Instant) -> PostingRow {
    PostingRow {
        subject: entry.project_code.clone(),
        legal_entity_code: employer.to_owned(),
        engagement_id: entry.engagement_id.clone(),
        correlation_id: entry.correlation_id.clone(),
        ..PostingRow::intended(posting::TIME, &body.key, &entry.reference, body.encode_to_vec(), now)
    }
}
