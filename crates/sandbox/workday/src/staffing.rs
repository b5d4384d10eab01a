//! Service `Staffing`: hire, change of job, termination.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use strata_sandbox::{Tx, View};

use crate::fault::Fault;
use crate::history::{self, Event, Identity, Worker};
use crate::request::At;
use crate::server::Org;
use crate::xml::{Out, el, leaf};

/// How a worker's keys are named in references, and the index that finds each.
const KEYS: [(&str, &str); 2] = [("WID", "wid"), ("Employee_ID", "employee_id")];

/// `Hire_Employee`: a new worker in a first job.
pub(crate) fn hire(org: &Org, tx: &mut Tx<'_>, request: &At<'_>) -> Result<Out, Fault> {
    let data = data(request, "Hire_Employee_Data")?;
    data.only(&["Applicant_Data", "Hire_Date", "Hire_Employee_Event_Data"])?;
    let (first_name, last_name, email) = applicant(&data.need("Applicant_Data")?)?;
    let hired = data.need("Hire_Date")?.day()?;
    let event = data.need("Hire_Employee_Event_Data")?;
    event.only(&["Employee_ID", "Position_Details", "Company_Reference"])?;
    let job = event.need("Position_Details")?;
    job.only(&["Job_Profile_Reference", "Full_Time_Equivalent_Percentage"])?;
    let role = job_profile(org, &job.need("Job_Profile_Reference")?)?;
    let fte = share(&job.need("Full_Time_Equivalent_Percentage")?)?;
    let company = company(org, &event.need("Company_Reference")?)?;
    let employee_id = match event.child("Employee_ID")? {
        Some(given) => {
            let id = given.text()?;
            if history::find(&tx.view(), "employee_id", id).is_some() {
                return Err(given.fault(format!("Employee ID {id} is already in use")));
            }
            id.to_owned()
        }
        None => free_employee_id(tx),
    };
    let at = org.clock.stamp();
    let (worker, identity) = history::add_worker(tx, &employee_id, at);
    let event = Event::Hire {
        first_name,
        last_name,
        email,
        company,
        role,
        fte,
    };
    let entry = history::enter(tx, worker, hired, &event, at);
    Ok(done("wd:Hire_Employee_Response", entry, &identity))
}

/// `Change_Job`: another role, company or share from a day on.
pub(crate) fn change_job(org: &Org, tx: &mut Tx<'_>, request: &At<'_>) -> Result<Out, Fault> {
    let data = data(request, "Change_Job_Data")?;
    data.only(&["Worker_Reference", "Effective_Date", "Change_Job_Detail_Data"])?;
    let worker = worker(&tx.view(), &data.need("Worker_Reference")?)?;
    let day = active_day(&tx.view(), worker, &data.need("Effective_Date")?)?;
    let detail = data.need("Change_Job_Detail_Data")?;
    detail.only(&["Job_Details_Data", "Company_Reference"])?;
    let (mut role, mut fte) = (None, None);
    if let Some(job) = detail.child("Job_Details_Data")? {
        job.only(&["Job_Profile_Reference", "Full_Time_Equivalent_Percentage"])?;
        role = job
            .child("Job_Profile_Reference")?
            .map(|r| job_profile(org, &r))
            .transpose()?;
        fte = job.child("Full_Time_Equivalent_Percentage")?.map(|s| share(&s)).transpose()?;
    }
    let company = detail.child("Company_Reference")?.map(|c| company(org, &c)).transpose()?;
    if company.is_none() && role.is_none() && fte.is_none() {
        return Err(detail.fault("The request changes nothing"));
    }
    enter(
        org,
        tx,
        worker,
        day,
        &Event::ChangeJob { company, role, fte },
        "wd:Change_Job_Response",
    )
}

/// `Terminate_Employee`: a last day of work.
pub(crate) fn terminate(org: &Org, tx: &mut Tx<'_>, request: &At<'_>) -> Result<Out, Fault> {
    let data = data(request, "Terminate_Employee_Data")?;
    data.only(&["Employee_Reference", "Termination_Date"])?;
    let worker = worker(&tx.view(), &data.need("Employee_Reference")?)?;
    let date = data.need("Termination_Date")?;
    let day = date.day()?;
    let known = latest(&tx.view(), worker, day)?;
    if let Some(last) = known.terminated {
        return Err(date.fault(format!("The worker is already terminated as of {last}")));
    }
    if day < known.hired {
        return Err(date.fault(format!("The termination date is before the hire date {}", known.hired)));
    }
    enter(org, tx, worker, day, &Event::Terminate, "wd:Terminate_Employee_Response")
}

