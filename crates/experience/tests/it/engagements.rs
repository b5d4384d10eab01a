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

async fn whole_list(portal: &mut Portal, page_size: i32) -> Vec<pb::Engagement> {
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
        assert!(found.is_sorted_by(|a, b| a.name < b.name), "{page_size}");
        for e in &found {
            let number: usize = e.display_name[1..].parse().unwrap();
            let expected = if number.is_multiple_of(3) {
                pb::MobilisationState::Done
            } else {
                pb::MobilisationState::Pending
            };
            assert_eq!(e.mobilisation_state(), expected, "{} at {page_size}", e.display_name);
            assert_eq!(e.open_exception_count, if number == 1 { 2 } else { 0 }, "{}", e.display_name);
        }
    }
    let first = &whole_list(&mut portal, 0).await[0];
    let called = &first.display_name;
    assert_eq!(first.name, name(called));
    assert_eq!(first.customer_display_name, format!("{called} customer"));
    assert_eq!(first.contract_number, format!("C-{called}"));
    assert_eq!(first.project_codes, [format!("PR-{called}")]);
}

#[tokio::test]
async fn one_is_what_it_is_in_the_list() {
    let below = firm();
    below.unsold("e500");
    below.mobilisation("e501", StepState::Exception);
    below.unsold("e501");
    let mut portal = portal(&below).await;
    let listed = whole_list(&mut portal, 1000).await;
    for called in ["e0", "e1", "e2", "e500", "e501"] {
        let request = pb::GetEngagementRequest { name: name(called) };
        let one = portal.get_engagement(request).await.unwrap().into_inner().engagement.unwrap();
        assert_eq!(Some(&one), listed.iter().find(|e| e.name == one.name), "{called}");
        let expected = match called {
            "e0" => pb::MobilisationState::Done,
            "e500" => pb::MobilisationState::Unspecified,
            "e501" => pb::MobilisationState::Exception,
            _ => pb::MobilisationState::Pending,
        };
        assert_eq!(one.mobilisation_state(), expected, "{called}");
    }
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
