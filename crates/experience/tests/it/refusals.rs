//! What a portal is told when the answer is no.

use strata_contract::strata::process::mobilisation::v1::StepState;
use strata_kernel::{Error, Kind};
use tonic::Code;

use super::*;

#[tokio::test]
async fn an_unknown_engagement_is_not_found_at_its_field() {
    let below = Below::default();
    // A sale that is being mobilised is no engagement yet.
    below.mobilisation("atlas", StepState::Pending);
    let mut portal = portal(&below).await;
    let watched = pb::WatchEngagementRequest {
        name: name("atlas"),
        after_sequence: 0,
    };
    let get = pb::GetEngagementRequest { name: name("atlas") };
    let refused = [
        (
            portal.list_timeline_entries(timeline(name("atlas"), 0, "")).await.err(),
            "parent",
        ),
        (portal.list_invoices(invoices(name("atlas"), 0, "")).await.err(), "parent"),
        (portal.get_engagement(get).await.err(), "name"),
        (portal.watch_engagement(watched).await.err(), "name"),
    ];
    for (status, field) in refused {
        let status = status.unwrap();
        assert_eq!(status.code(), Code::NotFound);
        let error = strata_rpc::error(status);
        assert_eq!((error.reason, error.field.as_str()), ("NOT_FOUND", field));
        assert!(error.message.contains(&id("atlas")), "{}", error.message);
    }
}

#[tokio::test]
async fn a_field_that_does_not_fit_is_named() {
    let mut portal = portal(&Below::default()).await;
    let refused = [
        (
            portal.list_timeline_entries(timeline(name("atlas"), 1001, "")).await.err(),
            "page_size",
        ),
        (portal.list_invoices(invoices(name("atlas"), -1, "")).await.err(), "page_size"),
        (portal.list_engagements(list(1001, "")).await.err(), "page_size"),
        (portal.list_engagements(list(-1, "")).await.err(), "page_size"),
        (portal.list_engagements(list(0, "another list's")).await.err(), "page_token"),
        (
            portal.list_timeline_entries(timeline("atlas".to_owned(), 0, "")).await.err(),
            "parent",
        ),
        (
            // An id alone is no name.
            portal.list_invoices(invoices(id("atlas"), 0, "")).await.err(),
            "parent",
        ),
    ];
    for (status, field) in refused {
        let status = status.unwrap();
        assert_eq!(status.code(), Code::InvalidArgument, "{field}");
        let error = strata_rpc::error(status);
        assert_eq!((error.reason, error.field.as_str()), ("INVALID_FIELD", field));
    }
}

#[tokio::test]
async fn a_reason_of_a_tier_below_survives() {
    let below = Below::default();
    let missing = Error::precondition("FX_RATE_MISSING", "record the rate of EUR to USD for 2026-03-31");
    below.held().refusal = Some(missing.clone());
    let mut portal = portal(&below).await;
    let status = portal
        .list_unbilled_time(pb::ListUnbilledTimeRequest::default())
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(strata_rpc::error(status), missing);
}

#[tokio::test]
async fn what_is_internal_below_stays_there() {
    let below = Below::default();
    below.engagement("atlas", StepState::Done);
    let mut portal = portal(&below).await;
    let broken = Error::new(Kind::Internal, "INTERNAL", "no such table: hand_offs");
    // A call of ours that the process tier refuses is our mistake, not the portal's.
    let refused = Error::invalid("contract_number", "hand_offs are not kept by it");
    for cause in [broken, refused] {
        below.held().refusal = Some(cause);
        let answers = [
            portal.list_timeline_entries(timeline(name("atlas"), 0, "")).await.err(),
            portal.list_invoices(invoices(name("atlas"), 0, "")).await.err(),
            portal.list_engagements(list(0, "")).await.err(),
        ];
        for status in answers {
            let status = status.unwrap();
            assert_eq!(status.code(), Code::Internal);
            assert!(!status.message().contains("hand_offs"), "{}", status.message());
            assert!(!String::from_utf8_lossy(status.details()).contains("hand_offs"));
        }
    }
}
