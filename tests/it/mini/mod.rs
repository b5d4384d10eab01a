//! A platform with the smallest firm there is. A test sells, works and pays in the vendors' own systems and looks at what the
//! platform makes of it.

mod firm;
mod vendors;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use strata::Vendor;
use strata::allinone::{self, AllInOne, Options};
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::exception::v1::{Exception, ListExceptionsRequest};
use strata_contract::strata::process::mobilisation::v1::mobilisation_service_client::MobilisationServiceClient;
use strata_contract::strata::process::mobilisation::v1::{ListMobilisationsRequest, Mobilisation};
use strata_firm::data::Firm;
use strata_firm::director::{self, Director, Stage};
use strata_kernel::{Clock, Date, Instant, SimClock};
use strata_sandbox::Fault;
use strata_store::Db;
use tempfile::TempDir;

use crate::database::sqlite;
pub(crate) use vendors::Vendors;

/// First day of work, on which the tests begin.
pub(crate) const MONDAY: &str = "2025-01-06";

/// Settings of a platform that holds nothing, on a SQLite file in its folder, on the first morning of work.
pub(crate) fn empty(folder: &Path) -> Options {
    options(folder, sqlite(folder), format!("{MONDAY}T09:00:00Z").parse().unwrap())
}

/// A running platform.
pub(crate) struct Mini {
    pub(crate) all: AllInOne,
    pub(crate) at: Vendors,
    pub(crate) stage: Stage,
    account: String,
    clock: SimClock,
    /// Of its database.
    url: String,
    folder: TempDir,
}

/// A deal with its contract and project, by the ids of Salesforce.
pub(crate) struct Deal {
    pub(crate) opportunity: String,
    pub(crate) contract: String,
}

impl Mini {
    /// Starts the platform. The books are set up, the customer, the price and the person are known.
    pub(crate) async fn start() -> Self {
        Self::start_on(None).await
    }

    /// The same on a database. None: a SQLite file of its own.
    pub(crate) async fn start_on(store: Option<String>) -> Self {
        Self::begin(store, "70.00").await
    }

    /// The same, with another cost of the person's hour.
    pub(crate) async fn start_paying(cost: &str) -> Self {
        Self::begin(None, cost).await
    }

    async fn begin(store: Option<String>, cost: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("firm");
        firm::write(&data, cost);
        let firm = Firm::load(&data).unwrap();
        let store = store.unwrap_or_else(|| sqlite(folder.path()));
        let options = options(folder.path(), store, "2025-01-03T00:00:00Z".parse().unwrap());
        let all = allinone::start(&options).await.unwrap();
        let stage = all.installation.stage().unwrap();
        let mut director = Director::new(&firm, &stage, &folder.path().join("director"), director::Options::default()).unwrap();
        director.live(|_| {}).await.unwrap();
        let clock = SimClock::new(options.start);
        let at = Vendors::new(&all.installation.access, &clock);
        let mini = Self {
            account: String::new(),
            all,
            at,
            stage,
            clock,
            url: options.store,
            folder,
        };
        mini.until(MONDAY, 9).await;
        mini.open_books().await;
        let accounts = mini.at.soql("SELECT Id FROM Account").await;
        let account = accounts[0]["Id"].as_str().unwrap().to_owned();
        Self { account, ..mini }
    }

    /// Ends the platform and the vendors where they are, and starts them again on what they left behind.
    pub(crate) async fn restart(self) -> Self {
        self.restart_over(|| {}).await
    }

    /// The same, and something happens to what they left behind.
    pub(crate) async fn restart_over(self, meanwhile: impl FnOnce()) -> Self {
        let options = options(self.folder.path(), self.url.clone(), self.clock.now());
        self.all.stop().await.unwrap();
        meanwhile();
        let all = allinone::start(&options).await.unwrap();
        Self {
            stage: all.installation.stage().unwrap(),
            at: Vendors::new(&all.installation.access, &self.clock),
            all,
            ..self
        }
    }

    /// Ends the platform and starts it again on what it left behind, with other sections of its settings.
    pub(crate) async fn restart_with(self, sections: toml::Table) -> (AllInOne, TempDir) {
        let options = options(self.folder.path(), self.url.clone(), self.clock.now());
        self.all.stop().await.unwrap();
        (allinone::start_with(&options, sections).await.unwrap(), self.folder)
    }

    /// Where its database is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where it keeps its files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the months in which tests work. The firm's own year opened January.
    async fn open_books(&self) {
        for (name, last) in [("2025-02", "2025-02-28"), ("2025-03", "2025-03-31")] {
            let month = json!({"periodName": name, "startDate": format!("{name}-01"), "endDate": last, "closed": false, "isPosting": true});
            self.at.upsert("accountingPeriod", name, &month).await;
        }
    }

    /// Moves every clock to an hour, and lets the platform react.
    pub(crate) async fn until(&self, day: &str, hour: u32) {
        let day: Date = day.parse().unwrap();
        self.stage.set_clock(day, hour).await.unwrap();
        self.clock.set(day.and_hms_opt(hour, 0, 0).unwrap().and_utc());
        self.settle().await;
    }

