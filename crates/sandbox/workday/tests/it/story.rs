//! A worker's life, seen from different days.

use strata_sandbox_workday::Options;

use crate::tenant::{Tenant, role};

#[tokio::test]
async fn a_worker_is_hired_paid_promoted_and_leaves() {
    let firm = Tenant::new().await;
    let hired = firm.hire("EM-00001", ("Ada", "King"), "2026-02-01").await.ok();
    assert_eq!(hired.id("Employee_ID"), "EM-00001");
    firm.pay("EM-00001", "2026-02-01", "61.50", "EUR", "Hourly").await.ok();
    let company = "<Company_Reference><ID wd:type=\"Company_Reference_ID\">US01</ID></Company_Reference>";
    firm.change_job("EM-00001", "2026-07-01", &format!("{}{company}", role("manager")))
        .await
        .ok();
    firm.pay("EM-00001", "2026-07-01", "80", "USD", "Hourly").await.ok();
    firm.terminate("EM-00001", "2026-11-30-07:00").await.ok();

    let before = firm.on("2026-01-31").await;
    assert_eq!(
        (before.one("wd:Active"), before.one("wd:Hire_Date")),
        ("0", "2026-02-01-07:00")
    );
    assert_eq!(before.one("wd:Termination_Date"), "2026-11-30-07:00");
    for absent in ["wd:Position_Data", "wd:Compensation_Data", "wd:Organization_Data"] {
        assert!(!before.text.contains(absent), "{absent} before the first day");
    }

    let spring = firm.on("2026-06-30").await;
    assert_eq!((spring.one("wd:Active"), spring.one("wd:Terminated")), ("1", "0"));
    assert_eq!(spring.one("wd:Job_Profile_Name"), "analyst");
    assert_eq!(spring.one("wd:Full_Time_Equivalent_Percentage"), "100");
    assert_eq!(spring.one("wd:Effective_Date"), "2026-02-01-07:00");
    assert_eq!((spring.one("wd:Total_Base_Pay"), spring.id("Currency_ID")), ("61.50", "EUR"));
    assert_eq!(spring.all("wd:Organization_Code"), ["Delivery DE01", "DE01"]);

    let autumn = firm.on("2026-11-30").await;
    assert_eq!((autumn.one("wd:Active"), autumn.one("wd:Job_Profile_Name")), ("1", "manager"));
    assert_eq!(autumn.one("wd:Effective_Date"), "2026-07-01-07:00");
    assert_eq!(autumn.one("wd:Compensation_Effective_Date"), "2026-07-01-07:00");
    assert_eq!((autumn.one("wd:Total_Base_Pay"), autumn.id("Currency_ID")), ("80", "USD"));
    assert_eq!(autumn.all("wd:Organization_Code"), ["Delivery US01", "US01"]);

    let winter = firm.on("2026-12-01").await;
    assert_eq!((winter.one("wd:Active"), winter.one("wd:Terminated")), ("0", "1"));
}

#[tokio::test]
async fn without_a_day_the_answer_is_as_of_today() {
    let mut firm = Tenant::new().await;
    firm.hire("EM-00001", ("Ada", "King"), "2026-01-01").await.ok();
    firm.change_job("EM-00001", "2026-02-02", &role("manager")).await.ok();
    let today = firm.get_workers("").await.ok();
    assert_eq!(
        (today.one("wd:Job_Profile_Name"), today.one("wd:As_Of_Effective_Date")),
        ("analyst", "2026-01-31-07:00")
    );
    firm.days_later(2).await;
    assert_eq!(firm.get_workers("").await.one("wd:Job_Profile_Name"), "manager");
}

#[tokio::test]
async fn names_survive_whatever_they_hold() {
    let firm = Tenant::new().await;
    firm.hire(
        "R&amp;D-1",
        ("Zo&#xEB; &quot;Z&quot;", "O&apos;Hara &lt;jr&gt;"),
        "2026-01-01",
    )
    .await
    .ok();
    let reply = firm.on("2026-01-31").await;
    assert_eq!(reply.one("wd:Worker_ID"), "R&amp;D-1");
    assert!(
        reply
            .text
            .contains("wd:Formatted_Name=\"Zoë &quot;Z&quot; O&apos;Hara &lt;jr&gt;\""),
        "{}",
        reply.text
    );
    let (_, rest) = firm.rest("workers").await;
    assert_eq!(rest["data"][0]["descriptor"], "Zoë \"Z\" O'Hara <jr>");
}

#[tokio::test]
async fn rest_lists_who_works_here_today_page_by_page() {
    let firm = Tenant::new().await;
    for n in 0..25 {
        firm.hire("", ("Worker", &format!("{n:02}")), "2026-01-01").await.ok();
    }
    firm.terminate("20003", "2026-01-30").await.ok();
    firm.hire("late", ("Not", "Yet"), "2026-02-01").await.ok();

    let (status, first) = firm.rest("workers").await;
    assert_eq!(
        (status, first["total"].as_u64(), first["data"].as_array().unwrap().len()),
        (200, Some(24), 20)
    );
    let (_, second) = firm.rest("workers?limit=100&offset=20").await;
    assert_eq!(second["data"].as_array().unwrap().len(), 4);
    let (_, all) = firm.rest("workers?limit=100&includeTerminatedWorkers=true").await;
    assert_eq!(all["total"], 26);
    assert_eq!(firm.rest("workers?limit=101").await.0, 400);
    assert_eq!(firm.rest("workers?limit=0").await.0, 400);

    let ada = &first["data"][0];
    let (_, same) = firm.rest(&format!("workers/{}", ada["id"].as_str().unwrap())).await;
    assert_eq!(&same, ada);
    assert_eq!(
        (&ada["businessTitle"], ada["id"].as_str().unwrap().len()),
        (&"analyst".into(), 32)
    );
    assert_eq!(firm.rest("workers/Employee_ID=20001").await.1, same);
    assert_eq!(firm.rest("workers/unknown").await.0, 404);
}

#[tokio::test]
async fn a_restart_keeps_people_and_the_order_of_entries() {
    let dir = tempfile::tempdir().unwrap();
    let firm = Tenant::open(Some(dir.path()), Options::default()).await;
    firm.hire("", ("Ada", "King"), "2026-01-01").await.ok();
    firm.change_job("20001", "2026-01-15", &role("manager")).await.ok();
    let before = firm.on("2026-02-01").await.text;
    firm.close().await;

    let firm = Tenant::open(Some(dir.path()), Options::default()).await;
    assert_eq!(firm.on("2026-02-01").await.text, before);
    let next = firm.hire("", ("Bo", "Li"), "2026-01-01").await.ok();
    assert_eq!(next.id("Employee_ID"), "20002");
    firm.change_job("20001", "2026-01-15", &role("director")).await.ok();
    assert_eq!(
        firm.on("2026-02-01").await.all("wd:Job_Profile_Name"),
        ["director", "analyst"]
    );
}
