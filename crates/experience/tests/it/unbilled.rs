//! Approved time that nobody has billed.

use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::process::billing::v1::UnbilledTime;

use super::*;

fn unbilled(number: usize) -> UnbilledTime {
    UnbilledTime {
        project_code: format!("PR-{number:05}"),
        contract_number: "C-00001".to_owned(),
        entries: 3,
        billable_minutes: 1_000,
        amount: Some(Money {
            currency_code: "USD".to_owned(),
            minor_units: 250_000,
        }),
        engagement_id: id("atlas"),
        customer_id: "cus_1".to_owned(),
        legal_entity_code: "US01".to_owned(),
    }
}

#[tokio::test]
async fn it_is_what_billing_says_for_the_same_question() {
    let below = Below::default();
    below.held().unbilled.push(unbilled(1));
    let day = Date {
        year: 2026,
        month: 3,
        day: 31,
    };
    let question = pb::ListUnbilledTimeRequest {
        as_of_date: Some(day),
        engagement: name("atlas"),
        ..pb::ListUnbilledTimeRequest::default()
    };
    let answer = portal(&below).await.list_unbilled_time(question).await.unwrap().into_inner();
    let expected = pb::UnbilledTime {
        engagement: name("atlas"),
        project_code: "PR-00001".to_owned(),
        contract_number: "C-00001".to_owned(),
        entry_count: 3,
        billable_minutes: 1_000,
        amount: unbilled(1).amount,
        customer_id: "cus_1".to_owned(),
        legal_entity_code: "US01".to_owned(),
    };
    assert_eq!(answer.unbilled_time, [expected]);
    assert_eq!(answer.next_page_token, "");
    let asked = below.held().asked.clone().unwrap();
    assert_eq!((asked.as_of_date, asked.engagement_id), (Some(day), id("atlas")));
}

#[tokio::test]
async fn a_page_at_a_time_every_project_is_there_once() {
    let below = Below::default();
    below.held().unbilled.extend((0..25).map(unbilled));
    let mut portal = portal(&below).await;
    let mut ask = async |token: &str, engagement: &str| {
        let question = pb::ListUnbilledTimeRequest {
            page_size: 10,
            page_token: token.to_owned(),
            engagement: engagement.to_owned(),
            ..pb::ListUnbilledTimeRequest::default()
        };
        portal.list_unbilled_time(question).await.map(tonic::Response::into_inner)
    };
    let (mut codes, mut token) = (Vec::new(), String::new());
    for page in 0..3 {
        let answer = ask(&token, "").await.unwrap();
        codes.extend(answer.unbilled_time.into_iter().map(|row| row.project_code));
        // A project whose time is billed meanwhile takes no other one with it.
        below.held().unbilled.remove(0);
        token = answer.next_page_token;
        assert_eq!(token.is_empty(), page == 2);
        if page == 0 {
            let refused = ask(&token, &name("atlas")).await.unwrap_err();
            assert_eq!(strata_rpc::error(refused).field, "page_token");
        }
    }
    let expected: Vec<String> = (0..25).map(|number| unbilled(number).project_code).collect();
    assert_eq!(codes, expected);
}
