//! What the transaction log, the two clocks and the pages show.

use chrono::TimeDelta;

use crate::tenant::{Tenant, role, start, updated};

#[tokio::test]
async fn a_window_of_the_log_selects_workers_by_moment_of_entry() {
    let firm = Tenant::new().await;
    firm.hire("A", ("Ada", "A"), "2026-01-01").await.ok();
    firm.hire("B", ("Bo", "B"), "2026-01-01").await.ok();
    firm.pass(1);
    firm.change_job("B", "2026-06-01", &role("manager")).await.ok();
    firm.pass(1);
    firm.pay("A", "2026-01-01", "50", "EUR", "Hourly").await.ok();

    let hour = |n: i64| start() + TimeDelta::hours(n);
    let millisecond = TimeDelta::milliseconds(1);
    let ids = async |from, through| {
        let reply = firm.get_workers(&updated(from, through)).await.ok();
        reply.all("wd:Worker_ID").join(",")
    };
    assert_eq!(ids(hour(0), hour(9)).await, "A,B");
    assert_eq!(ids(hour(1), hour(1)).await, "B", "both ends are in the window");
    assert_eq!(ids(hour(1) + millisecond, hour(2)).await, "A");
    assert_eq!(ids(hour(1) + millisecond, hour(2) - millisecond).await, "");
    assert_eq!(
        ids(hour(0), hour(0)).await,
        "A",
        "stamps of a standing clock differ by a millisecond"
    );
}

#[tokio::test]
async fn a_change_planned_ahead_is_seen_as_of_its_day_and_logged_only_when_entered() {
    let mut firm = Tenant::new().await;
    firm.hire("A", ("Ada", "A"), "2026-01-01").await.ok();
    firm.pass(1);
    firm.change_job("A", "2026-02-10", &role("manager")).await.ok();
    let window = updated(firm.clock.now(), firm.clock.now());
    let as_of = |day: &str| format!("<Response_Filter><As_Of_Effective_Date>{day}</As_Of_Effective_Date></Response_Filter>");

    let today = firm.get_workers(&window).await.ok();
    assert_eq!(today.one("wd:Job_Profile_Name"), "analyst", "selected, and shown as of today");
    let ahead = firm.get_workers(&format!("{window}{}", as_of("2026-02-10"))).await.ok();
    assert_eq!(
        (ahead.one("wd:Job_Profile_Name"), ahead.one("wd:Effective_Date")),
        ("manager", "2026-02-10-07:00")
    );

    let quiet_from = firm.clock.now() + TimeDelta::hours(1);
    firm.days_later(10).await;
    assert_eq!(firm.get_workers("").await.one("wd:Job_Profile_Name"), "manager");
    let since = firm.get_workers(&updated(quiet_from, firm.clock.now())).await.ok();
    assert_eq!(since.one("wd:Total_Results"), "0", "the day came without a new entry");
    let due = "<Request_Criteria><Transaction_Log_Criteria_Data><Transaction_Date_Range_Data>\
               <Effective_From>2026-02-01T00:00:00-07:00</Effective_From><Effective_Through>2026-02-10</Effective_Through>\
               </Transaction_Date_Range_Data></Transaction_Log_Criteria_Data></Request_Criteria>";
    assert_eq!(
        firm.get_workers(due).await.ok().one("wd:Worker_ID"),
        "A",
        "but its day is in the log"
    );
}

#[tokio::test]
async fn a_reader_can_ask_what_was_known_at_a_moment() {
    let firm = Tenant::new().await;
    firm.hire("A", ("Ada", "A"), "2026-01-01").await.ok();
    firm.pass(1);
    firm.change_job("A", "2026-01-10", &role("manager")).await.ok();
    firm.hire("B", ("Bo", "B"), "2026-01-01").await.ok();
    let known = async |hours: i64| {
        let moment = (start() + TimeDelta::hours(hours)).to_rfc3339();
        let filter = format!("<Response_Filter><As_Of_Entry_DateTime>{moment}</As_Of_Entry_DateTime></Response_Filter>");
        firm.get_workers(&filter).await.ok().all("wd:Job_Profile_Name").join(",")
    };
    assert_eq!(known(-1).await, "");
    assert_eq!(known(0).await, "analyst");
    assert_eq!(known(2).await, "manager,analyst");
}

