//! A worker as Workday shows it on a day, and as a row of the contract.

use chrono::NaiveDate;
use strata_contract::strata::system::hr::v1::Worker;
use strata_contract::{pb_date, pb_instant, pb_money};
use strata_kernel::{Currency, Date, Decimal, Instant, Money};
use strata_vendor_http::{Misfit, exact};

use crate::fields::{COMPANY, LOG, LOG_EFFECTIVE, LOG_ENTERED, LOG_ENTRY, WORK};
use crate::xml::Node;

/// A worker on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) id: String,
    number: String,
    name: String,
    email: String,
    pub(crate) hired: Date,
    /// Last day of work.
    pub(crate) terminated: Option<Date>,
    /// Absent before the first day of work, and perhaps after the last.
    pub(crate) job: Option<Job>,
    /// Absent until somebody enters it.
    pay: Option<Pay>,
    /// Entries of the transaction log: made when, effective from.
    entries: Vec<(Instant, Date)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    since: Date,
    role: String,
    company: String,
    fte_percent: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pay {
    since: Date,
    hourly: Money,
}

impl Snapshot {
    /// First day on which everything is as on this one. None: there is no job.
    pub(crate) fn since(&self) -> Option<Date> {
        let job = self.job.as_ref()?.since;
        Some(self.pay.as_ref().map_or(job, |pay| pay.since.max(job)))
    }

    /// The row of this version, read as of `on`. Hire and end are facts of the person, so they come from the newest version. None:
    /// there is no job to tell of.
    pub(crate) fn row(&self, on: Date, newest: &Self) -> Option<Worker> {
        let job = self.job.as_ref()?;
        let recorded = self
            .entries
            .iter()
            .filter(|(_, effective)| *effective <= on)
            .map(|(at, _)| *at)
            .max();
        Some(Worker {
            id: self.id.clone(),
            employee_number: self.number.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            role: job.role.clone(),
            legal_entity_code: job.company.clone(),
            employment_effective_date: Some(pb_date(job.since)),
            fte_percent: job.fte_percent,
            hire_date: Some(pb_date(newest.hired)),
            termination_date: newest.terminated.map(pb_date),
            hourly_cost: self.pay.as_ref().map(|pay| pb_money(pay.hourly)),
            cost_effective_date: self.pay.as_ref().map(|pay| pb_date(pay.since)),
            modified_time: recorded.map(pb_instant),
        })
    }
}

/// The 32-digit id, or whatever else names the worker: for quarantine.
pub(crate) fn id_of(worker: &Node) -> String {
    let reference = worker.at("Worker_Reference");
    let id = reference.and_then(|r| r.id("WID").or_else(|| r.all("ID").next()?.text()));
    id.or_else(|| worker.text_at("Worker_Data/Worker_ID"))
        .unwrap_or_default()
        .to_owned()
}

/// Reads a `Worker` element.
pub(crate) fn snapshot(worker: &Node) -> Result<Snapshot, Misfit> {
    let data = worker
        .at("Worker_Data")
        .ok_or_else(|| Misfit::new("Worker_Data", "an element"))?;
    let id = worker.at("Worker_Reference").and_then(|r| r.id("WID"));
    // 32 hexadecimal digits, as far as is known: at least no signs.
    let id = id.filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    let name = data
        .at("Personal_Data/Name_Data/Legal_Name_Data/Name_Detail_Data")
        .and_then(|detail| detail.attribute("Formatted_Name"))
        .filter(|name| !name.trim().is_empty());
    let status = "Employment_Data/Worker_Status_Data";
    Ok(Snapshot {
        id: id
            .ok_or_else(|| Misfit::new("Worker_Reference", "an ID of type WID"))?
            .to_owned(),
        number: must(data, "Worker_ID")?.to_owned(),
        name: name.ok_or_else(|| Misfit::new("Formatted_Name", "a name"))?.to_owned(),
        email: email(data).unwrap_or_default().to_owned(),
        hired: day(data, &format!("{status}/Hire_Date"))?.ok_or_else(|| Misfit::new("Hire_Date", "a day"))?,
        terminated: day(data, &format!("{status}/Termination_Date"))?,
        job: job(data)?,
        pay: pay(data)?,
        entries: entries(data),
    })
}