    /// Lets the platform react until it finds nothing to do. Returns how much it did.
    pub(crate) async fn settle(&self) -> u64 {
        self.stage.settle(self.clock.now().date_naive()).await.unwrap()
    }

    /// Puts a deal into the CRM that is whole but for `changed` fields of its contract.
    pub(crate) async fn deal(&self, number: &str, changed: &Value) -> Deal {
        self.deal_with(&self.account, number, changed).await
    }

    /// The same with a customer, by the id of its account.
    pub(crate) async fn deal_with(&self, account: &str, number: &str, changed: &Value) -> Deal {
        let opportunity = json!({"Name": number, "AccountId": account, "StageName": "Proposal/Price Quote",
            "CloseDate": MONDAY, "Amount": 16000, "CurrencyIsoCode": "USD"});
        let opportunity = self.at.create("Opportunity", &opportunity).await;
        let mut terms = json!({"Name": number, "AccountId": account, "Status": "Draft", "StartDate": MONDAY,
            "EndDate": "2025-06-30", "Opportunity__c": opportunity, "Contract_Code__c": number, "Contract_Type__c": "time",
            "Legal_Entity__c": "US01", "CurrencyIsoCode": "USD", "Signed_On__c": MONDAY, "Increment_Minutes__c": 15,
            "Rounding_Mode__c": "up", "Minimum_Minutes__c": 0, "Overtime_Percent__c": 150, "Expense_Markup_Percent__c": 0});
        terms.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        let contract = self.at.create("Contract", &terms).await;
        self.at.update("Contract", &contract, &json!({"Status": "Activated"})).await;
        let project = json!({"Name": number, "Opportunity__c": opportunity, "Project_Code__c": format!("PR-{number}"),
            "Start_Date__c": MONDAY, "Cost_Center__c": "CC-US01", "Roles__c": "consultant", "Sequence__c": 1});
        let project = self.at.create("SOW_Project__c", &project).await;
        let task = json!({"Name": "build", "SOW_Project__c": project, "Task_Code__c": format!("PR-{number}-T1"),
            "Billable__c": true, "Sequence__c": 1});
        self.at.create("SOW_Task__c", &task).await;
        Deal { opportunity, contract }
    }

    /// Wins a deal.
    pub(crate) async fn win(&self, deal: &Deal) {
        let won = json!({"StageName": "Closed Won", "CloseDate": MONDAY});
        self.at.update("Opportunity", &deal.opportunity, &won).await;
    }

    /// Sells, and lets the platform make a project of it.
    pub(crate) async fn sell(&self, number: &str) -> Deal {
        let deal = self.deal(number, &json!({})).await;
        self.win(&deal).await;
        self.settle().await;
        deal
    }

    /// A second company of the firm, in Germany, with what its books need.
    pub(crate) async fn open_company(&self) {
        let germany = json!({"name": "DE01", "country": "DE", "currency": {"refName": "EUR"}, "custrecord_fx_max_age_days": 40,
            "custrecord_eu_member": true});
        self.at.upsert("subsidiary", "DE01", &germany).await;
        let company = json!({"externalId": "DE01"});
        let tax = json!({"itemId": "DE01-O", "subsidiary": company, "rate": 0, "custrecord_tax_category": "O"});
        self.at.upsert("salesTaxItem", "DE01-O", &tax).await;
        let center = json!({"name": "CC-DE01", "subsidiary": company, "custrecord_label": "delivery"});
        self.at.upsert("department", "CC-DE01", &center).await;
        for (month, key) in [("2025-01-01", "FX-1"), ("2025-02-01", "FX-2"), ("2025-03-01", "FX-3")] {
            let rate = json!({"baseCurrency": {"refName": "EUR"}, "transactionCurrency": {"refName": "USD"},
                "exchangeRate": 0.5, "effectiveDate": month});
            self.at.upsert("currencyRate", key, &rate).await;
        }
        self.settle().await;
    }

    /// The person works some minutes on the only project; the time is handed in and approved.
    pub(crate) async fn work(&self, day: &str, minutes: u32, reference: &str) {
        let entry = self.enter(day, minutes, reference, &json!({})).await;
        self.approve(day, entry, reference).await;
    }

    /// The person writes time down, whole but for `changed` fields.
    pub(crate) async fn enter(&self, day: &str, minutes: u32, reference: &str, changed: &Value) -> u64 {
        let (workspace, user) = self.place_of_work().await;
        let story = number(&self.at.list("stories", &[("workspace_id", &workspace.to_string())]).await[0]);
        let mut time = json!({"workspace_id": workspace, "story_id": story, "user_id": user, "date_performed": day,
            "time_in_minutes": minutes, "billable": true, "notes": reference,
            "custom_fields": {"Role": "consultant", "Work Type": "regular", "Write Down Minutes": 0}});
        time.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        self.at.post("time_entries", "time_entry", &time).await
    }

