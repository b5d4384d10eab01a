//! From the vendor's records to the contract's messages. Pure: each function names the first field that does not fit.

use serde_json::Value;
use strata_contract::strata::common::v1::Money as PbMoney;
use strata_contract::strata::system::psa::v1 as pb;
use strata_contract::{pb_date, pb_instant, pb_money};
use strata_kernel::{Currency, Instant, Money};
use strata_vendor_http::{Misfit, Reader};

use crate::fields as f;
use crate::wire::Envelope;

type Read<T> = Result<T, Misfit>;

/// Minutes of a day: an entry is about one.
const DAY: u32 = 1_440;

/// When a record was last changed. Every record has it.
pub(crate) fn modified(row: &Value) -> Read<Instant> {
    Reader::required("updated_at", Reader(row).instant("updated_at"))
}

/// Hours of one person on one task and day. The envelope has to hold the entry's sheet and custom fields.
pub(crate) fn time_entry(envelope: &Envelope, row: &Value) -> Read<pb::TimeEntry> {
    let r = Reader(row);
    let (state, approved) = state(envelope, row, "timesheet_submission_id", f::TIMESHEETS)?;
    Ok(pb::TimeEntry {
        id: Reader::required("id", r.text("id"))?,
        project_id: Reader::required("workspace_id", r.text("workspace_id"))?,
        // Time may stand on a project as a whole.
        task_id: r.text("story_id")?.unwrap_or_default(),
        resource_id: Reader::required("user_id", r.text("user_id"))?,
        role: envelope.custom(row, f::ROLE).unwrap_or_default(),
        work_date: Some(pb_date(Reader::required("date_performed", r.day("date_performed"))?)),
        minutes: Reader::required("time_in_minutes", r.count("time_in_minutes", DAY))?,
        work_type: work_type(envelope.custom(row, f::WORK_TYPE))?.into(),
        billable: Reader::required("billable", r.flag("billable"))?,
        write_down_minutes: minutes(f::WRITE_DOWN_MINUTES, envelope.custom(row, f::WRITE_DOWN_MINUTES))?,
        state: state.into(),
        approved_time: approved.map(pb_instant),
        supersedes_id: envelope.custom(row, f::SUPERSEDES_ENTRY).unwrap_or_default(),
        reference: r.text("notes")?.unwrap_or_default(),
        modified_time: Some(pb_instant(modified(row)?)),
    })
}

/// An expense. The envelope has to hold its report.
pub(crate) fn expense(envelope: &Envelope, row: &Value) -> Read<pb::Expense> {
    let r = Reader(row);
    let (state, approved) = state(envelope, row, "expense_report_submission_id", f::EXPENSE_REPORTS)?;
    Ok(pb::Expense {
        id: Reader::required("id", r.text("id"))?,
        project_id: Reader::required("workspace_id", r.text("workspace_id"))?,
        resource_id: Reader::required("user_id", r.text("user_id"))?,
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
    Ok(pb::Project {
        id: Reader::required("id", r.text("id"))?,
        key: envelope.key(row, service).unwrap_or_default(),
        title: r.text("title")?.unwrap_or_default(),
        code: envelope.custom(row, f::PROJECT_CODE).unwrap_or_default(),
        client_id: r.text("primary_workspace_group_id")?.unwrap_or_default(),
        legal_entity_code: envelope.custom(row, f::LEGAL_ENTITY).unwrap_or_default(),
        cost_center_code: envelope.custom(row, f::COST_CENTER).unwrap_or_default(),
        modified_time: Some(pb_instant(modified(row)?)),
        tasks,
    })
}

/// A task.
pub(crate) fn task(envelope: &Envelope, row: &Value, service: &str) -> Read<pb::Task> {
    let r = Reader(row);
    Ok(pb::Task {
        id: Reader::required("id", r.text("id"))?,
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

fn work_type(said: Option<String>) -> Read<pb::WorkType> {
    match said.as_deref() {
        None => Ok(pb::WorkType::Unspecified),
        Some("regular") => Ok(pb::WorkType::Regular),
        Some("overtime") => Ok(pb::WorkType::Overtime),
        Some(_) => Err(Misfit::new(f::WORK_TYPE, "regular or overtime")),
    }
}

fn minutes(field: &str, said: Option<String>) -> Read<u32> {
    let Some(text) = said else { return Ok(0) };
    let row = Value::Object([(field.to_owned(), Value::String(text))].into_iter().collect());
    Ok(Reader(&row).count(field, DAY)?.unwrap_or_default())
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
