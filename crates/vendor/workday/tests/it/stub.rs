//! A tenant whose workers are told by a function, and that remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use strata_kernel::{Date, Instant, SimClock};
use strata_vendor_http::{Limits, Secret};
use strata_workday::{Config, Workday};

/// A question as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) body: String,
    pub(crate) token: String,
}

impl Asked {
    /// Text of the first element of this name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<wd:{name}>"))?;
        rest.split_once("</").map(|(text, _)| text)
    }

    /// The day asked for.
    pub(crate) fn on(&self) -> Date {
        self.text("As_Of_Effective_Date").unwrap().parse().unwrap()
    }

    /// The ids asked for. Empty: a list is asked for.
    pub(crate) fn ids(&self) -> Vec<String> {
        let parts = self.body.split("wd:type=\"WID\">").skip(1);
        parts
            .filter_map(|part| part.split_once('<').map(|(id, _)| id.to_owned()))
            .collect()
    }
}

/// Answers a question: status and body. None: never.
pub(crate) type Tell = fn(&Asked, usize) -> Option<(u16, String)>;

/// The tenant.
#[derive(Clone)]
pub(crate) struct Stub {
    tell: Tell,
    asked: Arc<Mutex<Vec<Asked>>>,
    tokens: Arc<Mutex<Vec<(String, String)>>>,
    base: String,
    pub(crate) clock: SimClock,
}

impl Stub {
    pub(crate) async fn new(tell: Tell) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stub = Self {
            tell,
            asked: Arc::default(),
            tokens: Arc::default(),
            base: format!("http://{}", listener.local_addr().unwrap()),
            // 2025-03-31 17:03:09 UTC.
            clock: SimClock::new(Instant::from_timestamp(1_743_440_589, 0).unwrap()),
        };
        let router = Router::new().fallback(answer).with_state(stub.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        stub
    }

    pub(crate) fn adapter(&self) -> Workday {
        let config = Config {
            base_url: self.base.clone(),
            tenant: "firm".into(),
            client_id: "client".into(),
            client_secret: Secret::new("secret"),
            refresh_token: Secret::new("refresh"),
            limits: Limits {
                timeout: Duration::from_millis(400),
                ..Limits::default()
            },
            overlap_seconds: 60,
            horizon_days: 400,
        };
        strata_workday::new(config, Arc::new(self.clock.clone())).unwrap()
    }

    /// Questions so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Authorization and form of each request for a token.
    pub(crate) fn tokens(&self) -> Vec<(String, String)> {
        self.tokens.lock().unwrap().clone()
    }
}

async fn answer(State(stub): State<Stub>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let token = headers
        .get("authorization")
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    if uri.path() == "/ccx/oauth2/firm/token" {
        let mut tokens = stub.tokens.lock().unwrap();
        tokens.push((token, body));
        let grant = format!(
            "{{\"access_token\":\"t{}\",\"token_type\":\"Bearer\",\"expires_in\":14400}}",
            tokens.len()
        );
        return grant.into_response();
    }
    assert_eq!(uri.path(), "/ccx/service/firm/Human_Resources/v44.0");
    let asked = Asked { body, token };
    let before = {
        let mut all = stub.asked.lock().unwrap();
        all.push(asked.clone());
        all.len() - 1
    };
    match (stub.tell)(&asked, before) {
        Some((status, body)) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
        None => std::future::pending().await,
    }
}

/// An answer with these workers.
pub(crate) fn workers(workers: &[String], pages: u32) -> Option<(u16, String)> {
    let body = format!(
        "<?xml version=\"1.0\"?><env:Envelope xmlns:env=\"http://schemas.xmlsoap.org/soap/envelope/\"><env:Body>\
         <wd:Get_Workers_Response xmlns:wd=\"urn:com.workday/bsvc\"><wd:Response_Results><wd:Total_Pages>{pages}</wd:Total_Pages>\
         </wd:Response_Results><wd:Response_Data>{}</wd:Response_Data></wd:Get_Workers_Response></env:Body></env:Envelope>",
        workers.concat()
    );
    Some((200, body))
}

/// A fault.
pub(crate) fn fault(code: &str, words: &str) -> Option<(u16, String)> {
    let body = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault><faultcode>e:{code}</faultcode>\
         <faultstring>{words}</faultstring></e:Fault></e:Body></e:Envelope>"
    );
    Some((500, body))
}

/// What a worker is on a day.
#[derive(Default)]
pub(crate) struct Is<'a> {
    pub(crate) id: &'a str,
    pub(crate) hired: &'a str,
    /// Role and since when. None: no job.
    pub(crate) job: Option<(&'a str, &'a str)>,
    /// Cost per hour in USD and since when.
    pub(crate) pay: Option<(&'a str, &'a str)>,
    pub(crate) ended: Option<&'a str>,
}

impl Is<'_> {
    pub(crate) fn xml(&self) -> String {
        let job = self.job.map_or_else(String::new, |(role, since)| {
            format!(
                "<wd:Worker_Job_Data wd:Primary_Job=\"1\"><wd:Position_Data><wd:Full_Time_Equivalent_Percentage>100\
                 </wd:Full_Time_Equivalent_Percentage><wd:Job_Profile_Summary_Data><wd:Job_Profile_Name>{role}</wd:Job_Profile_Name>\
                 </wd:Job_Profile_Summary_Data><wd:Effective_Date>{since}-07:00</wd:Effective_Date></wd:Position_Data></wd:Worker_Job_Data>"
            )
        });
        let pay = self.pay.map_or_else(String::new, |(amount, since)| {
            format!(
                "<wd:Compensation_Data><wd:Compensation_Effective_Date>{since}</wd:Compensation_Effective_Date>\
                 <wd:Summary_Data_in_Hourly_Frequency><wd:Total_Base_Pay>{amount}</wd:Total_Base_Pay><wd:Currency_Reference>\
                 <wd:ID wd:type=\"Currency_ID\">USD</wd:ID></wd:Currency_Reference></wd:Summary_Data_in_Hourly_Frequency>\
                 </wd:Compensation_Data>"
            )
        });
        let ended = self
            .ended
            .map_or_else(String::new, |day| format!("<wd:Termination_Date>{day}</wd:Termination_Date>"));
        format!(
            "<wd:Worker><wd:Worker_Reference><wd:ID wd:type=\"WID\">{id}</wd:ID></wd:Worker_Reference><wd:Worker_Data>\
             <wd:Worker_ID>EM-{id}</wd:Worker_ID><wd:Personal_Data><wd:Name_Data><wd:Legal_Name_Data>\
             <wd:Name_Detail_Data wd:Formatted_Name=\"Ada King\"/></wd:Legal_Name_Data></wd:Name_Data></wd:Personal_Data>\
             <wd:Employment_Data>{job}<wd:Worker_Status_Data><wd:Hire_Date>{hired}</wd:Hire_Date>{ended}</wd:Worker_Status_Data>\
             </wd:Employment_Data>{pay}<wd:Organization_Data><wd:Worker_Organization_Data><wd:Organization_Data>\
             <wd:Organization_Reference_ID>US01</wd:Organization_Reference_ID><wd:Organization_Type_Reference>\
             <wd:ID wd:type=\"Organization_Type_ID\">Company</wd:ID></wd:Organization_Type_Reference></wd:Organization_Data>\
             </wd:Worker_Organization_Data></wd:Organization_Data></wd:Worker_Data></wd:Worker>",
            id = self.id,
            hired = self.hired,
        )
    }
}