#[tokio::test]
async fn the_log_itself_can_be_read_and_filtered_by_process() {
    let firm = Tenant::new().await;
    firm.hire("A", ("Ada", "A"), "2026-01-01").await.ok();
    firm.hire("B", ("Bo", "B"), "2026-01-01").await.ok();
    firm.pay("B", "2026-03-01", "50", "EUR", "Hourly").await.ok();
    let criteria = |process: &str| {
        format!(
            "<Request_Criteria><Transaction_Log_Criteria_Data><Transaction_Type_References><Transaction_Type_Reference>\
             <ID wd:type=\"Business_Process_Type\">{process}</ID></Transaction_Type_Reference></Transaction_Type_References>\
             </Transaction_Log_Criteria_Data></Request_Criteria><Response_Group>\
             <Include_Transaction_Log_Data>true</Include_Transaction_Log_Data></Response_Group>"
        )
    };
    let paid = firm.get_workers(&criteria("Request Compensation Change")).await.ok();
    assert_eq!(paid.all("wd:Worker_ID"), ["B"]);
    assert_eq!(
        paid.all("wd:Transaction_Effective_Date"),
        ["2026-01-01-07:00", "2026-03-01-07:00"]
    );
    assert_eq!(
        paid.all("wd:Transaction_Entry_Moment"),
        ["2026-01-31T01:00:00.001-07:00", "2026-01-31T01:00:00.002-07:00"]
    );
    assert!(!paid.text.contains("wd:Personal_Data"), "only what the group includes");
    let unknown = firm.get_workers(&criteria("Knight")).await;
    assert_eq!(
        unknown.message(),
        "Invalid ID value. 'Knight' is not a valid ID value for type Business_Process_Type"
    );
}

#[tokio::test]
async fn pages_count_from_one() {
    let firm = Tenant::new().await;
    for n in 1..=5 {
        firm.hire(&format!("E{n}"), ("A", "B"), "2026-01-01").await.ok();
    }
    let page = async |n: u32, count: u32| {
        let filter = format!("<Response_Filter><Page>{n}</Page><Count>{count}</Count></Response_Filter>");
        firm.get_workers(&filter).await
    };
    let second = page(2, 2).await.ok();
    assert_eq!(second.all("wd:Worker_ID"), ["E3", "E4"]);
    assert_eq!(
        (
            second.one("wd:Total_Results"),
            second.one("wd:Total_Pages"),
            second.one("wd:Page_Results")
        ),
        ("5", "3", "2")
    );
    assert_eq!(page(3, 2).await.ok().all("wd:Worker_ID"), ["E5"]);
    assert_eq!(page(4, 2).await.ok().one("wd:Page_Results"), "0");
    assert_eq!(page(0, 2).await.message(), "Page Number cannot be zero.");
    assert_eq!(page(1, 1000).await.message(), "Count must be between 1 and 999.");
}

#[tokio::test]
async fn workers_can_be_named_and_the_inactive_left_out() {
    let firm = Tenant::new().await;
    for id in ["A", "B", "C"] {
        firm.hire(id, ("A", "B"), "2026-01-01").await.ok();
    }
    firm.terminate("B", "2026-01-15").await.ok();
    let named = |skip: &str, ids: &[&str]| {
        let rows: String = ids
            .iter()
            .map(|id| format!("<Worker_Reference><ID wd:type=\"Employee_ID\">{id}</ID></Worker_Reference>"))
            .collect();
        format!("<Request_References{skip}>{rows}</Request_References>")
    };
    assert_eq!(
        firm.get_workers(&named("", &["C", "A", "C"])).await.ok().all("wd:Worker_ID"),
        ["C", "A"]
    );
    let refused = firm.get_workers(&named("", &["A", "Z"])).await;
    assert_eq!(
        refused.message(),
        "Invalid ID value. 'Z' is not a valid ID value for type Employee_ID"
    );
    assert_eq!(
        refused.one("wd:Xpath"),
        "/wd:Get_Workers_Request/wd:Request_References/wd:Worker_Reference[2]/wd:ID"
    );
    let skipping = named(" wd:Skip_Non_Existing_Instances=\"true\"", &["A", "Z"]);
    assert_eq!(firm.get_workers(&skipping).await.ok().all("wd:Worker_ID"), ["A"]);
    let active = "<Request_Criteria><Exclude_Inactive_Workers>true</Exclude_Inactive_Workers></Request_Criteria>";
    assert_eq!(firm.get_workers(active).await.ok().all("wd:Worker_ID"), ["A", "C"]);
    assert_eq!(firm.get_workers("").await.ok().all("wd:Worker_ID"), ["A", "B", "C"]);
}
