//! Finance lets a milestone be billed that the customer accepted. Who worked for it does not.

use strata_contract::strata::process::billing::v1::ApproveMilestoneRequest;
use strata_kernel::{Error, Instant, Result, digest};
use strata_rpc::Approver;
use strata_store::{Conn, both, in_turn};

use super::tell;
use crate::core::Core;
use crate::hand_offs::{HandOff, PLATFORM};
use crate::masters;
use crate::store::rows::MilestoneRow;
use crate::store::{lite, pg};

/// Somebody's wish that a milestone be billed.
#[derive(Debug, Clone)]
pub(crate) struct Approval {
    asked: ApproveMilestoneRequest,
    by: Approver,
    /// Master data's id of the caller, where the caller is an employee.
    employee_id: Option<String>,
}

impl Approval {
    /// What the caller of the call under way asks for.
    pub(crate) async fn of_caller(core: &Core, asked: ApproveMilestoneRequest) -> Result<Self> {
        let by = Approver::current();
        let person = match by.employee() {
            Some(number) => masters::person_with(core, &number).await?,
            None => None,
        };
        let employee_id = person.map(|person| person.id);
        Ok(Self { asked, by, employee_id })
    }

    /// Vendors do not say who delivered a milestone, or entered its acceptance: whoever has time on the engagement had a hand in it.
    fn may_approve(&self, conn: &mut Conn<'_>, milestone: &MilestoneRow) -> Result<()> {
        let Some(employee_id) = &self.employee_id else {
            return Ok(());
        };
        let has_time = both!(conn, work::has_time(&milestone.engagement_id, employee_id))?;
        let number = self.by.employee().filter(|_| has_time);
        self.by.may_approve(number.as_deref())
    }
}

/// Approves it, in the caller's transaction. The same command again changes nothing and has the same answer. `OWN_APPROVAL` says
/// that somebody else has to.
pub(crate) fn approve(conn: &mut Conn<'_>, approval: &Approval, now: Instant) -> Result<MilestoneRow> {
    let asked = &approval.asked;
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
    let absent = || Error::not_found("milestone", code).at("milestone_code");
    let held = both!(conn, milestones::get(code))?.ok_or_else(absent)?;
    approval.may_approve(conn, &held)?;
    let approved = both!(
        conn,
        milestones::approve(code, now.date_naive(), &asked.approver, &asked.request_id)
    )?;
    let held = both!(conn, milestones::get(code))?.ok_or_else(absent)?;
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
