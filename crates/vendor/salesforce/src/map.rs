//! From the vendor's records to the contract's messages. Each function is strict: it names the first field that does not fit.
//! [`forgiving`] turns that into "nothing is said", for the one reader that must not fail: a sale.

use std::collections::HashMap;

use serde_json::Value;
use strata_contract::strata::common::v1 as common;
use strata_contract::strata::system::crm::v1 as pb;
use strata_contract::{Violation, pb_date, pb_instant, pb_money, violations};
use strata_kernel::{Currency, Result as KernelResult};
use strata_vendor_http::{Misfit, Reader};

use crate::fields as f;

type Read<T> = Result<T, Misfit>;

/// Longest terms of payment that are not a slip of the pen.
const MOST_TERM_DAYS: u32 = 3_650;
/// Limits of the contract's own fields (`strata.common.v1.ContractTerms`).
const MOST_INCREMENT: u32 = 480;
const MOST_MINIMUM: u32 = 1_440;
const MOST_PERCENT: u32 = 1_000;
/// Milestones of one contract.
const MOST_MILESTONES: u32 = 10_000;
/// Minutes of a year: more are not included in a month's fee.
const MOST_INCLUDED: u32 = 527_040;

/// The 18-character form of an id: three letters more that carry the case of the first fifteen, so that ids that differ in
/// case only stay apart in systems that ignore it. Other texts come back as they are.
pub(crate) fn id18(id: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let mut full = id.to_owned();
    if id.len() == 15 && is_id(id) {
        for chunk in id.as_bytes().chunks(5) {
            let bits = chunk
                .iter()
                .enumerate()
                .map(|(n, b)| usize::from(b.is_ascii_uppercase()) << n)
                .sum::<usize>();
            full.push(char::from(LETTERS[bits & 31]));
        }
    }
    full
}

/// True for what can be an id of a record at all.
pub(crate) fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The id of a row, or nothing when even that is missing.
pub(crate) fn row_id(row: &Value) -> String {
    id18(row.get(f::ID).and_then(Value::as_str).unwrap_or_default())
}

/// The id of a row: letters and digits only. Anything else is none that the vendor has.
fn own_id(row: Reader<'_>) -> Read<String> {
    let id = Reader::required(f::ID, row.text(f::ID))?;
    is_id(&id)
        .then(|| id18(&id))
        .ok_or_else(|| Misfit::new(f::ID, "an id of letters and digits"))
}

/// Maps a row, and takes each field that does not fit as not said. Only a required field that is missing still fails.
pub(crate) fn forgiving<T>(row: &Value, map: impl Fn(&Value) -> Read<T>) -> Read<T> {
    let mut row = row.clone();
    loop {
        let misfit = match map(&row) {
            Ok(mapped) => return Ok(mapped),
            Err(misfit) => misfit,
        };
        let gone = row.as_object_mut().and_then(|fields| fields.remove(&misfit.field));
        if gone.is_none_or(|value| value.is_null()) {
            return Err(misfit);
        }
        tracing::warn!(
            id = row_id(&row),
            field = misfit.field,
            expected = misfit.expected,
            "field taken as not said"
        );
    }
}

/// A deal.
pub(crate) fn opportunity(row: &Value) -> Read<pb::Opportunity> {
    let r = Reader(row);
    Ok(pb::Opportunity {
        id: own_id(r)?,
        name: r.text(f::NAME)?.unwrap_or_default(),
        account_id: id18(&r.id("AccountId")?.unwrap_or_default()),
        won: Reader::required("IsWon", r.flag("IsWon"))?,
        closed: Reader::required("IsClosed", r.flag("IsClosed"))?,
        stage: r.text("StageName")?.unwrap_or_default(),
        close_date: r.day("CloseDate")?.map(pb_date),
        amount: money(r, "Amount")?,
        engagement_id: r.id(f::ENGAGEMENT_ID)?.unwrap_or_default(),
        modified_time: Some(pb_instant(Reader::required(f::MODIFIED, r.instant(f::MODIFIED))?)),
    })
}

