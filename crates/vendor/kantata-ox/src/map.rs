//! From the vendor's records to the contract's messages. Pure: each function names the first field that does not fit.

use serde_json::Value;
use strata_contract::strata::common::v1::Money as PbMoney;
use strata_contract::strata::system::psa::v1 as pb;
use strata_contract::{pb_date, pb_instant, pb_money};
use strata_kernel::{Currency, Date, Instant, Money};
use strata_vendor_http::{Misfit, Reader};

use crate::fields as f;
use crate::wire::{Envelope, is_id};

type Read<T> = Result<T, Misfit>;

/// Minutes of a day: an entry is about one.
const DAY: u32 = 1_440;
/// Minutes that a thousand people work in ten years: more is a slip of the pen.
const MOST_MINUTES: u32 = 1_200_000_000;

/// When a record was last changed. Every record has it.
pub(crate) fn modified(row: &Value) -> Read<Instant> {
    Reader::required("updated_at", Reader(row).instant("updated_at"))
}

/// Hours of one person on one task and day. The envelope has to hold the entry's sheet and custom fields.
pub(crate) fn time_entry(envelope: &Envelope, row: &Value) -> Read<pb::TimeEntry> {
    let r = Reader(row);
    let (state, approved) = state(envelope, row, "timesheet_submission_id", f::TIMESHEETS)?;
    Ok(pb::TimeEntry {
        id: Reader::required("id", r.id("id"))?,
        project_id: Reader::required("workspace_id", r.id("workspace_id"))?,
        // Time may stand on a project as a whole.
        task_id: r.id("story_id")?.unwrap_or_default(),
        resource_id: Reader::required("user_id", r.id("user_id"))?,
        role: envelope.custom(row, f::ROLE).unwrap_or_default(),
        work_date: Some(pb_date(Reader::required("date_performed", r.day("date_performed"))?)),
        minutes: Reader::required("time_in_minutes", r.count("time_in_minutes", DAY))?,
        work_type: work_type(envelope.custom(row, f::WORK_TYPE))?.into(),
        billable: Reader::required("billable", r.flag("billable"))?,
        write_down_minutes: minutes(f::WRITE_DOWN_MINUTES, envelope.custom(row, f::WRITE_DOWN_MINUTES))?,
        state: state.into(),
        approved_time: approved.map(pb_instant),
        supersedes_id: superseded(envelope.custom(row, f::SUPERSEDES_ENTRY))?,
        reference: r.text("notes")?.unwrap_or_default(),
        modified_time: Some(pb_instant(modified(row)?)),
    })
}

/// An expense. The envelope has to hold its report.
pub(crate) fn expense(envelope: &Envelope, row: &Value) -> Read<pb::Expense> {
    let r = Reader(row);
    let (state, approved) = state(envelope, row, "expense_report_submission_id", f::EXPENSE_REPORTS)?;
    Ok(pb::Expense {
        id: Reader::required("id", r.id("id"))?,
        project_id: Reader::required("workspace_id", r.id("workspace_id"))?,
        resource_id: Reader::required("user_id", r.id("user_id"))?,
        incurred_date: Some(pb_date(Reader::required("date", r.day("date"))?)),
        category: r.text("category")?.unwrap_or_default(),
        amount: Some(cents(r, "amount_in_cents")?),
        receipt: r.value("receipt_id").is_some(),
        billable: Reader::required("is_billable", r.flag("is_billable"))?,
        reimbursable: Reader::required("reimbursable", r.flag("reimbursable"))?,
        state: state.into(),
        approved_time: approved.map(pb_instant),
        reference: r.text("notes")?.unwrap_or_default(),
        modified_time: Some(pb_instant(modified(row)?)),
    })
}