/// The job, of several the primary one.
fn job(data: &Node) -> Result<Option<Job>, Misfit> {
    let Some(employment) = data.at("Employment_Data") else {
        return Ok(None);
    };
    let is_primary = |job: &&Node| matches!(job.attribute("Primary_Job"), Some("1" | "true"));
    let jobs = || employment.all("Worker_Job_Data");
    let Some(position) = jobs()
        .find(is_primary)
        .or_else(|| jobs().next())
        .and_then(|job| job.at("Position_Data"))
    else {
        return Ok(None);
    };
    let field = "Full_Time_Equivalent_Percentage";
    let share = exact(must(position, field)?).filter(|share| share.fract().is_zero());
    let share = share
        .and_then(|share| u32::try_from(share).ok())
        .filter(|n| (1..=100).contains(n));
    Ok(Some(Job {
        since: day(position, "Effective_Date")?.ok_or_else(|| Misfit::new("Position_Data/Effective_Date", "a day"))?,
        role: must(position, "Job_Profile_Summary_Data/Job_Profile_Name")?.to_owned(),
        company: company(data)
            .ok_or_else(|| Misfit::new("Organization_Data", "an organization of type Company"))?
            .to_owned(),
        fte_percent: share.ok_or_else(|| Misfit::new(field, "a whole percent from 1 to 100"))?,
    }))
}

fn company(data: &Node) -> Option<&str> {
    let is_company = |organization: &&Node| {
        let kind = organization
            .at("Organization_Type_Reference")
            .and_then(|r| r.id("Organization_Type_ID"));
        kind == Some(COMPANY)
    };
    let organizations = data.at("Organization_Data")?.all("Worker_Organization_Data");
    organizations
        .filter_map(|organization| organization.at("Organization_Data"))
        .find(is_company)?
        .text_at("Organization_Reference_ID")
}

/// What an hour costs. Workday derives it from yearly pay with more decimals than money has, so it is rounded half away from zero.
fn pay(data: &Node) -> Result<Option<Pay>, Misfit> {
    let Some(compensation) = data.at("Compensation_Data") else {
        return Ok(None);
    };
    let Some(hourly) = compensation.at("Summary_Data_in_Hourly_Frequency") else {
        return Ok(None);
    };
    let Some(amount) = hourly.text_at("Total_Base_Pay") else {
        return Ok(None);
    };
    let code = hourly.at("Currency_Reference").and_then(|r| r.id("Currency_ID"));
    let currency = code
        .and_then(|code| Currency::parse(code).ok())
        .ok_or_else(|| Misfit::new("Currency_Reference", "an ISO 4217 code"))?;
    let misfit = || Misfit::new("Total_Base_Pay", "an amount of zero or more");
    let amount = exact(amount).filter(|amount| *amount >= Decimal::ZERO).ok_or_else(misfit)?;
    Ok(Some(Pay {
        since: day(compensation, "Compensation_Effective_Date")?
            .ok_or_else(|| Misfit::new("Compensation_Effective_Date", "a day"))?,
        hourly: Money::round(amount, currency).map_err(|_| misfit())?,
    }))
}

/// The work address, else the first one. People who have not started may have none.
fn email(data: &Node) -> Option<&str> {
    let addresses = || {
        data.at("Personal_Data/Contact_Data")
            .into_iter()
            .flat_map(|c| c.all("Email_Address_Data"))
    };
    let is_work = |address: &&Node| {
        let usage = address.at("Usage_Data/Type_Data/Type_Reference");
        usage.and_then(|r| r.id("Communication_Usage_Type_ID")) == Some(WORK)
    };
    addresses()
        .find(is_work)
        .or_else(|| addresses().next())?
        .text_at("Email_Address")
}

fn entries(data: &Node) -> Vec<(Instant, Date)> {
    let Some(log) = data.at(LOG) else { return Vec::new() };
    log.all(LOG_ENTRY)
        .filter_map(|entry| {
            let entered: Instant = entry.text_at(LOG_ENTERED)?.parse().ok()?;
            Some((entered, read_day(entry.text_at(LOG_EFFECTIVE)?)?))
        })
        .collect()
}

fn must<'a>(node: &'a Node, path: &str) -> Result<&'a str, Misfit> {
    node.text_at(path).ok_or_else(|| Misfit::new(path, "a text"))
}

fn day(node: &Node, path: &str) -> Result<Option<Date>, Misfit> {
    let read = |text| read_day(text).ok_or_else(|| Misfit::new(path, "a day as 2025-03-31"));
    node.text_at(path).map(read).transpose()
}

/// A day, with or without an offset behind it. The offset says where the tenant is; it does not shift the day.
fn read_day(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(10)?;
    let is_offset = rest.is_empty() || rest == "Z" || rest.starts_with(['+', '-', 'T']);
    NaiveDate::parse_from_str(day, "%Y-%m-%d").ok().filter(|_| is_offset)
}

#[cfg(test)]
mod tests;
