//! A worker as `Get_Workers` shows it.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

use crate::history::{self, Entry, Identity, Worker};
use crate::xml::{Out, el, leaf};

/// Hours the tenant's time zone lies behind UTC. Days carry the offset; it does not shift them.
const ZONE_HOURS: i32 = -7;

/// Which parts are shown (`Response_Group`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    pub(crate) personal: bool,
    pub(crate) employment: bool,
    pub(crate) compensation: bool,
    pub(crate) organizations: bool,
    pub(crate) log: bool,
}

impl Parts {
    /// What is shown to a caller who does not say.
    pub(crate) const USUAL: Self = Self {
        personal: true,
        employment: true,
        compensation: true,
        organizations: true,
        log: false,
    };
}

/// A day with the tenant's offset behind it.
pub(crate) fn day(day: NaiveDate) -> String {
    format!("{}{}", day.format("%Y-%m-%d"), offset())
}

/// An instant in the tenant's time zone.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    match FixedOffset::east_opt(ZONE_HOURS * 3_600) {
        Some(zone) => at.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string(),
        None => at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
    }
}

fn offset() -> String {
    format!("{ZONE_HOURS:+03}:00")
}

fn flag(value: bool) -> &'static str {
    if value { "1" } else { "0" }
}

fn id(kind: &str, value: &str) -> Out {
    leaf("wd:ID", value).attr("wd:type", kind)
}

/// The element `Worker`.
pub(crate) fn element(identity: &Identity, worker: &Worker, entries: &[&Entry], on: NaiveDate, parts: Parts) -> Out {
    let name = worker.name();
    let mut data = el("wd:Worker_Data").with(leaf("wd:Worker_ID", &identity.employee_id));
    data = data.with(leaf("wd:User_ID", &worker.email));
    if parts.personal {
        data = data.with(personal(worker, &name));
    }
    if parts.employment {
        data = data.with(employment(identity, worker, on));
    }
    if parts.compensation {
        data = data.with_all(compensation(worker));
    }
    if parts.organizations {
        data = data.with_all(organizations(worker));
    }
    if parts.log {
        data = data.with(el("wd:Transaction_Log_Entry_Data").with_all(entries.iter().map(|e| log_entry(e))));
    }
    let reference = el("wd:Worker_Reference")
        .attr("wd:Descriptor", &name)
        .with(id("WID", &identity.wid))
        .with(id("Employee_ID", &identity.employee_id));
    el("wd:Worker")
        .with(reference)
        .with(leaf("wd:Worker_Descriptor", name))
        .with(data)
}

fn personal(worker: &Worker, name: &str) -> Out {
    let detail = el("wd:Name_Detail_Data")
        .attr("wd:Formatted_Name", name)
        .attr("wd:Reporting_Name", format!("{}, {}", worker.last_name, worker.first_name))
        .with(leaf("wd:First_Name", &worker.first_name))
        .with(leaf("wd:Last_Name", &worker.last_name));
    let usage = el("wd:Usage_Data").attr("wd:Public", "1").with(
        el("wd:Type_Data")
            .attr("wd:Primary", "1")
            .with(el("wd:Type_Reference").with(id("Communication_Usage_Type_ID", "WORK"))),
    );
    let email = el("wd:Email_Address_Data")
        .with(leaf("wd:Email_Address", &worker.email))
        .with(usage);
    el("wd:Personal_Data")
        .with(el("wd:Name_Data").with(el("wd:Legal_Name_Data").with(detail)))
        .with(el("wd:Contact_Data").with(email))
}

fn employment(identity: &Identity, worker: &Worker, on: NaiveDate) -> Out {
    let job = worker.job.iter().map(|job| {
        let profile = el("wd:Job_Profile_Summary_Data")
            .with(el("wd:Job_Profile_Reference").with(id("Job_Profile_ID", &job.role)))
            .with(leaf("wd:Job_Profile_Name", &job.role));
        let position = el("wd:Position_Data")
            .with(leaf("wd:Position_ID", format!("P-{}", identity.employee_id)))
            .with(leaf("wd:Business_Title", &job.role))
            .with(leaf("wd:Start_Date", day(worker.hired)))
            .with(leaf("wd:Full_Time_Equivalent_Percentage", &job.fte))
            .with(profile)
            .with(leaf("wd:Effective_Date", day(job.since)));
        el("wd:Worker_Job_Data").attr("wd:Primary_Job", "1").with(position)
    });
    let active = worker.is_active(on);
    let terminated = worker.terminated.is_some_and(|last| last < on);
    // Future hires and ends show early: it is the flags that follow the day, not the dates.
    let status = el("wd:Worker_Status_Data")
        .with(leaf("wd:Active", flag(active)))
        .with(leaf(
            "wd:Active_Status_Date",
            day(worker.terminated.filter(|_| terminated).unwrap_or(worker.hired)),
        ))
        .with(leaf("wd:Hire_Date", day(worker.hired)))
        .with(leaf("wd:Original_Hire_Date", day(worker.hired)))
        .with(leaf("wd:Terminated", flag(terminated)))
        .with_all(worker.terminated.map(|last| leaf("wd:Termination_Date", day(last))));
    el("wd:Employment_Data").with_all(job).with(status)
}

fn compensation(worker: &Worker) -> Option<Out> {
    let pay = worker.pay.as_ref()?;
    let hourly = el("wd:Summary_Data_in_Hourly_Frequency")
        .with(leaf("wd:Total_Base_Pay", &pay.hourly))
        .with(el("wd:Currency_Reference").with(id("Currency_ID", &pay.currency)))
        .with(el("wd:Frequency_Reference").with(id("Frequency_ID", "Hourly")));
    Some(
        el("wd:Compensation_Data")
            .with(leaf("wd:Compensation_Effective_Date", day(pay.since)))
            .with(hourly),
    )
}

fn organizations(worker: &Worker) -> Option<Out> {
    let job = worker.job.as_ref()?;
    let team = team(&job.company);
    Some(
        el("wd:Organization_Data")
            .with(organization(&team, "Supervisory", "Organization_Reference_ID"))
            .with(organization(&job.company, "Company", "Company_Reference_ID")),
    )
}

/// The supervisory organization of a company's people.
pub(crate) fn team(company: &str) -> String {
    format!("Delivery {company}")
}

fn organization(code: &str, kind: &str, extra: &str) -> Out {
    let reference = el("wd:Organization_Reference")
        .with(id("WID", &history::organization_wid(code)))
        .with(id("Organization_Reference_ID", code));
    let reference = if extra == "Organization_Reference_ID" {
        reference
    } else {
        reference.with(id(extra, code))
    };
    let data = el("wd:Organization_Data")
        .with(leaf("wd:Organization_Reference_ID", code))
        .with(leaf("wd:Organization_Code", code))
        .with(leaf("wd:Organization_Name", code))
        .with(el("wd:Organization_Type_Reference").with(id("Organization_Type_ID", kind)));
    el("wd:Worker_Organization_Data").with(reference).with(data)
}

/// An entry of the transaction log (element names UNVERIFIED).
fn log_entry(entry: &Entry) -> Out {
    let data = el("wd:Transaction_Log_Data")
        .with(el("wd:Transaction_Type_Reference").with(id("Business_Process_Type", entry.event.process())))
        .with(leaf("wd:Transaction_Entry_Moment", instant(entry.entered)))
        .with(leaf("wd:Transaction_Effective_Date", day(entry.effective)));
    el("wd:Transaction_Log_Entry")
        .with(el("wd:Transaction_Log_Reference").with(id("WID", &history::entry_wid(entry.number))))
        .with(data)
}
