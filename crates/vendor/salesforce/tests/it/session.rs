//! Tokens, and the calls a day allows.

use serde_json::{Value, json};
use strata_contract::strata::common::v1::write_outcome::State as Outcome;
use strata_contract::strata::system::crm::v1 as pb;
use strata_port::CrmSystem;

use crate::org::{Answer, DEAL, rows, start};

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_limits_are_throttling() {
    let (crm, org) = start().await;
    org.0.lock().unwrap().refused_tokens = 1;
    let over = json!([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]);
    org.answers(vec![rows(vec![]), Answer::Reply(403, over)]);
    assert!(crm.list_rate_line_changes(Default::default()).await.is_ok());
    assert_eq!(org.0.lock().unwrap().tokens, 2);
    let throttled = crm.list_rate_line_changes(Default::default()).await.unwrap_err();
    assert_eq!((throttled.reason, throttled.is_temporary()), ("VENDOR_THROTTLED", true));
}

#[tokio::test]
async fn the_last_calls_of_the_day_are_for_writes() {
    let (crm, org) = start().await;
    org.0.lock().unwrap().usage = Some("api-usage=4980/5000");
    org.answers(vec![rows(vec![]), Answer::Reply(204, Value::Null)]);
    assert!(crm.list_rate_line_changes(Default::default()).await.is_ok());
    let refused = crm.list_rate_line_changes(Default::default()).await.unwrap_err();
    assert_eq!((refused.reason, refused.is_temporary()), ("VENDOR_THROTTLED", true));
    let request = pb::RecordEngagementRequest {
        opportunity_id: DEAL.into(),
        engagement_id: "eng_1".into(),
        ..Default::default()
    };
    let outcome = crm.record_engagement(request).await.unwrap().outcome.unwrap();
    assert_eq!(outcome.state(), Outcome::Confirmed);
    assert_eq!(org.asked().len(), 2, "what we refuse is not asked");
}

#[tokio::test]
async fn credentials_that_stay_refused_are_an_error_of_ours() {
    let (crm, org) = start().await;
    {
        let mut inner = org.0.lock().unwrap();
        (inner.tokens, inner.refused_tokens) = (5, 6);
        inner.answers.push_back(Answer::Reply(
            401,
            json!([{"errorCode": "INVALID_SESSION_ID", "message": "m"}]),
        ));
    }
    let refused = crm.list_rate_line_changes(Default::default()).await.unwrap_err();
    assert_eq!((refused.reason, refused.is_temporary()), ("VENDOR_UNAUTHENTICATED", false));
    assert_eq!(org.0.lock().unwrap().tokens, 7, "one token, one replacement");
}
