//! A tenant on a port of its own, and the requests people and integrations send to it.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use strata_sandbox::{Faults, SandboxClock, Setup};
use strata_sandbox_workday::{Options, router_with};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Tenant {
    pub clock: SandboxClock,
    pub faults: Faults,
    pub base: String,
    pub token: String,
    pub http: Client,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

pub struct Reply {
    pub status: u16,
    pub text: String,
}

impl Reply {
    /// The texts of every element of this name, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        self.text
            .split(&open)
            .skip(1)
            .map(|rest| rest.split_once(&close).unwrap().0)
            .collect()
    }

    /// The text of the only element of this name.
    pub fn one(&self, name: &str) -> &str {
        let all = self.all(name);
        assert_eq!(all.len(), 1, "{name} in {}", self.text);
        all[0]
    }

    /// The first id of this type.
    pub fn id(&self, kind: &str) -> &str {
        let behind = self.text.split_once(&format!("<wd:ID wd:type=\"{kind}\">")).unwrap().1;
        behind.split_once('<').unwrap().0
    }

    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.text);
        self
    }

    /// The message of a validation fault.
    pub fn message(&self) -> &str {
        assert_eq!(self.status, 500, "{}", self.text);
        assert!(self.text.contains("SOAP-ENV:Client.validationError"), "{}", self.text);
        self.one("wd:Message")
    }
}

pub fn start() -> DateTime<Utc> {
    "2026-01-31T08:00:00Z".parse().unwrap()
}

impl Tenant {
    pub async fn new() -> Self {
        Self::open(None, Options::default()).await
    }