/// A project. Its tasks come with another answer.
pub(crate) fn project(envelope: &Envelope, row: &Value, service: &str, tasks: Vec<pb::Task>) -> Read<pb::Project> {
    let r = Reader(row);
    let eac_minutes = count(f::EAC_MINUTES, envelope.custom(row, f::EAC_MINUTES), MOST_MINUTES)?;
    let eac_recorded = day(f::EAC_RECORDED_ON, envelope.custom(row, f::EAC_RECORDED_ON))?;
    match (eac_minutes, eac_recorded) {
        (Some(_), None) => return Err(Misfit::new(f::EAC_RECORDED_ON, "the day of the estimate")),
        (None, Some(_)) => return Err(Misfit::new(f::EAC_MINUTES, "the estimate of that day")),
        _ => {}
    }
    Ok(pb::Project {
        id: Reader::required("id", r.id("id"))?,
        key: envelope.key(row, service).unwrap_or_default(),
        title: r.text("title")?.unwrap_or_default(),
        code: envelope.custom(row, f::PROJECT_CODE).unwrap_or_default(),
        client_id: r.id("primary_workspace_group_id")?.unwrap_or_default(),
        legal_entity_code: envelope.custom(row, f::LEGAL_ENTITY).unwrap_or_default(),
        cost_center_code: envelope.custom(row, f::COST_CENTER).unwrap_or_default(),
        modified_time: Some(pb_instant(modified(row)?)),
        tasks,
        eac_minutes,
        eac_recorded_date: eac_recorded.map(pb_date),
    })
}

/// A milestone of a contract. None: another kind of story (the filter is not trusted), or one that people keep for themselves,
/// with neither our key nor a code. A code on another kind of story does not fit: a fee hangs on it, and somebody has to hear of it.
pub(crate) fn milestone(envelope: &Envelope, row: &Value, service: &str) -> Read<Option<pb::ProjectMilestone>> {
    let r = Reader(row);
    let is_milestone = Reader::required(f::STORY_TYPE, r.text(f::STORY_TYPE))? == f::MILESTONE_TYPE;
    let key = envelope.key(row, service).unwrap_or_default();
    let code = envelope.custom(row, f::MILESTONE_CODE).unwrap_or_default();
    if !is_milestone {
        return if code.is_empty() {
            Ok(None)
        } else {
            Err(Misfit::new(f::STORY_TYPE, "milestone, because it has a milestone's code"))
        };
    }
    if key.is_empty() && code.is_empty() {
        return Ok(None);
    }
    let accepted_on = day(f::ACCEPTED_ON, envelope.custom(row, f::ACCEPTED_ON))?;
    let evidence = envelope.custom(row, f::ACCEPTANCE_EVIDENCE);
    let completed = Reader::required("state", r.text("state"))? == f::COMPLETED;
    let (state, accepted) = match (completed, accepted_on, evidence) {
        (true, Some(day), Some(evidence)) => (pb::ProjectMilestoneState::Accepted, Some((day, evidence))),
        (true, Some(_), None) => return Err(Misfit::new(f::ACCEPTANCE_EVIDENCE, "what proves the acceptance")),
        (true, None, Some(_)) => return Err(Misfit::new(f::ACCEPTED_ON, "the day of the acceptance")),
        (true, None, None) => (pb::ProjectMilestoneState::Delivered, None),
        // Sent back, or not there yet: whatever is written on it is no acceptance.
        (false, ..) => (pb::ProjectMilestoneState::Planned, None),
    };
    let (accepted_on, evidence) = accepted.unzip();
    Ok(Some(pb::ProjectMilestone {
        id: Reader::required("id", r.id("id"))?,
        key,
        code,
        project_id: Reader::required("workspace_id", r.id("workspace_id"))?,
        state: state.into(),
        accepted_date: accepted_on.map(pb_date),
        evidence: evidence.unwrap_or_default(),
        modified_time: Some(pb_instant(modified(row)?)),
    }))
}

/// A task.
pub(crate) fn task(envelope: &Envelope, row: &Value, service: &str) -> Read<pb::Task> {
    let r = Reader(row);
    Ok(pb::Task {
        id: Reader::required("id", r.id("id"))?,
        key: envelope.key(row, service).unwrap_or_default(),
        title: r.text("title")?.unwrap_or_default(),
        billable: Reader::required("billable", r.flag("billable"))?,
    })
}

