//! The list of engagements with their state.

use strata_contract::strata::process::exception::v1::ExceptionState;
use strata_contract::strata::process::mobilisation::v1::StepState;

use super::*;

/// 120 engagements, every third mobilised; between them sales that are no engagements yet.
fn firm() -> Below {
    let below = Below::default();
    for number in 0..120 {
        let state = if usize::is_multiple_of(number, 3) {
            StepState::Done
        } else {
            StepState::Pending
        };
        below.engagement(&format!("e{number}"), state);
    }
    for number in 0..70 {
        below.mobilisation(&format!("sale {number}"), StepState::Exception);
    }
    below.exception("e1", ExceptionState::Open);
    below.exception("e1", ExceptionState::Open);
    below.exception("e1", ExceptionState::Resolved);
    below.exception("sale 4", ExceptionState::Open);
    below
}

async fn whole_list(portal: &mut Portal, page_size: i32) -> Vec<pb::EngagementSummary> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let answer = portal.list_engagements(list(page_size, &token)).await.unwrap().into_inner();
        found.extend(answer.engagements);
        token = answer.next_page_token;
        if token.is_empty() {
            return found;
        }
    }
}

#[tokio::test]
async fn the_state_is_right_whatever_the_page_size() {
    let below = firm();
    let mut portal = portal(&below).await;
    for page_size in [1, 7, 0, 120, 1000] {
        let found = whole_list(&mut portal, page_size).await;
        assert_eq!(found.len(), 120, "{page_size}");
        assert!(found.is_sorted_by(|a, b| a.engagement_id < b.engagement_id), "{page_size}");
        for e in &found {
            let number: usize = e.name[1..].parse().unwrap();
            assert_eq!(e.mobilised, number.is_multiple_of(3), "{} at {page_size}", e.name);
            assert_eq!(e.open_exceptions, if number == 1 { 2 } else { 0 }, "{}", e.name);
        }
    }
    let first = &whole_list(&mut portal, 0).await[0];
    let name = &first.name;
    assert_eq!(first.engagement_id, id(name));
    assert_eq!(first.customer_name, format!("{name} customer"));
    assert_eq!(first.contract_number, format!("C-{name}"));
    assert_eq!(first.project_codes, [format!("PR-{name}")]);
}

#[tokio::test]
async fn a_page_takes_few_calls_however_long_it_is() {
    let below = firm();
    let mut portal = portal(&below).await;
    let found = portal.list_engagements(list(120, "")).await.unwrap().into_inner();
    assert_eq!(found.engagements.len(), 120);
    let calls: usize = below.held().calls.values().sum();
    assert!(calls <= 4, "{:?}", below.held().calls);

    // Going on does not begin again: the last page reads no more of the process tier than the first.
    let mut token = String::new();
    loop {
        below.held().calls.clear();
        let answer = portal.list_engagements(list(10, &token)).await.unwrap().into_inner();
        assert!(below.held().calls["ListMobilisations"] <= 3, "{:?}", below.held().calls);
        token = answer.next_page_token;
        if token.is_empty() {
            break;
        }
    }
}

#[tokio::test]
async fn a_firm_without_engagements_has_an_empty_list() {
    let answer = portal(&Below::default()).await.list_engagements(list(0, "")).await.unwrap();
    assert_eq!(answer.into_inner(), pb::ListEngagementsResponse::default());
}