    pub async fn open(dir: Option<&Path>, options: Options) -> Self {
        let setup = Setup {
            dir: dir.map(Path::to_owned),
            ..Setup::in_memory(start())
        };
        let (clock, faults) = (setup.clock.clone(), setup.faults.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let stopped = async move {
            let _ = stopped.await;
        };
        let server = tokio::spawn(strata_sandbox::serve(listener, router_with(setup, options).unwrap(), stopped));
        let mut tenant = Self {
            clock,
            faults,
            base,
            token: String::new(),
            http: Client::new(),
            stop,
            server,
        };
        tenant.log_in().await;
        tenant
    }

    pub async fn close(self) {
        drop(self.http);
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }

    pub async fn log_in(&mut self) {
        let (status, body) = self.sign_on("sandbox-secret", "refresh_token", "strata-refresh").await;
        assert_eq!(
            (status, body["token_type"].as_str(), body["expires_in"].as_u64()),
            (200, Some("Bearer"), Some(14_400))
        );
        self.token = body["access_token"].as_str().unwrap().to_owned();
    }

    pub async fn sign_on(&self, secret: &str, grant: &str, refresh: &str) -> (u16, Value) {
        let request = self
            .http
            .post(format!("{}/ccx/oauth2/firm/token", self.base))
            .basic_auth("strata", Some(secret));
        let form = format!("grant_type={grant}&refresh_token={refresh}");
        json(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    }

    pub fn pass(&self, hours: i64) {
        self.clock.set(self.clock.now() + TimeDelta::hours(hours));
    }

    /// Passes time beyond the life of a token.
    pub async fn days_later(&mut self, days: i64) {
        self.pass(24 * days);
        self.log_in().await;
    }

    /// Sends a body as it stands.
    pub async fn send(&self, service: &str, body: &str) -> Reply {
        let url = format!("{}/ccx/service/firm/{service}/v44.0", self.base);
        let request = self
            .http
            .post(url)
            .bearer_auth(&self.token)
            .header("content-type", "text/xml");
        let response = request.body(body.to_owned()).send().await.unwrap();
        Reply {
            status: response.status().as_u16(),
            text: response.text().await.unwrap(),
        }
    }

    /// Sends a request in an envelope.
    pub async fn call(&self, service: &str, operation: &str, content: &str) -> Reply {
        let body = format!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Header/><soapenv:Body>\
             <{operation}_Request xmlns=\"urn:com.workday/bsvc\" xmlns:wd=\"urn:com.workday/bsvc\" wd:version=\"v44.0\">\
             {content}</{operation}_Request></soapenv:Body></soapenv:Envelope>"
        );
        self.send(service, &body).await
    }

    /// A write whose business process completes at once.
    pub async fn write(&self, service: &str, operation: &str, content: &str) -> Reply {
        let content = format!(
            "<Business_Process_Parameters><Auto_Complete>1</Auto_Complete><Run_Now>1</Run_Now></Business_Process_Parameters>\
             <{operation}_Data>{content}</{operation}_Data>"
        );
        self.call(service, operation, &content).await
    }

    pub async fn hire(&self, id: &str, name: (&str, &str), day: &str) -> Reply {
        self.hire_as(id, name, day, "analyst", "DE01").await
    }

    pub async fn hire_as(&self, id: &str, (first, last): (&str, &str), day: &str, role: &str, company: &str) -> Reply {
        let id = if id.is_empty() {
            String::new()
        } else {
            format!("<Employee_ID>{id}</Employee_ID>")
        };
        let content = format!(
            "<Applicant_Data><Personal_Data><Name_Data><Legal_Name_Data><Name_Detail_Data><First_Name>{first}</First_Name>\
             <Last_Name>{last}</Last_Name></Name_Detail_Data></Legal_Name_Data></Name_Data><Contact_Data><Email_Address_Data>\
             <Email_Address>someone@firm.example</Email_Address></Email_Address_Data></Contact_Data></Personal_Data>\
             </Applicant_Data><Hire_Date>{day}</Hire_Date><Hire_Employee_Event_Data>{id}<Position_Details>\
             <Job_Profile_Reference><ID wd:type=\"Job_Profile_ID\">{role}</ID></Job_Profile_Reference>\
             <Full_Time_Equivalent_Percentage>100.0</Full_Time_Equivalent_Percentage></Position_Details>\
             <Company_Reference><ID wd:type=\"Company_Reference_ID\">{company}</ID></Company_Reference>\
             </Hire_Employee_Event_Data>"
        );
        self.write("Staffing", "Hire_Employee", &content).await
    }

    /// Changes a job; `detail` is what stands in `Change_Job_Detail_Data`.
    pub async fn change_job(&self, id: &str, day: &str, detail: &str) -> Reply {
        let content = format!(
            "<Worker_Reference><ID wd:type=\"Employee_ID\">{id}</ID></Worker_Reference><Effective_Date>{day}</Effective_Date>\
             <Change_Job_Detail_Data>{detail}</Change_Job_Detail_Data>"
        );
        self.write("Staffing", "Change_Job", &content).await
    }

    pub async fn terminate(&self, id: &str, day: &str) -> Reply {
        let content = format!(
            "<Employee_Reference><ID wd:type=\"Employee_ID\">{id}</ID></Employee_Reference>\
             <Termination_Date>{day}</Termination_Date>"
        );
        self.write("Staffing", "Terminate_Employee", &content).await
    }

    pub async fn pay(&self, id: &str, day: &str, amount: &str, currency: &str, frequency: &str) -> Reply {
        let content = format!(
            "<Employee_Reference><ID wd:type=\"Employee_ID\">{id}</ID></Employee_Reference>\
             <Compensation_Change_Date>{day}</Compensation_Change_Date><Compensation_Change_Data><Pay_Plan_Data>\
             <Pay_Plan_Sub_Data><Amount>{amount}</Amount><Currency_Reference><ID wd:type=\"Currency_ID\">{currency}</ID>\
             </Currency_Reference><Frequency_Reference><ID wd:type=\"Frequency_ID\">{frequency}</ID></Frequency_Reference>\
             </Pay_Plan_Sub_Data></Pay_Plan_Data></Compensation_Change_Data>"
        );
        self.write("Compensation", "Request_Compensation_Change", &content).await
    }

    pub async fn get_workers(&self, content: &str) -> Reply {
        self.call("Human_Resources", "Get_Workers", content).await
    }

    /// Everybody as of a day.
    pub async fn on(&self, day: &str) -> Reply {
        let filter = format!("<Response_Filter><As_Of_Effective_Date>{day}</As_Of_Effective_Date></Response_Filter>");
        self.get_workers(&filter).await.ok()
    }

    pub async fn rest(&self, path: &str) -> (u16, Value) {
        json(
            self.http
                .get(format!("{}/ccx/api/v1/firm/{path}", self.base))
                .bearer_auth(&self.token),
        )
        .await
    }
}

pub async fn json(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (
        response.status().as_u16(),
        serde_json::from_str(&response.text().await.unwrap()).unwrap(),
    )
}

/// A new role.
pub fn role(name: &str) -> String {
    let reference = format!("<Job_Profile_Reference><ID wd:type=\"Job_Profile_ID\">{name}</ID></Job_Profile_Reference>");
    format!("<Job_Details_Data>{reference}</Job_Details_Data>")
}

/// A filter on entries made in a window.
pub fn updated(from: DateTime<Utc>, through: DateTime<Utc>) -> String {
    let (from, through) = (from.to_rfc3339(), through.to_rfc3339());
    format!(
        "<Request_Criteria><Transaction_Log_Criteria_Data><Transaction_Date_Range_Data><Updated_From>{from}</Updated_From>\
         <Updated_Through>{through}</Updated_Through></Transaction_Date_Range_Data></Transaction_Log_Criteria_Data>\
         </Request_Criteria>"
    )
}
