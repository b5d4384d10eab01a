//! The sellers, in Salesforce.

use reqwest::Method;
use serde_json::{Value, json};

use super::numbers::{number, optional, text};
use super::session::{Call, Grant, Session};
use super::{BasicAccess, TRIES};
use crate::data::{Amendment, Contract, Customer, Milestone, Opportunity, Project, RateLine, Task};
use crate::{Error, Result};

/// Version of the API the sellers' tools use.
const DATA: &str = "/services/data/v66.0";
/// Stage of a deal under way.
const OPEN_STAGE: &str = "Proposal/Price Quote";
/// Stage of a deal that is won.
const WON_STAGE: &str = "Closed Won";

/// The CRM's people.
#[derive(Debug)]
pub struct Crm {
    session: Session,
}

/// A project as it is sold.
pub(crate) struct Sold<'a> {
    pub(crate) project: &'a Project,
    pub(crate) name: String,
    /// Null when the seller leaves it out.
    pub(crate) cost_center: Option<&'a str>,
    pub(crate) roles: Vec<&'a str>,
    pub(crate) tasks: Vec<&'a Task>,
}

impl Crm {
    /// Connects.
    pub(super) fn new(access: BasicAccess) -> Result<Self> {
        let grant = Grant::Client {
            path: "/services/oauth2/token".to_owned(),
            basic: (access.client_id, access.client_secret),
        };
        Ok(Self {
            session: Session::new("salesforce", &access.base_url, grant, super::CONCURRENCY)?,
        })
    }

    /// Creates an account and says its id.
    pub(crate) async fn account(&self, customer: &Customer, careful: bool) -> Result<String> {
        let body = json!({
            "Name": customer.name,
            "BillingCountry": customer.country,
            "CurrencyIsoCode": customer.billing_currency,
            "VAT_Id_Valid__c": customer.vat_id_valid,
            "Payment_Terms_Days__c": customer.payment_terms_days,
        });
        self.ensure("Account", &[("Name", &customer.name)], &body, careful).await
    }

    /// Creates a line of a rate card. `key` is what its level is for, the way the CRM names it.
    pub(crate) async fn rate_line(&self, line: &RateLine, key: &str, careful: bool) -> Result<String> {
        let body = json!({
            "Name": line.id,
            "Line_Code__c": line.id,
            "Level__c": line.level,
            "Level_Key__c": key,
            "Role__c": line.role,
            "CurrencyIsoCode": line.currency,
            "Hourly_Rate__c": number(&line.rate)?,
            "Effective_From__c": line.effective_from,
            "Effective_To__c": line.effective_to,
        });
        self.ensure("Rate_Line__c", &[("Line_Code__c", &line.id)], &body, careful)
            .await
    }

    /// Creates a deal, open or lost.
    pub(crate) async fn opportunity(
        &self,
        deal: &Opportunity,
        (customer, account): (&Customer, &str),
        close_date: strata_kernel::Date,
        careful: bool,
    ) -> Result<String> {
        let name = format!("{} {}", deal.id, customer.name);
        let stage = match deal.stage.as_str() {
            "closed_lost" => "Closed Lost",
            "negotiation" => "Negotiation/Review",
            _ => OPEN_STAGE,
        };
        let body = json!({
            "Name": name,
            "AccountId": account,
            "StageName": stage,
            "CloseDate": close_date,
            "Amount": number(&deal.amount)?,
            "CurrencyIsoCode": deal.currency,
        });
        self.ensure("Opportunity", &[("Name", &name)], &body, careful).await
    }

    /// Wins a deal.
    pub(crate) async fn win(&self, opportunity: &str, on: strata_kernel::Date) -> Result<()> {
        let body = json!({"StageName": WON_STAGE, "CloseDate": on});
        self.update("Opportunity", opportunity, &body).await
    }

    /// Creates the contract of a deal, with all its terms.
    pub(crate) async fn contract(&self, contract: &Contract, account: &str, opportunity: &str, careful: bool) -> Result<String> {
        let c = contract;
        let body = json!({
            "Name": c.id,
            "AccountId": account,
            "Status": "Draft",
            "StartDate": c.start_date,
            "EndDate": c.end_date,
            "Opportunity__c": opportunity,
            "Contract_Code__c": c.id,
            "Contract_Type__c": c.kind,
            "Revenue_Method__c": c.revenue_method,
            "Legal_Entity__c": c.legal_entity_id,
            "CurrencyIsoCode": c.currency,
            "Signed_On__c": c.signed_on,
            "Increment_Minutes__c": c.increment_minutes,
            "Rounding_Mode__c": c.rounding_mode,
            "Minimum_Minutes__c": c.minimum_minutes,
            "Overtime_Percent__c": c.overtime_multiplier_percent,
            "Expense_Markup_Percent__c": c.expense_markup_percent,
            "Cap_Amount__c": optional(c.cap_amount.as_deref())?,
            "Contract_Value__c": optional(c.contract_value.as_deref())?,
            "Monthly_Fee__c": optional(c.monthly_fee.as_deref())?,
            "Included_Minutes__c": c.included_minutes,
            "Overage_Rate__c": optional(c.overage_rate.as_deref())?,
            "Prepaid_Amount__c": optional(c.prepaid_amount.as_deref())?,
        });
        let id = self
            .ensure("Contract", &[("Contract_Code__c", &c.id)], &body, careful)
            .await?;
        self.update("Contract", &id, &json!({"Status": "Activated"})).await?;
        Ok(id)
    }

