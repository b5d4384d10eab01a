//! The requests printed in the README work as they stand.

use crate::tenant::Tenant;

/// The XML blocks of the README, in order: hire, pay, change of job, termination, reading.
pub fn samples() -> Vec<String> {
    let text = include_str!("../../README.md");
    text.split("```xml\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0.to_owned())
        .collect()
}

#[tokio::test]
async fn every_sample_works_in_the_order_printed() {
    let firm = Tenant::new().await;
    let samples = samples();
    assert_eq!(samples.len(), 5);
    let services = ["Staffing", "Compensation", "Staffing", "Staffing", "Human_Resources"];
    for (service, sample) in services.iter().zip(&samples) {
        let reply = firm.send(service, sample).await.ok();
        if *service == "Human_Resources" {
            assert_eq!(reply.one("wd:Worker_ID"), "EM-00001");
            assert_eq!(reply.one("wd:Job_Profile_Name"), "senior_consultant");
            assert_eq!(reply.one("wd:Full_Time_Equivalent_Percentage"), "80");
            assert_eq!(reply.one("wd:Total_Base_Pay"), "61.50");
            assert_eq!(reply.all("wd:Organization_Code")[1], "US01");
            assert_eq!(reply.one("wd:Termination_Date"), "2026-11-30-07:00");
        } else {
            assert_eq!((reply.id("Employee_ID"), reply.id("WID").len()), ("EM-00001", 32));
        }
    }
}