/// State of an entry by the sheet it was last handed in on, and the instant of its approval. Approved without a sheet happens
/// where a project needs no approval: nothing then says since when, so it does not fit.
fn state(envelope: &Envelope, row: &Value, field: &str, collection: &str) -> Read<(pb::EntryState, Option<Instant>)> {
    let approved = Reader(row).flag("approved")?.unwrap_or_default();
    if Reader(row).value(field).is_none() {
        return if approved {
            Err(Misfit::new(field, "the sheet it was approved on"))
        } else {
            Ok((pb::EntryState::Draft, None))
        };
    }
    let sheet = envelope
        .pointed(row, field, collection)
        .ok_or_else(|| Misfit::new(field, "a sheet that can be read"))?;
    let within = |misfit: Misfit| Misfit::new(format!("{collection}.{}", misfit.field), misfit.expected);
    let status = Reader::required("status", Reader(sheet).text("status")).map_err(within)?;
    Ok(match status.as_str() {
        "pending" => (pb::EntryState::Submitted, None),
        "approved" => (pb::EntryState::Approved, Some(resolved(sheet).map_err(within)?)),
        "rejected" => (pb::EntryState::Rejected, None),
        "cancelled" => (pb::EntryState::Draft, None),
        _ => return Err(within(Misfit::new("status", "pending, approved, rejected or cancelled"))),
    })
}

fn resolved(sheet: &Value) -> Read<Instant> {
    for name in f::RESOLVED_AT {
        if let Some(at) = Reader(sheet).instant(name)? {
            return Ok(at);
        }
    }
    Err(Misfit::new(f::RESOLVED_AT[0], "the instant of the approval"))
}

/// The entry that one takes the place of, as somebody typed its id.
fn superseded(said: Option<String>) -> Read<String> {
    match said {
        Some(id) if !is_id(&id) => Err(Misfit::new(f::SUPERSEDES_ENTRY, "the id of a time entry")),
        said => Ok(said.unwrap_or_default()),
    }
}

fn work_type(said: Option<String>) -> Read<pb::WorkType> {
    match said.as_deref() {
        None => Ok(pb::WorkType::Unspecified),
        Some("regular") => Ok(pb::WorkType::Regular),
        Some("overtime") => Ok(pb::WorkType::Overtime),
        Some(_) => Err(Misfit::new(f::WORK_TYPE, "regular or overtime")),
    }
}

fn minutes(field: &str, said: Option<String>) -> Read<u32> {
    Ok(count(field, said, DAY)?.unwrap_or_default())
}

/// A whole number in a custom field, which holds texts.
fn count(field: &str, said: Option<String>, most: u32) -> Read<Option<u32>> {
    said.map_or(Ok(None), |text| Reader(&alone(field, text)).count(field, most))
}

/// A calendar day in a custom field.
fn day(field: &str, said: Option<String>) -> Read<Option<Date>> {
    said.map_or(Ok(None), |text| Reader(&alone(field, text)).day(field))
}

fn alone(field: &str, text: String) -> Value {
    Value::Object([(field.to_owned(), Value::String(text))].into_iter().collect())
}

/// An amount in subunits of its own record's currency. The vendor says how many make one unit; it has to be as many as we hold.
pub(crate) fn cents(r: Reader<'_>, field: &str) -> Read<PbMoney> {
    let currency = Reader::required("currency", r.currency("currency"))?;
    if let Some(unit) = r.integer("currency_base_unit")?
        && unit != 10_i64.pow(currency.exponent())
    {
        return Err(Misfit::new(
            "currency_base_unit",
            format!("{} subunits of {currency}", 10_i64.pow(currency.exponent())),
        ));
    }
    Ok(pb_money(Money::new(Reader::required(field, r.integer(field))?, currency)))
}

/// Subunits and currency of an amount to write.
pub(crate) fn subunits(amount: &PbMoney, field: &str) -> strata_kernel::Result<(i64, Currency)> {
    let money = strata_contract::money(amount).map_err(|error| error.at(field))?;
    Ok((money.minor, money.currency))
}

/// An id as requests want it: answers have texts, requests numbers.
pub(crate) fn id(text: &str, field: &str) -> strata_kernel::Result<Value> {
    let number: Option<u64> = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    number
        .map(Value::from)
        .ok_or_else(|| strata_kernel::Error::invalid(field, "is not an id of the PSA"))
}

/// Ids as requests want them.
pub(crate) fn ids(texts: &[String], field: &str) -> strata_kernel::Result<Value> {
    texts
        .iter()
        .map(|text| id(text, field))
        .collect::<strata_kernel::Result<Vec<_>>>()
        .map(Value::from)
}

#[cfg(test)]
mod tests;
