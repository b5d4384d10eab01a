//! Who did what: every audited call leaves two rows, also one that is refused, and nobody can take them back.

use std::process::Command;

use strata_contract::strata::process::operations::v1::audit_service_client::AuditServiceClient;
use strata_contract::strata::process::operations::v1::{AuditEvent, ListAuditEventsRequest};
use strata_contract::strata::process::reconciliation::v1 as pb;
use tonic::Code;

use crate::books::desk;
use crate::mini::Mini;
use crate::place::program;

async fn listed(mini: &Mini, object: &str) -> Vec<AuditEvent> {
    let mut audit = AuditServiceClient::new(mini.all.installation.process.clone());
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListAuditEventsRequest {
            page_size: 2,
            page_token,
            object: object.to_owned(),
            ..ListAuditEventsRequest::default()
        };
        let page = audit.list_audit_events(request).await.unwrap().into_inner();
        all.extend(page.audit_events);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

fn begin(key: &str, reason: &str) -> pb::BeginCloseRequest {
    pb::BeginCloseRequest {
        request_id: key.to_owned(),
        actor: "eva@firm.example".into(),
        reason: reason.to_owned(),
        period: "2024-12".into(),
        ..pb::BeginCloseRequest::default()
    }
}

/// What the program says of the log, and its exit code.
fn verified(mini: &Mini) -> (Option<i32>, String) {
    let mut verify = Command::new(program());
    verify.args(["audit", "verify", "--store", mini.store_url()]);
    let done = verify.output().unwrap();
    (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_is_written_down_and_sealed() {
    let mini = Mini::start().await;
    let close = desk(&mini)
        .begin_close(begin("b-1", ""))
        .await
        .unwrap()
        .into_inner()
        .close
        .unwrap();
    let refused = desk(&mini).begin_close(begin("b-1", "something else")).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists);
    // Reading is not written down, and neither is what the contract refuses before a handler sees it.
    desk(&mini).get_close(pb::GetCloseRequest::default()).await.unwrap_err();

    let all = listed(&mini, "").await;
    let seen: Vec<_> = all
        .iter()
        .map(|row| (row.sequence, row.begun_sequence, row.code.as_str()))
        .collect();
    assert_eq!(seen, [(4, 3, "ALREADY_EXISTS"), (3, 0, ""), (2, 1, "OK"), (1, 0, "")]);
    assert!(
        all.iter()
            .all(|row| row.method == "/strata.process.reconciliation.v1.ReconciliationService/BeginClose")
    );
    assert_eq!(all[2].request_digest, all[3].request_digest);
    assert_ne!(all[1].request_digest, all[3].request_digest);
    assert!(all.iter().all(|row| !row.correlation_id.is_empty()));
    // Within one process the platform calls itself.
    assert!(all.iter().all(|row| row.subject == "strata"), "{all:?}");

    let [done] = listed(&mini, "close/2024-12/").await.try_into().unwrap();
    assert_eq!((done.before_etag.as_str(), done.after_etag), ("", close.etag));
    let (code, said) = verified(&mini);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("4 rows and 0 seals fit") && said.contains("THE LOG IS WHOLE"),
        "{said}"
    );

    // The next day begins with a seal of this one.
    mini.until("2025-01-07", 10).await;
    let (code, said) = verified(&mini);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("4 rows and 1 seals fit; sealed until 2025-01-06"), "{said}");
    mini.all.stop().await.unwrap();
}