    /// Creates a sold project with its tasks.
    pub(crate) async fn sold_project(
        &self,
        sold: &Sold<'_>,
        opportunity: &str,
        sequence: usize,
        careful: bool,
    ) -> Result<String> {
        let code = &sold.project.id;
        let body = json!({
            "Name": sold.name,
            "Opportunity__c": opportunity,
            "Project_Code__c": code,
            "Start_Date__c": sold.project.activated_on,
            "Cost_Center__c": sold.cost_center,
            "Roles__c": sold.roles.join(";"),
            "Sequence__c": sequence,
        });
        let id = self
            .ensure("SOW_Project__c", &[("Project_Code__c", code)], &body, careful)
            .await?;
        for (task, sequence) in sold.tasks.iter().zip(1..) {
            let body = json!({
                "Name": task.name,
                "SOW_Project__c": id,
                "Task_Code__c": task.id,
                "Billable__c": task.billable,
                "Sequence__c": sequence,
            });
            self.ensure("SOW_Task__c", &[("Task_Code__c", &task.id)], &body, careful)
                .await?;
        }
        Ok(id)
    }

    /// Fills in the cost center of a sold project.
    pub(crate) async fn mend_cost_center(&self, sold_project: &str, cost_center: &str) -> Result<()> {
        self.update("SOW_Project__c", sold_project, &json!({"Cost_Center__c": cost_center}))
            .await
    }

    /// Drafts an amendment, adds its rates, and signs it.
    pub(crate) async fn amend(&self, amendment: &Amendment, careful: bool) -> Result<String> {
        let a = amendment;
        let body = json!({
            "Name": a.id,
            "Amendment_Code__c": a.id,
            "Contract_Code__c": a.contract_id,
            "Kind__c": a.kind,
            "Status__c": "Draft",
            "Effective_From__c": a.effective_from,
            "Signed_On__c": a.signed_on,
            "CurrencyIsoCode": a.currency,
            "Cap_Amount__c": optional(a.cap_amount.as_deref())?,
            "Added_Value__c": optional(a.added_value.as_deref())?,
        });
        let id = self
            .ensure("Contract_Amendment__c", &[("Amendment_Code__c", &a.id)], &body, careful)
            .await?;
        for (role, rate) in &a.rates {
            let body =
                json!({"Amendment__c": id, "Role__c": role, "Hourly_Rate__c": number(rate)?, "CurrencyIsoCode": a.currency});
            self.ensure("Amended_Rate__c", &[("Amendment__c", &id), ("Role__c", role)], &body, careful)
                .await?;
        }
        self.update("Contract_Amendment__c", &id, &json!({"Status__c": "Signed"}))
            .await?;
        Ok(id)
    }

    /// Enters a milestone of a contract.
    pub(crate) async fn milestone(&self, milestone: &Milestone, sequence: u32, careful: bool) -> Result<String> {
        let m = milestone;
        let body = json!({
            "Name": m.name,
            "Milestone_Code__c": m.id,
            "Contract_Code__c": m.contract_id,
            "Amount__c": number(&m.amount)?,
            "CurrencyIsoCode": m.currency,
            "Planned_On__c": m.planned_on,
            "Amendment_Code__c": m.change_order_id,
            "Sequence__c": sequence,
        });
        self.ensure("Contract_Milestone__c", &[("Milestone_Code__c", &m.id)], &body, careful)
            .await
    }

    /// Creates a record, unless it is there already. A lost answer, or `careful`, means: look before writing.
    async fn ensure(&self, object: &str, natural_key: &[(&str, &str)], body: &Value, careful: bool) -> Result<String> {
        let mut look = careful;
        let mut tries = 0;
        loop {
            if look && let Some(id) = self.find(object, natural_key).await? {
                return Ok(id);
            }
            match self.create(object, body).await {
                Err(lost) if lost.is_lost() && tries < TRIES => {
                    tries += 1;
                    look = true;
                }
                outcome => return outcome,
            }
        }
    }

    async fn create(&self, object: &str, body: &Value) -> Result<String> {
        let call = Call::write(Method::POST, format!("{DATA}/sobjects/{object}"), body);
        let reply = self.session.send(&call).await?;
        match text(reply.json()?.get("id")) {
            id if id.is_empty() => Err(reply.odd("an id")),
            id => Ok(id),
        }
    }

    async fn update(&self, object: &str, id: &str, body: &Value) -> Result<()> {
        let call = Call::write(Method::PATCH, format!("{DATA}/sobjects/{object}/{id}"), body);
        self.session.send(&call).await.map(drop)
    }

    async fn find(&self, object: &str, natural_key: &[(&str, &str)]) -> Result<Option<String>> {
        let conditions: Vec<String> = natural_key
            .iter()
            .map(|(field, value)| format!("{field} = '{}'", value.replace('\\', "\\\\").replace('\'', "\\'")))
            .collect();
        let soql = format!("SELECT Id FROM {object} WHERE {}", conditions.join(" AND "));
        let reply = self.session.send(&Call::get(format!("{DATA}/query")).with("q", soql)).await?;
        let answer = reply.json()?;
        let Some(records) = answer.get("records").and_then(Value::as_array) else {
            return Err(reply.odd("records"));
        };
        match records.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(text(one.get("Id")))),
            several => Err(Error::Setup(format!(
                "salesforce holds {} {object} records with {}",
                several.len(),
                conditions.join(" AND ")
            ))),
        }
    }
}