    /// Time is handed in and approved.
    pub(crate) async fn approve(&self, day: &str, entry: u64, reference: &str) {
        let (workspace, user) = self.place_of_work().await;
        let sheet = json!({"workspace_id": workspace, "user_id": user, "start_date": day, "end_date": day,
            "title": reference, "time_entry_ids": [entry]});
        let sheet = self.at.post("timesheet_submissions", "timesheet_submission", &sheet).await;
        self.at
            .put(&format!("timesheet_submissions/{sheet}/approve"), &json!({}))
            .await;
    }

    /// The person spends money on the only project, without a receipt; it is handed in and approved.
    pub(crate) async fn spend(&self, day: &str, cents: u32, reference: &str) {
        let (workspace, user) = self.place_of_work().await;
        let expense = json!({"workspace_id": workspace, "user_id": user, "date": day, "category": "hotel",
            "amount_in_cents": cents, "currency": "USD", "billable": true, "reimbursable": true, "receipt_id": null,
            "notes": reference});
        let expense = self.at.post("expenses", "expense", &expense).await;
        let sheet = json!({"workspace_id": workspace, "user_id": user, "start_date": day, "end_date": day,
            "title": reference, "expense_ids": [expense]});
        let sheet = self
            .at
            .post("expense_report_submissions", "expense_report_submission", &sheet)
            .await;
        self.at
            .put(&format!("expense_report_submissions/{sheet}/approve"), &json!({}))
            .await;
    }

    /// The only workspace, and the person as its user.
    async fn place_of_work(&self) -> (u64, u64) {
        let workspaces = self.at.list("workspaces", &[]).await;
        let users = self.at.list("users", &[]).await;
        let person = users.iter().find(|user| user["email_address"] == "em-1@firm.example");
        (number(&workspaces[0]), number(person.unwrap()))
    }

    /// The customer pays a part of the only invoice.
    pub(crate) async fn pay(&self, key: &str, amount: u32) {
        let invoice = &self
            .at
            .suiteql("SELECT id, entity FROM transaction WHERE type = 'CustInvc' ORDER BY id")
            .await[0];
        let payment = json!({"customer": {"id": text(&invoice["entity"])}, "currency": {"refName": "USD"}, "payment": amount,
            "tranDate": self.clock.now().date_naive(),
            "apply": {"items": [{"doc": {"id": text(&invoice["id"])}, "amount": amount}]}});
        self.at.upsert("customerPayment", key, &payment).await;
    }

    /// Faults strike the next requests of a vendor that begin like this.
    pub(crate) fn arm(&self, vendor: Vendor, request: &str, fault: Fault, times: u32) {
        self.all.faults[&vendor].arm(request, fault, times);
    }

    /// Where its database is.
    pub(crate) fn store_url(&self) -> &str {
        &self.url
    }

    /// The platform's database.
    pub(crate) fn store(&self) -> Db {
        Db::open(&self.url, &strata_store::Options::default()).unwrap()
    }

    /// Every exception.
    pub(crate) async fn exceptions(&self) -> Vec<Exception> {
        let mut desk = ExceptionServiceClient::new(self.all.installation.process.clone());
        let whole = ListExceptionsRequest {
            page_size: 1000,
            ..ListExceptionsRequest::default()
        };
        desk.list_exceptions(whole).await.unwrap().into_inner().exceptions
    }

    /// Every mobilisation.
    pub(crate) async fn mobilisations(&self) -> Vec<Mobilisation> {
        let mut desk = MobilisationServiceClient::new(self.all.installation.process.clone());
        let answer = desk.list_mobilisations(ListMobilisationsRequest::default()).await;
        answer.unwrap().into_inner().mobilisations
    }

    /// How many records of each kind the vendors hold that the platform makes.
    pub(crate) async fn made(&self) -> BTreeMap<&'static str, usize> {
        let mut made = BTreeMap::new();
        for kind in [
            "customer",
            "salesOrder",
            "job",
            "employee",
            "timeBill",
            "invoice",
            "creditMemo",
            "journalEntry",
        ] {
            made.insert(kind, self.at.ids(kind).await.len());
        }
        for kind in [
            "workspaces",
            "stories",
            "workspace_groups",
            "workspace_resources",
            "users",
            "invoices",
        ] {
            made.insert(kind, self.at.list(kind, &[]).await.len());
        }
        made
    }
}

/// Settings of a platform on one database, whose clocks begin at a moment.
pub(crate) fn options(folder: &Path, store: String, start: Instant) -> Options {
    Options {
        folder: folder.to_owned(),
        store,
        bus: "inproc".to_owned(),
        start,
        listen: "127.0.0.1:0".parse().unwrap(),
        process_servers: 1,
    }
}

/// A record's id, as Kantata OX wants it in requests.
fn number(record: &Value) -> u64 {
    text(&record["id"]).parse().unwrap()
}

/// A text, or a number as text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
