#![allow(clippy::unwrap_used)]
use super::*;
use crate::xml::parse;

/// A worker as Workday writes it, with what differs put in.
fn worker(job: &str, pay: &str, status: &str) -> Node {
    parse(&format!(
        r#"<wd:Worker xmlns:wd="urn:com.workday/bsvc">
          <wd:Worker_Reference wd:Descriptor="Ada King"><wd:ID wd:type="WID">0e44c924</wd:ID><wd:ID wd:type="Employee_ID">EM-1</wd:ID></wd:Worker_Reference>
          <wd:Worker_Data><wd:Worker_ID>EM-1</wd:Worker_ID>
            <wd:Personal_Data>
              <wd:Name_Data><wd:Legal_Name_Data><wd:Name_Detail_Data wd:Formatted_Name="Ada &amp; King" wd:Reporting_Name="x"/></wd:Legal_Name_Data></wd:Name_Data>
              <wd:Contact_Data>
                <wd:Email_Address_Data><wd:Email_Address>home@example.com</wd:Email_Address></wd:Email_Address_Data>
                <wd:Email_Address_Data><wd:Email_Address>ada@example.com</wd:Email_Address><wd:Usage_Data><wd:Type_Data wd:Primary="1">
                  <wd:Type_Reference><wd:ID wd:type="Communication_Usage_Type_ID">WORK</wd:ID></wd:Type_Reference></wd:Type_Data></wd:Usage_Data></wd:Email_Address_Data>
              </wd:Contact_Data>
            </wd:Personal_Data>
            <wd:Employment_Data>{job}<wd:Worker_Status_Data><wd:Hire_Date>2025-01-06-08:00</wd:Hire_Date>{status}</wd:Worker_Status_Data></wd:Employment_Data>
            {pay}
            <wd:Organization_Data>
              <wd:Worker_Organization_Data><wd:Organization_Data><wd:Organization_Reference_ID>Team</wd:Organization_Reference_ID>
                <wd:Organization_Type_Reference><wd:ID wd:type="Organization_Type_ID">Supervisory</wd:ID></wd:Organization_Type_Reference></wd:Organization_Data></wd:Worker_Organization_Data>
              <wd:Worker_Organization_Data><wd:Organization_Data><wd:Organization_Reference_ID>DE01</wd:Organization_Reference_ID>
                <wd:Organization_Type_Reference><wd:ID wd:type="Organization_Type_ID">Company</wd:ID></wd:Organization_Type_Reference></wd:Organization_Data></wd:Worker_Organization_Data>
            </wd:Organization_Data>
            <wd:Transaction_Log_Entry_Data>
              <wd:Transaction_Log_Entry><wd:Transaction_Log_Data><wd:Transaction_Entry_Moment>2025-01-02T01:00:00.500-07:00</wd:Transaction_Entry_Moment>
                <wd:Transaction_Effective_Date>2025-01-06-07:00</wd:Transaction_Effective_Date></wd:Transaction_Log_Data></wd:Transaction_Log_Entry>
              <wd:Transaction_Log_Entry><wd:Transaction_Log_Data><wd:Transaction_Entry_Moment>2025-02-02T00:00:00Z</wd:Transaction_Entry_Moment>
                <wd:Transaction_Effective_Date>2025-06-01</wd:Transaction_Effective_Date></wd:Transaction_Log_Data></wd:Transaction_Log_Entry>
            </wd:Transaction_Log_Entry_Data>
          </wd:Worker_Data></wd:Worker>"#
    ))
    .unwrap()
}

fn job(primary: &str, role: &str, fte: &str, since: &str) -> String {
    format!(
        "<wd:Worker_Job_Data wd:Primary_Job=\"{primary}\"><wd:Position_Data><wd:Full_Time_Equivalent_Percentage>{fte}\
         </wd:Full_Time_Equivalent_Percentage><wd:Job_Profile_Summary_Data><wd:Job_Profile_Name>{role}</wd:Job_Profile_Name>\
         </wd:Job_Profile_Summary_Data><wd:Effective_Date>{since}</wd:Effective_Date></wd:Position_Data></wd:Worker_Job_Data>"
    )
}

