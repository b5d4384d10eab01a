//! What a contract calls immutable stays as it was recorded, and what it calls output only is the server's to say.

use strata_contract::strata::master::v1 as master;
use strata_contract::strata::master::v1::engagement_service_client::EngagementServiceClient;
use tonic::Code;
use tonic_types::StatusExt;

use crate::mini::Mini;

#[tokio::test(flavor = "multi_thread")]
async fn an_engagement_keeps_its_deal_and_its_day() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    let mut engagements = EngagementServiceClient::new(mini.all.below.master.clone());
    let all = engagements
        .list_engagements(master::ListEngagementsRequest::default())
        .await
        .unwrap();
    let held = all.into_inner().engagements.remove(0);
    let mut put = async |engagement: master::Engagement| {
        let request = master::PutEngagementRequest {
            engagement: Some(engagement),
        };
        engagements
            .put_engagement(request)
            .await
            .map(|answer| answer.into_inner().engagement.unwrap())
    };

    // What was read may be sent back whole. What only the server says has no effect.
    let mut sent = held.clone();
    sent.create_time.as_mut().unwrap().seconds = 1;
    sent.projects[0].engagement_id = "somebody else's".to_owned();
    assert_eq!(put(sent).await.unwrap(), held);

    let mut other_deal = held.clone();
    other_deal.crm_opportunity_id = "006000000000000AAA".to_owned();
    let refused = put(other_deal).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    let details = refused.get_error_details();
    assert_eq!(
        details.bad_request().unwrap().field_violations[0].field,
        "engagement.crm_opportunity_id"
    );
    assert_eq!(details.error_info().unwrap().reason, "INVALID_FIELD");
    assert_eq!(put(held.clone()).await.unwrap(), held, "nothing was written");
    mini.all.stop().await.unwrap();
}
