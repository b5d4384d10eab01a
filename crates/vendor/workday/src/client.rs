//! Workday's endpoints: `Get_Workers`.

use std::fmt::Write as _;
use std::sync::Arc;

use quick_xml::escape::escape;
use reqwest::Method;
use strata_kernel::{Clock, Date, Instant, Result};
use strata_vendor_http::{Base, Client as Http, Effect, Gate, Request, Session, error_of as no_answer, segment, unavailable};

use crate::auth::Refresh;
use crate::config::Config;
use crate::faults::error_of;
use crate::fields::{ENVELOPE, NAMESPACE, SERVICE, VERSION};
use crate::xml::{self, Node};

/// Which workers are meant.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// Everybody.
    All,
    /// Everybody with an entry in the window, both ends included.
    Entered(Instant, Instant),
    /// These, by their 32-digit ids. One that does not exist on the day is left out.
    Named(Vec<String>),
}

/// A question: who, on which day, as known when, which page.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) who: Who,
    pub(crate) on: Date,
    pub(crate) known_by: Instant,
    pub(crate) page: u32,
    pub(crate) count: u32,
}

/// A page of workers.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) workers: Vec<Node>,
    pub(crate) pages: u32,
}

/// Workday's SOAP services of one tenant.
pub(crate) struct Client {
    session: Session<Refresh>,
    url: String,
}

impl Client {
    pub(crate) fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self> {
        let base = Base::parse("base_url", &config.base_url)?;
        let http = Http::new(crate::VENDOR, config.limits)?;
        let tenant = segment(&config.tenant);
        let refresh = Refresh::new(config, http.clone(), base.at(&format!("/ccx/oauth2/{tenant}/token")));
        Ok(Self {
            session: Session::new(http, refresh, clock),
            url: base.at(&format!("/ccx/service/{tenant}/{SERVICE}/{VERSION}")),
        })
    }

    /// What admits its requests.
    pub(crate) fn gate(&self) -> Gate {
        self.session.gate()
    }

    /// `Get_Workers`.
    pub(crate) async fn workers(&self, question: &Question) -> Result<Page> {
        let body = envelope(question);
        let reply = self
            .session
            .send(|token| {
                Request::new(Method::POST, &self.url, Effect::Read)
                    .body("text/xml; charset=utf-8", body.clone())
                    .bearer(token.secret.expose())
            })
            .await
            .map_err(no_answer)?;
        if !reply.is_success() {
            return Err(error_of(&reply));
        }
        let text = std::str::from_utf8(&reply.body).map_err(|_| unavailable("an answer that is not UTF-8"))?;
        let root = xml::parse(text).map_err(|cause| unavailable(format!("an answer that is not XML: {cause}")))?;
        let Some(response) = root.at("Body/Get_Workers_Response") else {
            return Err(error_of(&reply));
        };
        let pages = response
            .text_at("Response_Results/Total_Pages")
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| unavailable("an answer without Total_Pages"))?;
        let workers = match response.at("Response_Data") {
            Some(data) => data.all("Worker").cloned().collect(),
            // Left out when there is nobody. On a page that is there, somebody is.
            None if question.page > pages => Vec::new(),
            None => return Err(unavailable("a page without Response_Data")),
        };
        Ok(Page { workers, pages })
    }
}

/// The request. Every kind of entry in the transaction log is meant, corrections and rescinds too, so no types are named.
fn envelope(question: &Question) -> String {
    let mut who = String::new();
    match &question.who {
        Who::All => {}
        Who::Entered(from, through) => {
            let (from, through) = (moment(*from), moment(*through));
            // Writing to a String cannot fail.
            let _ = write!(
                who,
                "<wd:Request_Criteria><wd:Transaction_Log_Criteria_Data><wd:Transaction_Date_Range_Data>\
                 <wd:Updated_From>{from}</wd:Updated_From><wd:Updated_Through>{through}</wd:Updated_Through>\
                 </wd:Transaction_Date_Range_Data></wd:Transaction_Log_Criteria_Data></wd:Request_Criteria>"
            );
        }
        Who::Named(ids) => {
            who.push_str("<wd:Request_References wd:Skip_Non_Existing_Instances=\"true\">");
            for id in ids {
                let _ = write!(
                    who,
                    "<wd:Worker_Reference><wd:ID wd:type=\"WID\">{}</wd:ID></wd:Worker_Reference>",
                    escape(id.as_str())
                );
            }
            who.push_str("</wd:Request_References>");
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><env:Envelope xmlns:env=\"{ENVELOPE}\"><env:Body>\
         <wd:Get_Workers_Request xmlns:wd=\"{NAMESPACE}\" wd:version=\"{VERSION}\">{who}<wd:Response_Filter>\
         <wd:As_Of_Effective_Date>{}</wd:As_Of_Effective_Date><wd:As_Of_Entry_DateTime>{}</wd:As_Of_Entry_DateTime>\
         <wd:Page>{}</wd:Page><wd:Count>{}</wd:Count></wd:Response_Filter><wd:Response_Group>\
         <wd:Include_Reference>true</wd:Include_Reference>\
         <wd:Include_Personal_Information>true</wd:Include_Personal_Information>\
         <wd:Include_Employment_Information>true</wd:Include_Employment_Information>\
         <wd:Include_Compensation>true</wd:Include_Compensation><wd:Include_Organizations>true</wd:Include_Organizations>\
         <wd:Include_Transaction_Log_Data>true</wd:Include_Transaction_Log_Data></wd:Response_Group>\
         </wd:Get_Workers_Request></env:Body></env:Envelope>",
        question.on,
        moment(question.known_by),
        question.page,
        question.count
    )
}

fn moment(at: Instant) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_question_is_well_formed_and_says_what_is_asked() {
        let known_by = Instant::from_timestamp_millis(1_743_440_589_250).unwrap();
        let mut question = Question {
            who: Who::Entered(known_by, known_by),
            on: "2026-05-05".parse().unwrap(),
            known_by,
            page: 3,
            count: 100,
        };
        let root = xml::parse(&envelope(&question)).unwrap();
        let request = root.at("Body/Get_Workers_Request").unwrap();
        assert_eq!(request.attribute("version"), Some("v44.0"));
        assert_eq!(request.text_at("Response_Filter/As_Of_Effective_Date"), Some("2026-05-05"));
        assert_eq!(
            request.text_at("Response_Filter/As_Of_Entry_DateTime"),
            Some("2025-03-31T17:03:09.250Z")
        );
        assert_eq!(request.text_at("Response_Filter/Page"), Some("3"));
        let range = "Request_Criteria/Transaction_Log_Criteria_Data/Transaction_Date_Range_Data/Updated_Through";
        assert_eq!(request.text_at(range), Some("2025-03-31T17:03:09.250Z"));

        question.who = Who::Named(vec!["a<b".into(), "c".into()]);
        let root = xml::parse(&envelope(&question)).unwrap();
        let references = root.at("Body/Get_Workers_Request/Request_References").unwrap();
        let ids: Vec<_> = references.all("Worker_Reference").filter_map(|r| r.id("WID")).collect();
        assert_eq!(ids, ["a<b", "c"]);
    }
}