fn pay(amount: &str, code: &str, since: &str) -> String {
    format!(
        "<wd:Compensation_Data><wd:Compensation_Effective_Date>{since}</wd:Compensation_Effective_Date>\
         <wd:Summary_Data_in_Hourly_Frequency><wd:Total_Base_Pay>{amount}</wd:Total_Base_Pay><wd:Currency_Reference>\
         <wd:ID wd:type=\"Currency_ID\">{code}</wd:ID></wd:Currency_Reference></wd:Summary_Data_in_Hourly_Frequency></wd:Compensation_Data>"
    )
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn a_worker_becomes_a_row() {
    let jobs = job("0", "driver", "10", "2025-01-06") + &job("1", "manager", "80.0", "2025-06-01-07:00");
    let end = "<wd:Termination_Date>2026-03-31+14:00</wd:Termination_Date>";
    let version = snapshot(&worker(&jobs, &pay("45.673077", "EUR", "2025-02-01"), end)).unwrap();
    assert_eq!(version.since(), Some(date("2025-06-01")));
    let row = version.row(date("2026-01-01"), &version).unwrap();
    assert_eq!((row.id.as_str(), row.employee_number.as_str()), ("0e44c924", "EM-1"));
    assert_eq!((row.name.as_str(), row.email.as_str()), ("Ada & King", "ada@example.com"));
    assert_eq!(
        (row.role.as_str(), row.legal_entity_code.as_str(), row.fte_percent),
        ("manager", "DE01", 80)
    );
    assert_eq!(
        row.hire_date,
        Some(pb_date(date("2025-01-06"))),
        "the offset does not shift the day"
    );
    assert_eq!(row.termination_date, Some(pb_date(date("2026-03-31"))));
    let cost = row.hourly_cost.unwrap();
    assert_eq!((cost.minor_units, cost.currency_code.as_str()), (4567, "EUR"));
    assert_eq!(row.cost_effective_date, Some(pb_date(date("2025-02-01"))));
    assert_eq!(
        row.modified_time.unwrap().seconds,
        date("2025-02-02").and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp()
    );
    // Read as of a day before the second entry holds, only the first one made it.
    let early = version.row(date("2025-05-31"), &version).unwrap();
    assert_eq!(early.modified_time.unwrap().nanos, 500_000_000);
}

#[test]
fn before_the_first_day_there_is_no_job_and_pay_may_come_later() {
    let version = snapshot(&worker("", "", "")).unwrap();
    assert_eq!((version.since(), version.row(date("2025-01-01"), &version)), (None, None));
    let unpaid = snapshot(&worker(&job("1", "analyst", "100", "2025-01-06"), "", "")).unwrap();
    assert_eq!(unpaid.row(date("2025-01-06"), &unpaid).unwrap().hourly_cost, None);
}

#[test]
fn what_does_not_fit_is_named() {
    let good = job("1", "analyst", "100", "2025-01-06");
    for (node, field) in [
        (
            worker(&job("1", "analyst", "62.5", "2025-01-06"), "", ""),
            "Full_Time_Equivalent_Percentage",
        ),
        (
            worker(&job("1", "analyst", "101", "2025-01-06"), "", ""),
            "Full_Time_Equivalent_Percentage",
        ),
        (
            worker(&job("1", "", "100", "2025-01-06"), "", ""),
            "Job_Profile_Summary_Data/Job_Profile_Name",
        ),
        (worker(&job("1", "analyst", "100", "2025-02-30"), "", ""), "Effective_Date"),
        (worker(&good, &pay("-1", "EUR", "2025-01-06"), ""), "Total_Base_Pay"),
        (worker(&good, &pay("1", "XXX", "2025-01-06"), ""), "Currency_Reference"),
        (worker(&good, &pay("1", "EUR", ""), ""), "Compensation_Effective_Date"),
    ] {
        let misfit = snapshot(&node).unwrap_err();
        assert_eq!(misfit.field, field);
        assert_eq!(id_of(&node), "0e44c924");
    }
}

#[test]
fn days_keep_their_day() {
    for good in [
        "2026-10-01",
        "2026-10-01Z",
        "2026-10-01-07:00",
        "2026-10-01+14:00",
        "2026-10-01T00:00:00.000-07:00",
    ] {
        assert_eq!(read_day(good), Some(date("2026-10-01")), "{good}");
    }
    for bad in ["2026-10-1", "2026-13-01", "2026-10-01 x", "20261001", ""] {
        assert_eq!(read_day(bad), None, "{bad}");
    }
}