/// The data of a write whose business process is to complete at once.
pub(crate) fn data<'a>(request: &At<'a>, name: &str) -> Result<At<'a>, Fault> {
    request.only(&["Business_Process_Parameters", name])?;
    let parameters = request.need("Business_Process_Parameters")?;
    parameters.only(&["Auto_Complete", "Run_Now", "Comment_Data"])?;
    let auto = parameters.need("Auto_Complete")?;
    if !auto.flag()? {
        // Otherwise the event would wait for approvers, and success would mean started rather than done.
        return Err(auto.fault("The tenant has no approvers: Auto_Complete must be true"));
    }
    request.need(name)
}

/// The worker a reference names.
pub(crate) fn worker(view: &View<'_>, reference: &At<'_>) -> Result<u64, Fault> {
    let (kind, id) = reference.reference(&KEYS.map(|(kind, _)| kind))?;
    let index = KEYS.iter().find(|(k, _)| *k == kind).map(|(_, index)| *index);
    let found = index.and_then(|index| history::find(view, index, &id));
    found.ok_or_else(|| Fault::unknown(&id, &kind, format!("{}/wd:ID", reference.path())))
}

/// A day on which the worker works here.
pub(crate) fn active_day(view: &View<'_>, worker: u64, date: &At<'_>) -> Result<NaiveDate, Fault> {
    let day = date.day()?;
    if latest(view, worker, day)?.is_active(day) {
        Ok(day)
    } else {
        // Words UNVERIFIED.
        Err(date.fault(format!("The worker is not active as of {day}")))
    }
}

/// Enters an event and answers it.
pub(crate) fn enter(
    org: &Org,
    tx: &mut Tx<'_>,
    worker: u64,
    day: NaiveDate,
    event: &Event,
    response: &'static str,
) -> Result<Out, Fault> {
    let identity = history::identity(&tx.view(), worker).ok_or(Fault::Processing)?;
    // Stamped under the store's lock, so that the log is in the order of entry.
    let entry = history::enter(tx, worker, day, event, org.clock.stamp());
    Ok(done(response, entry, &identity))
}

fn latest(view: &View<'_>, worker: u64, day: NaiveDate) -> Result<Worker, Fault> {
    history::as_of(&history::entries(view, worker), day, None).ok_or(Fault::Processing)
}

fn done(name: &'static str, entry: u64, identity: &Identity) -> Out {
    let id = |kind: &str, value: &str| leaf("wd:ID", value).attr("wd:type", kind);
    el(name)
        .with(el("wd:Event_Reference").with(id("WID", &history::entry_wid(entry))))
        .with(
            el("wd:Employee_Reference")
                .with(id("WID", &identity.wid))
                .with(id("Employee_ID", &identity.employee_id)),
        )
}

fn applicant(applicant: &At<'_>) -> Result<(String, String, String), Fault> {
    applicant.only(&["Personal_Data"])?;
    let person = applicant.need("Personal_Data")?;
    person.only(&["Name_Data", "Contact_Data"])?;
    let name = person.need("Name_Data")?.need("Legal_Name_Data")?.need("Name_Detail_Data")?;
    name.only(&["Country_Reference", "First_Name", "Last_Name"])?;
    let address = person
        .need("Contact_Data")?
        .need("Email_Address_Data")?
        .need("Email_Address")?;
    let email = address.text()?;
    if !email
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    {
        return Err(address.fault(format!("'{email}' is not a valid email address")));
    }
    let text = |field: &str| Ok::<_, Fault>(name.need(field)?.text()?.to_owned());
    Ok((text("First_Name")?, text("Last_Name")?, email.to_owned()))
}

fn job_profile(org: &Org, reference: &At<'_>) -> Result<String, Fault> {
    listed(reference, &["Job_Profile_ID"], org.options.job_profiles.as_deref())
}

fn company(org: &Org, reference: &At<'_>) -> Result<String, Fault> {
    listed(
        reference,
        &["Company_Reference_ID", "Organization_Reference_ID"],
        org.options.companies.as_deref(),
    )
}

fn listed(reference: &At<'_>, kinds: &[&str], known: Option<&[String]>) -> Result<String, Fault> {
    let (kind, id) = reference.reference(kinds)?;
    if known.is_some_and(|known| !known.contains(&id)) {
        return Err(Fault::unknown(&id, &kind, format!("{}/wd:ID", reference.path())));
    }
    Ok(id)
}

/// Percent of full time, above 0 and at most 100.
fn share(element: &At<'_>) -> Result<String, Fault> {
    let share = element.decimal()?;
    if share <= Decimal::ZERO || share > Decimal::ONE_HUNDRED {
        return Err(element.fault("The full-time equivalent must be above 0 and at most 100 percent"));
    }
    Ok(share.normalize().to_string())
}

/// The next employee number nobody has.
fn free_employee_id(tx: &mut Tx<'_>) -> String {
    loop {
        let id = (20_000 + tx.next("employee_id")).to_string();
        if history::find(&tx.view(), "employee_id", &id).is_none() {
            return id;
        }
    }
}
