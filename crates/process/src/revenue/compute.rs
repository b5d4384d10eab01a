//! What a contract earned in a month: cumulative revenue less what was recognised before, stored as events that never change and as
//! an intended journal, in one transaction.

use prost::Message;
use strata_kernel::{Error, Instant, Money, Reason, Result, period_of};
use strata_store::{Conn, both};

use super::agreement::Agreement;
use super::earned::{self, Cut, Earned};
use super::facts::Facts;
use super::schedule::RevenueInput;
use super::{journal, kind};
use crate::billing::{exchange, ledger, posting};
use crate::core::Core;
use crate::engine::{Done, Job, NewStep, Problem, Stop};
use crate::exceptions::{self, Owner};
use crate::hand_offs::{self, HandOff, PLATFORM};
use crate::positions;
use crate::store::rows::{PostingRow, RevenueRow, RunRow};
use crate::store::{lite, pg};

/// What somebody should look at. Each is an exception while it holds.
const WARNINGS: [Reason; 2] = ["EAC_MISSING", "EAC_BELOW_ACTUAL"];

pub(super) async fn compute(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, run) = (job.core, job.run);
    let input: RevenueInput = serde_json::from_str(&run.input).map_err(Error::internal)?;
    wait_for_month_before(core, run).await?;
    let agreement = Agreement::read(core, &input.contract_id).await?;
    let cut = Cut {
        month_end: input.month_end,
        known_on: input.known_on,
    };
    let facts = Facts::read(core, &agreement, cut.month_end, cut.known_on).await?;
    let parts = parts(core, &agreement, &facts, cut).await?;
    let earned = |part: &Part| part.amount.minor != 0;
    let key = key_of(run);
    let journal_key = if parts.iter().any(earned) { key.as_str() } else { "" };
    let rows: Vec<RevenueRow> = parts
        .iter()
        .map(|part| row(&agreement, part, cut, (&key, journal_key), run))
        .collect();
    let problems = problems(&agreement, &parts, &facts, cut);
    let (mut done, intended) = if journal_key.is_empty() {
        (Done::note("nothing earned"), None)
    } else {
        let posting = posting_row(core, &agreement, &parts, cut, (run, &key)).await?;
        let mut done = Done::note(&key).with(told(&agreement, &parts, cut, &key)?);
        done.steps.push(NewStep::new("post"));
        (done, Some(posting))
    };
    let (run, now, number) = (run.clone(), core.now(), agreement.number().to_owned());
    done = done.also(move |c| {
        both!(c, revenue::insert(&rows))?;
        let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
        positions::touch(c, positions::kind::REVENUE, &keys, now)?;
        if let Some(posting) = &intended {
            ledger::intend(c, std::slice::from_ref(posting))?;
        }
        warn(c, &number, &problems, &run, now)
    });
    Ok(done)
}

/// Key of the journal of a run, in the ledger and at the vendor. Its subject is "contract:period".
pub(super) fn key_of(run: &RunRow) -> String {
    format!("rev:{}", run.subject)
}

/// A month is recognised on top of the one before it.
async fn wait_for_month_before(core: &Core, run: &RunRow) -> Result<(), Stop> {
    let run = run.clone();
    if core.db.read(move |c| both!(c, runs::earlier_open(&run, "compute"))).await? {
        let text = "revenue of an earlier month is not recognised yet";
        return Err(Stop::Later(Error::precondition("PERIOD_NOT_OPEN", text)));
    }
    Ok(())
}

/// One kind of revenue of a period.
pub(crate) struct Part {
    pub(crate) kind: &'static str,
    pub(crate) before: Money,
    pub(crate) earned: Earned,
    pub(crate) amount: Money,
}

/// Work and fees, then expenses, each with what was recognised before.
pub(super) async fn parts(core: &Core, agreement: &Agreement, facts: &Facts, cut: Cut) -> Result<Vec<Part>> {
    let (contract, period) = (agreement.pricing.contract_id.clone(), period_of(cut.month_end));
    let before = core
        .db
        .read(move |c| {
            let work = both!(c, revenue::before(&contract, kind::REVENUE, &period))?;
            Ok((work, both!(c, revenue::before(&contract, kind::EXPENSE, &period))?))
        })
        .await?;
    let part = |kind, before: Option<i64>, earned: Earned| {
        let before = Money::new(before.unwrap_or_default(), agreement.zero().currency);
        let amount = earned.cumulative.plus(before.negated())?;
        Ok::<_, Error>(Part {
            kind,
            before,
            earned,
            amount,
        })
    };
    Ok(vec![
        part(kind::REVENUE, before.0, earned::work(agreement, facts, cut)?)?,
        part(kind::EXPENSE, before.1, earned::expenses(agreement, facts)?)?,
    ])
}