/// A customer.
pub(crate) fn account(row: &Value) -> Read<pb::Account> {
    let r = Reader(row);
    let country = r.text("BillingCountry")?.unwrap_or_default();
    let known = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
    if !known && !country.is_empty() {
        return Err(Misfit::new("BillingCountry", "an ISO 3166 alpha-2 code"));
    }
    Ok(pb::Account {
        id: own_id(r)?,
        name: r.text(f::NAME)?.unwrap_or_default(),
        country_code: country,
        currency_code: currency_code(r)?,
        vat_id_valid: r.flag(f::VAT_ID_VALID)?,
        payment_terms_days: r.count(f::PAYMENT_TERMS_DAYS, MOST_TERM_DAYS)?,
    })
}

/// Terms of a contract. It counts as signed only when the vendor says that it is activated.
pub(crate) fn terms(row: &Value) -> Read<common::ContractTerms> {
    let r = Reader(row);
    let signed = r.text("Status")?.as_deref() == Some(f::ACTIVATED);
    Ok(common::ContractTerms {
        contract_number: short(r, f::CONTRACT_CODE, 64)?,
        legal_entity_code: short(r, f::LEGAL_ENTITY, 32)?,
        r#type: contract_type(r)?.into(),
        revenue_method: revenue_method(r)?.into(),
        currency_code: currency_code(r)?,
        start_date: r.day("StartDate")?.map(pb_date),
        end_date: r.day("EndDate")?.map(pb_date),
        signed_date: r.day(f::SIGNED_ON)?.filter(|_| signed).map(pb_date),
        increment_minutes: r.count(f::INCREMENT_MINUTES, MOST_INCREMENT)?.unwrap_or_default(),
        rounding_mode: rounding_mode(r)?.into(),
        minimum_minutes: r.count(f::MINIMUM_MINUTES, MOST_MINIMUM)?.unwrap_or_default(),
        overtime_multiplier_percent: r.count(f::OVERTIME_PERCENT, MOST_PERCENT)?.unwrap_or_default(),
        expense_markup_percent: r.count(f::EXPENSE_MARKUP_PERCENT, MOST_PERCENT)?.unwrap_or_default(),
        cap: money(r, f::CAP_AMOUNT)?,
        contract_value: money(r, f::CONTRACT_VALUE)?,
        monthly_fee: money(r, f::MONTHLY_FEE)?,
        included_minutes: r.count(f::INCLUDED_MINUTES, MOST_INCLUDED)?.unwrap_or_default(),
        overage_rate: money(r, f::OVERAGE_RATE)?,
        prepaid_amount: money(r, f::PREPAID_AMOUNT)?,
    })
}

/// A sold project, without its tasks.
pub(crate) fn project(row: &Value) -> Read<pb::PlannedProject> {
    let r = Reader(row);
    let roles = r.text(f::ROLES)?.unwrap_or_default();
    Ok(pb::PlannedProject {
        code: r.text(f::PROJECT_CODE)?.unwrap_or_default(),
        name: r.text(f::NAME)?.unwrap_or_default(),
        start_date: r.day(f::START_DATE)?.map(pb_date),
        cost_center_code: r.text(f::COST_CENTER)?.unwrap_or_default(),
        roles: roles
            .split(f::JOINER)
            .map(str::trim)
            .filter(|role| !role.is_empty())
            .map(str::to_owned)
            .collect(),
        tasks: Vec::new(),
    })
}

/// A sold task.
pub(crate) fn task(row: &Value) -> Read<pb::PlannedTask> {
    let r = Reader(row);
    Ok(pb::PlannedTask {
        code: r.text(f::TASK_CODE)?.unwrap_or_default(),
        name: r.text(f::NAME)?.unwrap_or_default(),
        billable: Reader::required(f::BILLABLE, r.flag(f::BILLABLE))?,
    })
}

