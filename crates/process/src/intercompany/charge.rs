//! Charges one pair what was not charged before, stored as rows that never change and as two intended journals, in one transaction.

use prost::Message;
use serde_json::Value;
use strata_kernel::{Error, Result};
use strata_store::both;

use super::compute::{Target, Targets, charged, targets};
use super::journal::{self, Side};
use super::schedule::Input;
use super::work;
use crate::billing::{ledger, posting};
use crate::core::Core;
use crate::engine::{Done, Job, NewStep, Problem, Stop};
use crate::exceptions::Owner;
use crate::store::rows::{ChargeRow, PostingRow};
use crate::store::{lite, pg};

pub(super) async fn charge(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, run, step) = (job.core, job.run.clone(), job.step.name.clone());
    if core.db.read(move |c| both!(c, runs::later_done(&run, &step))).await? {
        return Ok(Done::note("a later month was charged first, and took everything along"));
    }
    let input: Input = serde_json::from_str(&job.run.input).map_err(Error::internal)?;
    let target = target(job, &input).await?;
    let rest = target.less(&charged(core, &target).await?)?;
    if rest.is_empty() {
        return Ok(Done::note("nothing to charge"));
    }
    let rows: Vec<ChargeRow> = rest
        .iter()
        .map(|(work_period, (minutes, amount))| ChargeRow {
            run_period: input.period(),
            delivering_entity_code: target.delivering.clone(),
            contracting_entity_code: target.contracting.clone(),
            work_period: work_period.clone(),
            currency_code: target.currency_code.clone(),
            minutes: *minutes,
            minor_units: amount.minor,
            known_on: input.known_on,
            correlation_id: job.run.correlation_id.clone(),
        })
        .collect();
    let (mut postings, mut done) = (Vec::new(), Done::note(&target.name()));
    // Minutes that cost nothing make no journal.
    if rest.values().any(|(_, amount)| amount.minor != 0) {
        for side in [Side::Delivering, Side::Contracting] {
            postings.push(posting(job, &input, &target, &rows, side).await?);
            done.steps.push(NewStep::new(format!("{}:{}", side.step(), target.name())));
        }
    }
    Ok(done.also(move |c| {
        both!(c, intercompany::add(&rows))?;
        ledger::intend(c, &postings)
    }))
}

/// The pair of a step, as the run saw it first.
pub(super) async fn seen(job: &Job<'_>) -> Result<Target> {
    let results = job.results().await?;
    let pairs = results.get("compute").and_then(|result| result.get("pairs"));
    let mut pairs: Targets = serde_json::from_value(pairs.cloned().unwrap_or(Value::Null)).map_err(Error::internal)?;
    let seen = pairs.remove(job.subject());
    seen.ok_or_else(|| Error::internal(format!("run {} knows no pair {}", job.run.id, job.subject())))
}

/// What is known of the pair. The first look is good enough when everything had its rate; else it is looked at anew, with the
/// rates that are known by now: somebody may have entered what was missing.
async fn target(job: &Job<'_>, input: &Input) -> Result<Target, Stop> {
    let results = job.results().await?;
    let pairs = results
        .get("compute")
        .and_then(|result| result.get("pairs"))
        .cloned()
        .unwrap_or(Value::Null);
    let mut pairs: Targets = serde_json::from_value(pairs).map_err(Error::internal)?;
    let seen = pairs.remove(job.subject());
    let seen = seen.ok_or_else(|| Error::internal(format!("run {} knows no pair {}", job.run.id, job.subject())))?;
    if seen.unpriced == 0 {
        return Ok(seen);
    }
    let work = work::read(job.core, input.asked(), job.core.today()).await?;
    let missing = work
        .refused
        .iter()
        .filter(|(lent, _)| lent.delivering == seen.delivering && lent.contracting == seen.contracting);
    let missing: Vec<_> = missing.collect();
    if let Some((lent, refusal)) = missing.first() {
        let roles: Vec<&str> = missing.iter().skip(1).map(|(lent, _)| lent.role.as_str()).collect();
        let others = if roles.is_empty() {
            String::new()
        } else {
            format!("; the same goes for {}", roles.join(", "))
        };
        let object = format!("{}: {}", seen.name(), lent.role);
        let text = format!("{}{others}", refusal.message);
        let problem = Problem::new(refusal.reason, "transfer_rate", &object, Owner::Finance, text);
        return Err(problem.at("transfer_rate").into());
    }
    // What was there has gone: nothing is left of it to charge, and what was charged is taken back.
    let gone = Target {
        months: Default::default(),
        unpriced: 0,
        ..seen.clone()
    };
    Ok(targets(work).remove(&seen.name()).unwrap_or(gone))
}

async fn posting(job: &Job<'_>, input: &Input, target: &Target, rows: &[ChargeRow], side: Side) -> Result<PostingRow, Stop> {
    let core: &Core = job.core;
    let fx_rate = journal::fx_rate(core, target, side, input.month_end).await?;
    let body = journal::body(target, rows, side, input, fx_rate)?;
    let key = journal::key(target, &input.period(), side);
    let name = format!("{} {}", target.name(), input.period());
    Ok(PostingRow {
        correlation_id: job.run.correlation_id.clone(),
        ..PostingRow::intended(posting::JOURNAL, &key, &name, body.encode_to_vec(), core.now())
    })
}
