//! Tokens and faults.

use strata_sandbox::Fault;

use crate::tenant::Tenant;

#[tokio::test]
async fn a_token_is_good_for_four_hours_of_the_sandbox_clock_at_both_doors() {
    let mut firm = Tenant::new().await;
    firm.pass(3);
    assert_eq!(firm.rest("workers").await.0, 200);
    firm.get_workers("").await.ok();
    firm.pass(1);
    assert_eq!(firm.rest("workers").await.0, 401);
    let refused = firm.get_workers("").await;
    assert_eq!(
        (refused.status, refused.one("faultcode")),
        (401, "SOAP-ENV:Client.authenticationError")
    );
    firm.log_in().await;
    firm.get_workers("").await.ok();
}

#[tokio::test]
async fn only_the_known_client_with_its_refresh_token_gets_in() {
    let firm = Tenant::new().await;
    for (secret, grant, refresh, status, error) in [
        ("guess", "refresh_token", "strata-refresh", 401, "invalid_client"),
        ("sandbox-secret", "refresh_token", "guess", 400, "invalid_grant"),
        ("sandbox-secret", "password", "strata-refresh", 400, "unsupported_grant_type"),
    ] {
        let (got, body) = firm.sign_on(secret, grant, refresh).await;
        assert_eq!((got, body["error"].as_str()), (status, Some(error)));
    }
}

#[tokio::test]
async fn other_tenants_and_versions_are_not_there() {
    let firm = Tenant::new().await;
    let post = async |path: &str| {
        let request = firm
            .http
            .post(format!("{}/ccx/{path}", firm.base))
            .bearer_auth(&firm.token)
            .body("<a/>");
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(post("service/other/Staffing/v44.0").await, 404);
    assert_eq!(post("service/firm/Staffing/v12.0").await, 404);
    assert_eq!(post("nowhere").await, 404);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_hire_and_a_repeat_is_refused() {
    let firm = Tenant::new().await;
    firm.faults.arm("POST /ccx/service/firm/Staffing", Fault::LoseAnswer, 1);
    let url = format!("{}/ccx/service/firm/Staffing/v44.0", firm.base);
    let sample = crate::readme::samples().remove(0);
    let lost = firm.http.post(url).bearer_auth(&firm.token).body(sample).send().await;
    assert!(lost.is_err());
    assert_eq!(firm.get_workers("").await.ok().all("wd:Worker_ID"), ["EM-00001"]);
    let repeat = firm.send("Staffing", &crate::readme::samples()[0]).await;
    assert_eq!(repeat.message(), "Employee ID EM-00001 is already in use");
}

#[tokio::test]
async fn a_forced_refusal_carries_its_status() {
    let firm = Tenant::new().await;
    firm.faults.arm("POST /ccx/service", Fault::Refuse(503), 1);
    firm.faults.arm("GET /ccx/api", Fault::ExpireTokens, 1);
    assert_eq!(firm.get_workers("").await.status, 503);
    assert_eq!(firm.rest("workers").await.0, 401);
}