/// A rate line. It is known from the instant it was created.
pub(crate) fn rate_line(row: &Value) -> Read<common::RateLine> {
    let r = Reader(row);
    let level = match Reader::required(f::LEVEL, r.text(f::LEVEL))?.as_str() {
        "contract" => common::RateLevel::Contract,
        "project" => common::RateLevel::Project,
        "customer" => common::RateLevel::Customer,
        "standard" => common::RateLevel::Standard,
        _ => return Err(Misfit::new(f::LEVEL, "contract, project, customer or standard")),
    };
    let key = Reader::required(f::LEVEL_KEY, r.text(f::LEVEL_KEY))?;
    let line = common::RateLine {
        id: Reader::required(f::LINE_CODE, r.text(f::LINE_CODE))?,
        level: level.into(),
        level_key: if level == common::RateLevel::Customer {
            id18(&key)
        } else {
            key
        },
        role: Reader::required(f::ROLE, r.text(f::ROLE))?,
        currency_code: Reader::required(f::CURRENCY, r.currency(f::CURRENCY))?.code().to_owned(),
        hourly_rate: rate(r)?,
        effective_date: Some(pb_date(Reader::required(f::EFFECTIVE_FROM, r.day(f::EFFECTIVE_FROM))?)),
        effective_end_date: r.day(f::EFFECTIVE_TO)?.map(pb_date),
        recorded_time: Some(pb_instant(Reader::required(f::CREATED, r.instant(f::CREATED))?)),
        amendment_number: String::new(),
    };
    fits(violations(&line))?;
    Ok(line)
}

/// A signed amendment with its new rates, which are rows of their own.
pub(crate) fn amendment(row: &Value, rates: &[&Value]) -> Read<common::Amendment> {
    let r = Reader(row);
    let kind = match Reader::required(f::KIND, r.text(f::KIND))?.as_str() {
        "rates" => common::AmendmentKind::Rates,
        "cap" => common::AmendmentKind::Cap,
        "scope" => common::AmendmentKind::Scope,
        _ => return Err(Misfit::new(f::KIND, "rates, cap or scope")),
    };
    let currency = r.currency(f::CURRENCY)?;
    let rates = rates
        .iter()
        .map(|rate| amended_rate(rate, currency))
        .collect::<Read<Vec<_>>>()?;
    let amendment = common::Amendment {
        number: Reader::required(f::AMENDMENT_CODE, r.text(f::AMENDMENT_CODE))?,
        contract_number: Reader::required(f::CONTRACT_CODE, r.text(f::CONTRACT_CODE))?,
        kind: kind.into(),
        effective_date: Some(pb_date(Reader::required(f::EFFECTIVE_FROM, r.day(f::EFFECTIVE_FROM))?)),
        signed_date: Some(pb_date(Reader::required(f::SIGNED_ON, r.day(f::SIGNED_ON))?)),
        rates,
        cap: money(r, f::CAP_AMOUNT)?,
        added_value: money(r, f::ADDED_VALUE)?,
        modified_time: Some(pb_instant(Reader::required(f::MODIFIED, r.instant(f::MODIFIED))?)),
    };
    fits(violations(&amendment))?;
    Ok(amendment)
}

fn amended_rate(row: &Value, currency: Option<Currency>) -> Read<common::AmendedRate> {
    let r = Reader(row);
    let within = |misfit: Misfit| Misfit::new(format!("{}.{}", f::AMENDED_RATE, misfit.field), misfit.expected);
    Ok(common::AmendedRate {
        role: Reader::required(f::ROLE, r.text(f::ROLE)).map_err(within)?,
        currency_code: Reader::required(f::CURRENCY, Ok(currency))?.code().to_owned(),
        hourly_rate: rate(r).map_err(within)?,
    })
}

/// A milestone of a contract. It is known from the instant it was created.
pub(crate) fn milestone(row: &Value) -> Read<common::Milestone> {
    let r = Reader(row);
    let amount = match money(r, f::AMOUNT)? {
        Some(amount) if amount.minor_units < 0 => return Err(Misfit::new(f::AMOUNT, "a price that is not negative")),
        amount => Reader::required(f::AMOUNT, Ok(amount))?,
    };
    let milestone = common::Milestone {
        code: Reader::required(f::MILESTONE_CODE, r.text(f::MILESTONE_CODE))?,
        contract_number: Reader::required(f::CONTRACT_CODE, r.text(f::CONTRACT_CODE))?,
        name: r.text(f::NAME)?.unwrap_or_default(),
        amount: Some(amount),
        planned_date: r.day(f::PLANNED_ON)?.map(pb_date),
        amendment_number: r.text(f::AMENDMENT_CODE)?.unwrap_or_default(),
        sequence: r.count(f::SEQUENCE, MOST_MILESTONES)?.unwrap_or_default(),
        recorded_time: Some(pb_instant(Reader::required(f::CREATED, r.instant(f::CREATED))?)),
    };
    fits(violations(&milestone))?;
    Ok(milestone)
}

