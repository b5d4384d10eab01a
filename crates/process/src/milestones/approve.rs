//! Finance lets a milestone be billed that the customer accepted.

use strata_contract::strata::process::billing::v1::ApproveMilestoneRequest;
use strata_kernel::{Error, Instant, Result, digest};
use strata_store::{Conn, both, in_turn};

use super::tell;
use crate::hand_offs::{HandOff, PLATFORM};
use crate::store::rows::MilestoneRow;
use crate::store::{lite, pg};

/// Approves it, in the caller's transaction. The same command again changes nothing and has the same answer.
pub(crate) fn approve(conn: &mut Conn<'_>, asked: &ApproveMilestoneRequest, now: Instant) -> Result<MilestoneRow> {
    let code = &asked.milestone_code;
    in_turn(conn, "request", &asked.request_id)?;
    if let Some(held) = both!(conn, milestones::by_request(&asked.request_id))? {
        if held.code == *code && held.approved_by == asked.approver {
            return Ok(held);
        }
        let text = format!(
            "request {} approved milestone {} for {}; another command needs another request_id",
            asked.request_id, held.code, held.approved_by
        );
        let digest_of = |code: &str, approver: &str| digest(format!("{code}\n{approver}").as_bytes());
        let (then, now) = (digest_of(&held.code, &held.approved_by), digest_of(code, &asked.approver));
        return Err(Error::conflict(&then, &now, text).at("request_id"));
    }
    let approved = both!(
        conn,
        milestones::approve(code, now.date_naive(), &asked.approver, &asked.request_id)
    )?;
    let held = both!(conn, milestones::get(code))?;
    let held = held.ok_or_else(|| Error::not_found("milestone", code).at("milestone_code"))?;
    if approved == 0 {
        return Err(refusal(&held).at("milestone_code"));
    }
    let told = HandOff::done("milestone approved", PLATFORM, "milestone", code, code);
    tell(conn, &held, told.saying(format!("{code} by {}", asked.approver)), now)?;
    Ok(held)
}

fn refusal(held: &MilestoneRow) -> Error {
    let text = match held.approved_on {
        Some(day) => format!(
            "milestone {} was approved by {} on {day} already",
            held.code, held.approved_by
        ),
        None => format!(
            "milestone {} is not accepted by the customer; it can be approved once the PSA says so, with day and evidence",
            held.code
        ),
    };
    Error::precondition("INVALID_TRANSITION", text)
}
