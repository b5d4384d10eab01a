//! Approved time that nobody has billed.

use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::process::billing::v1::UnbilledTime;

use super::*;

#[tokio::test]
async fn it_is_what_billing_says_for_the_same_question() {
    let below = Below::default();
    let amount = Some(Money {
        currency_code: "USD".to_owned(),
        minor_units: 250_000,
    });
    below.held().unbilled.push(UnbilledTime {
        project_code: "PR-00001".to_owned(),
        contract_number: "C-00001".to_owned(),
        entries: 3,
        billable_minutes: 1_000,
        amount: amount.clone(),
        engagement_id: id("atlas"),
        customer_id: "cus_1".to_owned(),
        legal_entity_code: "US01".to_owned(),
    });
    let day = Date {
        year: 2026,
        month: 3,
        day: 31,
    };
    let question = pb::ListUnbilledTimeRequest {
        as_of_date: Some(day),
        engagement_id: id("atlas"),
    };
    let answer = portal(&below).await.list_unbilled_time(question).await.unwrap().into_inner();
    let expected = pb::UnbilledTime {
        project_code: "PR-00001".to_owned(),
        contract_number: "C-00001".to_owned(),
        entries: 3,
        billable_minutes: 1_000,
        amount,
        customer_id: "cus_1".to_owned(),
        legal_entity_code: "US01".to_owned(),
    };
    assert_eq!(answer.unbilled, [expected]);
    let asked = below.held().asked.clone().unwrap();
    assert_eq!((asked.as_of_date, asked.engagement_id), (Some(day), id("atlas")));
}
