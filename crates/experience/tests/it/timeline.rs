//! The story of an engagement, a page at a time.

use strata_contract::strata::process::billing::v1::DocumentState;
use strata_contract::strata::process::mobilisation::v1::StepState;

use super::*;

/// An engagement with seven hand-offs and three documents, and a neighbour with its own.
pub(crate) fn atlas() -> Below {
    let below = Below::default();
    for name in ["atlas", "boreas"] {
        below.engagement(name, StepState::Done);
    }
    for event in ["deal won", "customer created", "project created", "team staffed"] {
        below.hand_off("atlas", event);
        below.hand_off("boreas", event);
    }
    for event in ["time posted", "invoice posted", "invoice paid"] {
        below.hand_off("atlas", event);
    }
    below.document("atlas", "2026-01", DocumentState::Paid);
    below.document("atlas", "2026-02", DocumentState::PartPaid);
    below.document("atlas", "2026-03", DocumentState::Released);
    below.document("boreas", "2026-01", DocumentState::Posted);
    below
}

#[tokio::test]
async fn every_hand_off_in_order() {
    let below = atlas();
    let mut portal = portal(&below).await;
    let (mut story, mut token) = (Vec::new(), String::new());
    for page in 0..3 {
        let answer = portal.list_timeline_entries(timeline(name("atlas"), 3, &token)).await;
        let answer = answer.unwrap().into_inner();
        story.extend(answer.timeline_entries);
        token = answer.next_page_token;
        assert_eq!(token.is_empty(), page == 2, "page {page}");
    }
    let order: Vec<u64> = story.iter().map(|e| e.sequence).collect();
    assert_eq!(order, [1, 2, 3, 4, 5, 6, 7]);
    let first = &story[0];
    let record = first.record.clone().unwrap();
    assert_eq!((first.r#type(), first.other_type.as_str()), (pb::EventType::DealWon, ""));
    assert_eq!((first.state(), first.other_state.as_str()), (pb::RecordState::Done, ""));
    assert_eq!((record.system.as_str(), record.id.as_str()), ("netsuite", "1"));
    assert_eq!(record.r#type(), pb::RecordType::Project);
    assert_eq!(first.detail, "deal won for atlas");
    assert_eq!(first.event_time.unwrap().seconds, 1);
    assert!(story.iter().all(|e| e.correlation_id == "order-atlas"));
    // What the contract has no value for is told all the same.
    let staffed = &story[3];
    assert_eq!(
        (staffed.r#type(), staffed.other_type.as_str()),
        (pb::EventType::Unspecified, "team staffed")
    );
}

#[tokio::test]
async fn the_invoices_that_are_in_the_books_a_page_at_a_time() {
    let below = atlas();
    let mut portal = portal(&below).await;
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let answer = portal
            .list_invoices(invoices(name("atlas"), 1, &token))
            .await
            .unwrap()
            .into_inner();
        assert!(answer.invoices.len() <= 1);
        found.extend(answer.invoices);
        token = answer.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    // March is computed and not posted: nobody has been invoiced for it.
    let seen: Vec<_> = found.iter().map(|i| (i.number.as_str(), i.state())).collect();
    assert_eq!(
        seen,
        [
            ("INV-2026-01", pb::InvoiceState::Paid),
            ("INV-2026-02", pb::InvoiceState::PartPaid)
        ]
    );
    assert_eq!(found[0].gross.as_ref().unwrap().minor_units, 11_900);
    assert_eq!(
        (found[0].key.as_str(), found[0].r#type()),
        ("inv:C-atlas:2026-01", pb::InvoiceType::Invoice)
    );
}

#[tokio::test]
async fn a_token_of_another_engagement_is_refused() {
    let mut portal = portal(&atlas()).await;
    let first = portal.list_timeline_entries(timeline(name("atlas"), 1, "")).await.unwrap();
    let token = first.into_inner().next_page_token;
    let refused = portal
        .list_timeline_entries(timeline(name("boreas"), 1, &token))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    assert_eq!(strata_rpc::error(refused).field, "page_token");
    let first = portal.list_invoices(invoices(name("atlas"), 1, "")).await.unwrap();
    let token = first.into_inner().next_page_token;
    let refused = portal.list_invoices(invoices(name("boreas"), 1, &token)).await.unwrap_err();
    assert_eq!(strata_rpc::error(refused).field, "page_token");
}
