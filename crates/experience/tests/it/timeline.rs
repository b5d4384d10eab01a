//! The story of an engagement, a page at a time.

use strata_contract::strata::process::billing::v1::DocumentState;
use strata_contract::strata::process::mobilisation::v1::StepState;

use super::*;

/// An engagement with seven hand-offs and three documents, and a neighbour with its own.
fn atlas() -> Below {
    let below = Below::default();
    for name in ["atlas", "boreas"] {
        below.engagement(name, StepState::Done);
    }
    for event in ["opportunity won", "customer recorded", "project created", "team staffed"] {
        below.hand_off("atlas", event);
        below.hand_off("boreas", event);
    }
    for event in ["time approved", "invoice posted", "invoice paid"] {
        below.hand_off("atlas", event);
    }
    below.document("atlas", "2026-01", DocumentState::Paid);
    below.document("atlas", "2026-02", DocumentState::PartPaid);
    below.document("atlas", "2026-03", DocumentState::Released);
    below.document("boreas", "2026-01", DocumentState::Posted);
    below
}

#[tokio::test]
async fn every_hand_off_in_order_and_the_invoices_once() {
    let below = atlas();
    let mut portal = portal(&below).await;
    let (mut story, mut invoices, mut token) = (Vec::new(), Vec::new(), String::new());
    for page in 0..3 {
        let answer = portal
            .get_timeline(timeline(id("atlas"), 3, &token))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.invoices.is_empty(), page > 0, "page {page}");
        story.extend(answer.entries);
        invoices.extend(answer.invoices);
        token = answer.next_page_token;
        assert_eq!(token.is_empty(), page == 2, "page {page}");
    }
    let order: Vec<u64> = story.iter().map(|e| e.sequence).collect();
    assert_eq!(order, [1, 2, 3, 4, 5, 6, 7]);
    let first = &story[0];
    assert_eq!((first.event.as_str(), first.system.as_str()), ("opportunity won", "netsuite"));
    assert_eq!((first.state.as_str(), first.vendor_id.as_str()), ("done", "1"));
    assert_eq!(first.detail, "opportunity won for atlas");
    assert_eq!(first.time.unwrap().seconds, 1);
    assert!(story.iter().all(|e| e.correlation_id == "order-atlas"));

    // March is computed and not posted: nobody has been invoiced for it.
    let seen: Vec<(&str, &str)> = invoices.iter().map(|i| (i.number.as_str(), i.state.as_str())).collect();
    assert_eq!(seen, [("INV-2026-01", "paid"), ("INV-2026-02", "part_paid")]);
    assert_eq!(invoices[0].gross.as_ref().unwrap().minor_units, 11_900);
}

#[tokio::test]
async fn the_invoices_are_all_there_however_many() {
    let below = atlas();
    for number in 0..1200 {
        below.document("atlas", &format!("x{number:04}"), DocumentState::Posted);
    }
    let answer = portal(&below).await.get_timeline(timeline(id("atlas"), 0, "")).await.unwrap();
    assert_eq!(answer.into_inner().invoices.len(), 1202);
}

#[tokio::test]
async fn a_token_of_another_engagement_is_refused() {
    let mut portal = portal(&atlas()).await;
    let token = portal
        .get_timeline(timeline(id("atlas"), 1, ""))
        .await
        .unwrap()
        .into_inner()
        .next_page_token;
    let refused = portal.get_timeline(timeline(id("boreas"), 1, &token)).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    assert_eq!(strata_rpc::error(refused).field, "page_token");
}
