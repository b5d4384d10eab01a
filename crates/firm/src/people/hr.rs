//! HR, in Workday: hires, moves, pay, goodbyes.

use bytes::Bytes;
use reqwest::Method;
use strata_kernel::{Date, parse_decimal};

use super::session::{Call, Grant, Session};
use super::soap::{Element, Found, el, envelope, leaf, reference, texts};
use super::{CONCURRENCY, RefreshAccess, email};
use crate::data::{CostRate, Employee, Employment};
use crate::{Error, Result};

/// Version of the web services.
const VERSION: &str = "v44.0";
/// First name of everybody: the firm tells its people apart by number.
const FIRST_NAME: &str = "Employee";

/// HR's people.
#[derive(Debug)]
pub struct Hr {
    session: Session,
    tenant: String,
}

impl Hr {
    /// Connects.
    pub(super) fn new(access: RefreshAccess) -> Result<Self> {
        let grant = Grant::Refresh {
            path: format!("/ccx/oauth2/{}/token", access.tenant),
            basic: (access.client_id, access.client_secret),
            token: access.refresh_token,
        };
        Ok(Self {
            session: Session::new("workday", &access.base_url, grant, CONCURRENCY)?,
            tenant: access.tenant,
        })
    }

    /// Hires a person into a first job with a first pay.
    pub(crate) async fn hire(&self, employee: &Employee, job: &Employment, pay: &CostRate, careful: bool) -> Result<()> {
        if !(careful && self.holds(Effect::Hired(employee)).await?) {
            let request = hire_request(employee, job);
            self.write_once("Staffing", &request, Effect::Hired(employee)).await?;
        }
        if careful && self.holds(Effect::Paid(pay)).await? {
            return Ok(());
        }
        self.pay(pay).await
    }

    /// Moves a person to another entity.
    ///
    /// # Errors
    /// When HR refuses.
    pub async fn change_job(&self, employee: &Employee, job: &Employment) -> Result<()> {
        // Looked at always: to enter the same move twice would be two moves.
        if self.holds(Effect::Moved(job)).await? {
            return Ok(());
        }
        let request = el(
            "Change_Job_Request",
            [
                at_once(),
                el(
                    "Change_Job_Data",
                    [
                        reference("Worker_Reference", "Employee_ID", &employee.id),
                        leaf("Effective_Date", job.effective_from),
                        el(
                            "Change_Job_Detail_Data",
                            [reference("Company_Reference", "Company_Reference_ID", &job.legal_entity_id)],
                        ),
                    ],
                ),
            ],
        );
        self.write_once("Staffing", &request, Effect::Moved(job)).await
    }

    /// Changes a person's pay.
    pub(crate) async fn change_pay(&self, pay: &CostRate) -> Result<()> {
        if self.holds(Effect::Paid(pay)).await? {
            return Ok(());
        }
        self.pay(pay).await
    }

    /// Ends a person's employment.
    pub(crate) async fn terminate(&self, employee: &Employee, last_day: Date) -> Result<()> {
        if self.holds(Effect::Leaves(employee, last_day)).await? {
            return Ok(());
        }
        let request = el(
            "Terminate_Employee_Request",
            [
                at_once(),
                el(
                    "Terminate_Employee_Data",
                    [
                        reference("Employee_Reference", "Employee_ID", &employee.id),
                        leaf("Termination_Date", last_day),
                    ],
                ),
            ],
        );
        self.write_once("Staffing", &request, Effect::Leaves(employee, last_day))
            .await
    }

    async fn pay(&self, pay: &CostRate) -> Result<()> {
        let plan = el(
            "Pay_Plan_Sub_Data",
            [
                leaf("Amount", &pay.rate),
                reference("Currency_Reference", "Currency_ID", &pay.currency),
                reference("Frequency_Reference", "Frequency_ID", "Hourly"),
            ],
        );
        let request = el(
            "Request_Compensation_Change_Request",
            [
                at_once(),
                el(
                    "Request_Compensation_Change_Data",
                    [
                        reference("Employee_Reference", "Employee_ID", &pay.employee_id),
                        leaf("Compensation_Change_Date", pay.effective_from),
                        el("Compensation_Change_Data", [el("Pay_Plan_Data", [plan])]),
                    ],
                ),
            ],
        );
        self.write_once("Compensation", &request, Effect::Paid(pay)).await
    }

    /// Whether HR knows of it.
    async fn holds(&self, effect: Effect<'_>) -> Result<bool> {
        let (employee, day) = effect.about();
        let worker = self.worker(employee, day).await?;
        Ok(worker.is_some_and(|worker| effect.shows_in(&worker)))
    }

