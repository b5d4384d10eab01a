//! Requests that are refused, and leave nothing behind.

use strata_sandbox_workday::Options;

use crate::tenant::{Tenant, role};

const UNKNOWN: &str = "Invalid ID value. 'Z' is not a valid ID value for type Employee_ID";

#[tokio::test]
async fn unknown_workers_companies_and_profiles_are_refused() {
    let names = |names: &[&str]| Some(names.iter().map(|n| (*n).to_owned()).collect());
    let options = Options {
        companies: names(&["DE01"]),
        job_profiles: names(&["analyst"]),
    };
    let firm = Tenant::open(None, options).await;
    firm.hire("A", ("Ada", "A"), "2026-01-01").await.ok();

    assert_eq!(firm.change_job("Z", "2026-02-01", &role("analyst")).await.message(), UNKNOWN);
    assert_eq!(firm.terminate("Z", "2026-02-01").await.message(), UNKNOWN);
    assert_eq!(firm.pay("Z", "2026-02-01", "1", "EUR", "Hourly").await.message(), UNKNOWN);

    let company = firm.hire_as("B", ("Bo", "B"), "2026-01-01", "analyst", "XX99").await;
    assert_eq!(
        company.message(),
        "Invalid ID value. 'XX99' is not a valid ID value for type Company_Reference_ID"
    );
    let path = "/wd:Hire_Employee_Request/wd:Hire_Employee_Data/wd:Hire_Employee_Event_Data/wd:Company_Reference/wd:ID";
    assert_eq!(company.one("wd:Xpath"), path);
    let profile = firm.change_job("A", "2026-02-01", &role("wizard")).await;
    assert_eq!(
        profile.message(),
        "Invalid ID value. 'wizard' is not a valid ID value for type Job_Profile_ID"
    );
    let frequency = firm.pay("A", "2026-02-01", "1", "EUR", "Weekly").await;
    assert_eq!(
        frequency.message(),
        "Invalid ID value. 'Weekly' is not a valid ID value for type Frequency_ID"
    );
    let currency = firm.pay("A", "2026-02-01", "1", "euro", "Hourly").await;
    assert_eq!(
        currency.message(),
        "Invalid ID value. 'euro' is not a valid ID value for type Currency_ID"
    );
    assert_eq!(firm.get_workers("").await.ok().all("wd:Worker_ID"), ["A"]);
}

#[tokio::test]
async fn nothing_happens_on_days_on_which_the_worker_does_not_work_here() {
    let firm = Tenant::new().await;
    firm.hire("A", ("Ada", "A"), "2026-02-01").await.ok();
    let early = firm.change_job("A", "2026-01-31", &role("manager")).await;
    assert_eq!(early.message(), "The worker is not active as of 2026-01-31");
    let early = firm.terminate("A", "2026-01-15").await;
    assert_eq!(early.message(), "The termination date is before the hire date 2026-02-01");
    firm.terminate("A", "2026-06-30").await.ok();
    assert_eq!(
        firm.terminate("A", "2026-07-31").await.message(),
        "The worker is already terminated as of 2026-06-30"
    );
    let late = firm.pay("A", "2026-07-01", "1", "EUR", "Hourly").await;
    assert_eq!(late.message(), "The worker is not active as of 2026-07-01");
    firm.pay("A", "2026-06-30", "1", "EUR", "Hourly").await.ok();
}

#[tokio::test]
async fn a_second_hire_under_one_number_is_refused() {
    let firm = Tenant::new().await;
    firm.hire("A", ("Ada", "A"), "2026-02-01").await.ok();
    let again = firm.hire("A", ("Ada", "A"), "2026-02-01").await;
    assert_eq!(again.message(), "Employee ID A is already in use");
    assert_eq!(firm.get_workers("").await.one("wd:Total_Results"), "1");
}

#[tokio::test]
async fn values_that_make_no_sense_are_refused_with_their_place() {
    let firm = Tenant::new().await;
    firm.hire("A", ("Ada", "A"), "2026-01-01").await.ok();
    for (amount, word) in [
        ("-1", "negative"),
        ("1.1234567", "decimal places"),
        ("1e3", "decimal"),
        ("many", "decimal"),
    ] {
        let refused = firm.pay("A", "2026-02-01", amount, "EUR", "Hourly").await;
        assert!(refused.message().contains(word), "{amount}: {}", refused.text);
    }
    for share in ["0", "100.01", "-5", "half"] {
        let share = format!("<Full_Time_Equivalent_Percentage>{share}</Full_Time_Equivalent_Percentage>");
        let refused = firm
            .change_job("A", "2026-02-01", &format!("<Job_Details_Data>{share}</Job_Details_Data>"))
            .await;
        assert!(
            refused.one("wd:Xpath").ends_with("/wd:Full_Time_Equivalent_Percentage"),
            "{}",
            refused.text
        );
    }
    assert_eq!(
        firm.change_job("A", "2026-02-01", "").await.message(),
        "The request changes nothing"
    );
    assert_eq!(
        firm.change_job("A", "1 March", &role("manager")).await.message(),
        "'1 March' is not a valid value of type date"
    );
    let extra = firm
        .change_job("A", "2026-02-01", &format!("{}<Colour>red</Colour>", role("manager")))
        .await;
    assert_eq!(extra.message(), "Element Content 'Colour' is not valid here");
    let missing = firm.write("Staffing", "Terminate_Employee", "").await;
    assert_eq!(missing.message(), "Required element Employee_Reference is missing");
    assert_eq!(firm.on("2026-12-31").await.one("wd:Job_Profile_Name"), "analyst");
}

#[tokio::test]
async fn a_write_that_would_wait_for_approval_is_refused() {
    let firm = Tenant::new().await;
    firm.hire("A", ("Ada", "A"), "2026-01-01").await.ok();
    let data = "<Terminate_Employee_Data><Employee_Reference><ID wd:type=\"Employee_ID\">A</ID></Employee_Reference>\
                <Termination_Date>2026-02-01</Termination_Date></Terminate_Employee_Data>";
    let bare = firm.call("Staffing", "Terminate_Employee", data).await;
    assert_eq!(bare.message(), "Required element Business_Process_Parameters is missing");
    let parameters = "<Business_Process_Parameters><Auto_Complete>false</Auto_Complete></Business_Process_Parameters>";
    let waiting = firm
        .call("Staffing", "Terminate_Employee", &format!("{parameters}{data}"))
        .await;
    assert_eq!(waiting.message(), "The tenant has no approvers: Auto_Complete must be true");
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_such() {
    let firm = Tenant::new().await;
    let fault = async |service: &str, body: &str| {
        let reply = firm.send(service, body).await;
        (reply.status, reply.one("faultcode").to_owned())
    };
    let client = (500, "SOAP-ENV:Client".to_owned());
    assert_eq!(fault("Staffing", "not xml").await, client);
    assert_eq!(fault("Staffing", "<a/>").await, client);
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    assert_eq!(
        fault("Staffing", &format!("<e:Envelope xmlns:e='{soap}'><e:Body/></e:Envelope>")).await,
        client
    );
    let wrong_service = firm.call("Compensation", "Hire_Employee", "").await;
    assert!(
        wrong_service.one("faultstring").contains("has no operation"),
        "{}",
        wrong_service.text
    );
    let foreign = firm
        .call("Human_Resources", "Get_Workers", "<x:Response_Filter xmlns:x=\"urn:other\"/>")
        .await;
    assert_eq!(foreign.message(), "Element Content 'Response_Filter' is not valid here");
}