fn row(agreement: &Agreement, part: &Part, cut: Cut, (key, journal_key): (&str, &str), run: &RunRow) -> RevenueRow {
    // Both kinds share the journal; a kind that earned nothing has no line in it.
    let nothing = part.amount.minor == 0;
    RevenueRow {
        key: format!("{key}:{}", part.kind),
        contract_id: agreement.pricing.contract_id.clone(),
        contract_number: agreement.number().to_owned(),
        engagement_id: agreement.pricing.engagement_id.clone(),
        period: period_of(cut.month_end),
        kind: part.kind.to_owned(),
        contract_type: agreement.kind.as_str_name().to_owned(),
        measure: part.earned.measure.to_owned(),
        currency_code: agreement.pricing.terms.currency.code().to_owned(),
        cumulative_before: part.before.minor,
        cumulative: part.earned.cumulative.minor,
        amount: part.amount.minor,
        known_on: cut.known_on,
        basis: part.earned.basis.clone(),
        warning: part.earned.warning.unwrap_or_default().to_owned(),
        state: if nothing { "NOTHING" } else { "RECOGNISED" }.to_owned(),
        journal_key: if nothing { String::new() } else { journal_key.to_owned() },
        erp_id: String::new(),
        correlation_id: run.correlation_id.clone(),
    }
}

async fn posting_row(
    core: &Core,
    agreement: &Agreement,
    parts: &[Part],
    cut: Cut,
    (run, key): (&RunRow, &str),
) -> Result<PostingRow, Stop> {
    let fx_rate = exchange::functional_rate(core, &agreement.pricing, cut.month_end).await?;
    let amount = |kind: &str| {
        let part = parts.iter().find(|part| part.kind == kind);
        part.map_or(agreement.zero(), |part| part.amount)
    };
    let body = journal::body(
        agreement,
        cut.month_end,
        fx_rate,
        amount(kind::REVENUE),
        amount(kind::EXPENSE),
    )?;
    let name = format!("{} {}", agreement.number(), period_of(cut.month_end));
    Ok(PostingRow {
        engagement_id: agreement.pricing.engagement_id.clone(),
        correlation_id: run.correlation_id.clone(),
        ..PostingRow::intended(posting::JOURNAL, key, &name, body.encode_to_vec(), core.now())
    })
}

fn told(agreement: &Agreement, parts: &[Part], cut: Cut, key: &str) -> Result<HandOff> {
    let mut amounts = parts.iter().map(|part| part.amount);
    let sum = amounts.try_fold(agreement.zero(), Money::plus)?;
    let text = format!("{} {} {sum}", period_of(cut.month_end), sum.currency);
    Ok(HandOff::done("revenue recognised", PLATFORM, "journal", key, key).saying(text))
}

/// What the PMO should look at. Without approved work a missing estimate is nobody's fault.
fn problems(agreement: &Agreement, parts: &[Part], facts: &Facts, cut: Cut) -> Vec<Problem> {
    let worked = earned::worked_minutes(facts, cut.known_on);
    let warned = parts.iter().filter_map(|part| part.earned.warning);
    let number = agreement.number();
    let problem = |warning: Reason| {
        let text = match warning {
            "EAC_MISSING" => format!("{number} earns nothing: enter how many hours its projects take in all"),
            _ => format!("{number} took {worked} minutes, more than were estimated in all: enter a new estimate"),
        };
        Problem::new(warning, "contract", number, Owner::Pmo, text).at("eac_minutes")
    };
    warned.filter(|_| worked > 0).map(problem).collect()
}

/// Opens what holds now, and resolves what held at an earlier close.
fn warn(conn: &mut Conn<'_>, number: &str, problems: &[Problem], run: &RunRow, now: Instant) -> Result<()> {
    let mut stories = Vec::new();
    for problem in problems {
        let (_, _, story) = exceptions::open(conn, problem, &run.engagement_id, now)?;
        stories.extend(story);
    }
    for cause in WARNINGS {
        if !problems.iter().any(|problem| problem.cause == cause) {
            let id = Problem::new(cause, "contract", number, Owner::Pmo, "").exception_id();
            stories.extend(exceptions::resolve(conn, &id, now)?);
        }
    }
    hand_offs::record(conn, &run.engagement_id, &run.correlation_id, &stories, now)
}