/// A price per hour: an exact decimal in major units, not negative.
fn rate(r: Reader<'_>) -> Read<String> {
    let value = Reader::required(f::HOURLY_RATE, r.decimal(f::HOURLY_RATE))?;
    if value.is_sign_negative() && !value.is_zero() {
        return Err(Misfit::new(f::HOURLY_RATE, "a price that is not negative"));
    }
    Ok(value.abs().normalize().to_string())
}

/// An amount in the currency of its record.
fn money(r: Reader<'_>, field: &str) -> Read<Option<common::Money>> {
    if r.value(field).is_none() {
        return Ok(None);
    }
    match r.currency(f::CURRENCY)? {
        Some(currency) => Ok(r.money(field, currency)?.map(pb_money)),
        None => Err(Misfit::new(field, "a record that says its currency")),
    }
}

fn currency_code(r: Reader<'_>) -> Read<String> {
    Ok(r.currency(f::CURRENCY)?.map(|c| c.code().to_owned()).unwrap_or_default())
}

fn short(r: Reader<'_>, field: &str, most: usize) -> Read<String> {
    let text = r.text(field)?.unwrap_or_default();
    if text.chars().count() > most {
        return Err(Misfit::new(field, format!("at most {most} characters")));
    }
    Ok(text)
}

fn contract_type(r: Reader<'_>) -> Read<common::ContractType> {
    Ok(match r.text(f::CONTRACT_TYPE)?.as_deref() {
        Some("time") => common::ContractType::Time,
        Some("time_capped") => common::ContractType::TimeCapped,
        Some("blended") => common::ContractType::Blended,
        Some("fixed_fee") => common::ContractType::FixedFee,
        Some("retainer_monthly") => common::ContractType::RetainerMonthly,
        Some("retainer_prepaid") => common::ContractType::RetainerPrepaid,
        _ => common::ContractType::Unspecified,
    })
}

fn revenue_method(r: Reader<'_>) -> Read<common::RevenueMethod> {
    Ok(match r.text(f::REVENUE_METHOD)?.as_deref() {
        Some("hours_input") => common::RevenueMethod::HoursInput,
        Some("milestone") => common::RevenueMethod::Milestone,
        Some("straight_line") => common::RevenueMethod::StraightLine,
        _ => common::RevenueMethod::Unspecified,
    })
}

fn rounding_mode(r: Reader<'_>) -> Read<common::RoundingMode> {
    Ok(match r.text(f::ROUNDING_MODE)?.as_deref() {
        Some("up") => common::RoundingMode::Up,
        Some("half_up") => common::RoundingMode::HalfUp,
        _ => common::RoundingMode::Unspecified,
    })
}

/// Rows by the 18-character id of their parent.
pub(crate) fn by_parent<'a>(rows: &'a [Value], reference: &str) -> HashMap<String, Vec<&'a Value>> {
    let mut table: HashMap<String, Vec<&Value>> = HashMap::new();
    for row in rows {
        let parent = row.get(reference).and_then(Value::as_str).unwrap_or_default();
        table.entry(id18(parent)).or_default().push(row);
    }
    table
}

/// The rules of the contract itself have the last word on what leaves the adapter.
fn fits(broken: Result<Vec<Violation>, String>) -> Read<()> {
    match broken.map(|rules| rules.into_iter().next()) {
        Ok(None) => Ok(()),
        Ok(Some(rule)) => Err(Misfit::new(rule.field, rule.message)),
        Err(cause) => Err(Misfit::new("", format!("a record that can be checked: {cause}"))),
    }
}

/// The body that writes an amount, digit by digit.
pub(crate) fn amount(value: &common::Money) -> KernelResult<Value> {
    let money = strata_contract::money(value)?;
    Ok(strata_vendor_http::number(money.major()))
}

#[cfg(test)]
mod tests;
