//! What the PSA says of a milestone: delivered, accepted by the customer, or sent back.

use strata_contract::strata::process::billing::v1::{Milestone, MilestoneState};
use strata_contract::strata::system::psa::v1::{ProjectMilestone, ProjectMilestoneState};
use strata_contract::{behavior, pb_date, require_date};
use strata_kernel::{Error, Instant, Kind, Result};
use strata_store::{Conn, both};

use super::tell;
use crate::engine::{Done, Job, Problem, Stop};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;
use crate::json;
use crate::store::rows::MilestoneRow;
use crate::store::{lite, pg};

/// Takes what `system` says of a milestone, in the caller's transaction. True: it is news. A problem: somebody has to mend
/// something first, and nothing was taken.
pub(crate) fn take(conn: &mut Conn<'_>, said: &ProjectMilestone, system: &str, now: Instant) -> Result<Result<bool, Problem>> {
    let code = name(said);
    let accepted = said.state() == ProjectMilestoneState::Accepted;
    let Some(held) = both!(conn, milestones::get(code))? else {
        let text = format!("the PSA says that the customer accepted milestone {code}, which no contract has; mend its code");
        return Ok(not_taken(accepted, "UNKNOWN_REFERENCE", said, text, "code"));
    };
    let is_ours = held.psa_id == said.id || held.psa_id.is_empty() && !said.key.is_empty();
    if !is_ours {
        let text = format!(
            "milestone {code} is record {} of the PSA; say there that the customer accepted it, and not at record {}",
            held.psa_id, said.id
        );
        return Ok(not_taken(accepted, "UNKNOWN_REFERENCE", said, text, "code"));
    }
    let new = match read(said, &held, now) {
        Ok(new) => new,
        Err(problem) => return Ok(Err(problem)),
    };
    if new == held {
        return Ok(Ok(false));
    }
    if held.approved_on.is_some() {
        // Where it stands in the PSA may still become known; what finance approved stays.
        if let Some(problem) = changed(&held, &new) {
            return Ok(Err(problem));
        }
        both!(conn, milestones::set_psa_id(code, &said.id))?;
        return Ok(Ok(false));
    }
    if both!(conn, milestones::set_acceptance(&new))? == 0 {
        let text = "finance approved the milestone at this moment";
        return Err(Error::new(Kind::Aborted, "INVALID_TRANSITION", text));
    }
    if let Some(told) = story(&held, &new, system) {
        tell(conn, &new, told, now)?;
    }
    Ok(Ok(true))
}

/// Tries again to take what could not be taken when it was read.
pub(crate) async fn retry(job: &Job<'_>) -> Result<Done, Stop> {
    let said: ProjectMilestone = json::message(&job.run.input)?;
    let (core, now) = (job.core, job.core.now());
    let system = core.systems().await?.psa.clone();
    let taken = core.db.write(move |c| take(c, &said, &system, now)).await?;
    taken?;
    core.tell();
    Ok(Done::note("taken"))
}

/// Code of the milestone: our key, or what people wrote on it.
pub(crate) fn name(said: &ProjectMilestone) -> &str {
    if said.key.is_empty() { &said.code } else { &said.key }
}

/// The row as the PSA has it. A day that is not yet is no day of an acceptance.
fn read(said: &ProjectMilestone, held: &MilestoneRow, now: Instant) -> Result<MilestoneRow, Problem> {
    let psa_id = said.id.clone();
    let state = said.state();
    if state != ProjectMilestoneState::Accepted {
        return Ok(MilestoneRow {
            psa_id,
            delivered: state == ProjectMilestoneState::Delivered,
            accepted_on: None,
            evidence: String::new(),
            known_on: None,
            ..held.clone()
        });
    }
    let refuse = |text: String| problem("VENDOR_RECORD_MALFORMED", said, text).at("accepted_date");
    let day = require_date(said.accepted_date.as_ref(), "accepted_date");
    let day = day.map_err(|_| refuse("accepted by the customer, and no day says when; mend it in the PSA".to_owned()))?;
    let today = now.date_naive();
    if day > today {
        return Err(refuse(format!(
            "accepted by the customer on {day}, which is not yet; mend the day in the PSA"
        )));
    }
    let is_same = held.accepted_on == Some(day) && held.evidence == said.evidence;
    Ok(MilestoneRow {
        psa_id,
        delivered: true,
        accepted_on: Some(day),
        evidence: said.evidence.clone(),
        known_on: held.known_on.filter(|_| is_same).or(Some(today)),
        ..held.clone()
    })
}

/// What was approved is what may be billed: it does not change behind the back of finance.
fn changed(approved: &MilestoneRow, new: &MilestoneRow) -> Option<Problem> {
    // The contract says which fields stay in which state.
    let of = |row: &MilestoneRow| Milestone {
        state: MilestoneState::Approved.into(),
        accepted_date: row.accepted_on.map(pb_date),
        evidence: row.evidence.clone(),
        ..Milestone::default()
    };
    if behavior::changed(&of(approved), &of(new)).is_empty() {
        return None;
    }
    let day = |row: &MilestoneRow| row.accepted_on.map(|day| day.to_string()).unwrap_or_default();
    let says = match new.accepted_on {
        None => "the PSA says now that it is not accepted".to_owned(),
        Some(_) => format!("the PSA says now that it was accepted on {}: {}", day(new), new.evidence),
    };
    let text = format!(
        "milestone {} was approved by {} as accepted on {}, and {says}; put it back in the PSA, or have what was billed credited",
        approved.code,
        approved.approved_by,
        day(approved)
    );
    Some(Problem::new("INVALID_TRANSITION", "milestone", &approved.code, Owner::Finance, text).at("accepted_date"))
}

fn story(held: &MilestoneRow, new: &MilestoneRow, system: &str) -> Option<HandOff> {
    let (event, detail) = match (held.accepted_on, new.accepted_on) {
        (_, Some(day)) if held.accepted_on != Some(day) || held.evidence != new.evidence => {
            ("milestone accepted", format!("{} on {day}: {}", new.code, new.evidence))
        }
        (Some(_), None) => ("milestone acceptance withdrawn", new.code.clone()),
        (None, None) if new.delivered && !held.delivered => ("milestone delivered", new.code.clone()),
        _ => return None,
    };
    Some(HandOff::done(event, system, "milestone", &new.code, &new.psa_id).saying(detail))
}

/// An acceptance that cannot be taken is a problem; of anything else nothing would come anyway.
fn not_taken(
    accepted: bool,
    cause: strata_kernel::Reason,
    said: &ProjectMilestone,
    text: String,
    field: &str,
) -> Result<bool, Problem> {
    if accepted {
        return Err(problem(cause, said, text).at(field));
    }
    Ok(false)
}

fn problem(cause: strata_kernel::Reason, said: &ProjectMilestone, text: String) -> Problem {
    Problem::new(cause, "milestone", name(said), Owner::Pmo, text)
}