    /// A worker as of a day; nothing when there is none.
    async fn worker(&self, employee: &str, on: Date) -> Result<Option<Vec<Found>>> {
        let request = el(
            "Get_Workers_Request",
            [
                el("Request_References", [reference("Worker_Reference", "Employee_ID", employee)]),
                el("Response_Filter", [leaf("As_Of_Effective_Date", on)]),
            ],
        );
        match self.send("Human_Resources", &request, true).await {
            Ok(found) => Ok(found.iter().any(|f| f.ends(&["Worker_Data", "Worker_ID"])).then_some(found)),
            Err(Error::Refused { body, .. }) if body.contains("Invalid ID value") => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    /// Writes; when the answer is lost, looks whether it took effect before writing again.
    async fn write_once(&self, service: &str, request: &Element, effect: Effect<'_>) -> Result<()> {
        for _ in 0..super::TRIES {
            match self.send(service, request, false).await {
                Err(lost) if lost.is_lost() => {
                    if self.holds(effect).await? {
                        return Ok(());
                    }
                }
                outcome => return outcome.map(drop),
            }
        }
        self.send(service, request, false).await.map(drop)
    }

    async fn send(&self, service: &str, request: &Element, repeatable: bool) -> Result<Vec<Found>> {
        let path = format!("/ccx/service/{}/{service}/{VERSION}", self.tenant);
        let call = Call {
            method: Method::POST,
            body: Bytes::from(envelope(request)),
            content_type: "text/xml; charset=utf-8",
            repeatable,
            ..Call::get(path)
        };
        let reply = self.session.send(&call).await?;
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        texts(&text).map_err(|cause| reply.odd(format!("readable XML ({cause})")))
    }
}

/// What a writing leads to.
#[derive(Clone, Copy)]
enum Effect<'a> {
    /// The person is known.
    Hired(&'a Employee),
    /// The person works for the entity.
    Moved(&'a Employment),
    /// The person is paid so.
    Paid(&'a CostRate),
    /// The person leaves after this day.
    Leaves(&'a Employee, Date),
}

impl<'a> Effect<'a> {
    /// Whom it is about, and on which day it shows.
    fn about(self) -> (&'a str, Date) {
        match self {
            Self::Hired(employee) => (&employee.id, employee.hired_on),
            Self::Moved(job) => (&job.employee_id, job.effective_from),
            Self::Paid(pay) => (&pay.employee_id, pay.effective_from),
            Self::Leaves(employee, last_day) => (&employee.id, last_day),
        }
    }

    /// Whether it shows in what HR knows. Days carry the tenant's offset behind them, which does not shift them.
    fn shows_in(self, worker: &[Found]) -> bool {
        let dated = |name: &str, day: Date| {
            let day = day.to_string();
            worker.iter().any(|found| found.ends(&[name]) && found.text.starts_with(&day))
        };
        match self {
            Self::Hired(_) => true,
            Self::Moved(job) => worker.iter().any(|found| {
                found.ends(&["Worker_Organization_Data", "Organization_Reference", "ID"])
                    && found.is("Company_Reference_ID")
                    && found.text == job.legal_entity_id
            }),
            Self::Paid(pay) => {
                let hourly = worker
                    .iter()
                    .find(|found| found.ends(&["Summary_Data_in_Hourly_Frequency", "Total_Base_Pay"]));
                let hourly = hourly.and_then(|found| parse_decimal(&found.text).ok());
                dated("Compensation_Effective_Date", pay.effective_from) && hourly == parse_decimal(&pay.rate).ok()
            }
            Self::Leaves(_, last_day) => dated("Termination_Date", last_day),
        }
    }
}

fn hire_request(employee: &Employee, job: &Employment) -> Element {
    let name = el(
        "Name_Data",
        [el(
            "Legal_Name_Data",
            [el(
                "Name_Detail_Data",
                [leaf("First_Name", FIRST_NAME), leaf("Last_Name", &employee.id)],
            )],
        )],
    );
    let contact = el(
        "Contact_Data",
        [el("Email_Address_Data", [leaf("Email_Address", email(&employee.id))])],
    );
    let position = el(
        "Position_Details",
        [
            reference("Job_Profile_Reference", "Job_Profile_ID", &employee.role),
            leaf("Full_Time_Equivalent_Percentage", employee.fte_percent),
        ],
    );
    let event = el(
        "Hire_Employee_Event_Data",
        [
            leaf("Employee_ID", &employee.id),
            position,
            reference("Company_Reference", "Company_Reference_ID", &job.legal_entity_id),
        ],
    );
    let data = el(
        "Hire_Employee_Data",
        [
            el("Applicant_Data", [el("Personal_Data", [name, contact])]),
            leaf("Hire_Date", employee.hired_on),
            event,
        ],
    );
    el("Hire_Employee_Request", [at_once(), data])
}

/// The business process completes at once, as if everybody had approved.
fn at_once() -> Element {
    el(
        "Business_Process_Parameters",
        [leaf("Auto_Complete", true), leaf("Run_Now", true)],
    )
}
