//! A won deal becomes work once, and only when it is whole; what it lacks is named to who can mend it.

use serde_json::{Value, json};
use strata::Vendor;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::exception::v1::{Exception, ExceptionState, OwnerRole, RetryExceptionRequest};
use strata_contract::strata::process::mobilisation::v1::{Mobilisation, StepState};
use strata_sandbox::Fault;
use tonic::{Code, Status};

use crate::mini::{MONDAY, Mini};

/// The only exception there is.
async fn only(mini: &Mini) -> Exception {
    let mut exceptions = mini.exceptions().await;
    assert_eq!(exceptions.len(), 1, "{exceptions:?}");
    exceptions.remove(0)
}

async fn mobilisation(mini: &Mini) -> Mobilisation {
    let mut all = mini.mobilisations().await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Tries of the first step: what holds a sale back.
async fn tries(mini: &Mini) -> u32 {
    mobilisation(mini).await.steps[0].attempts
}

async fn retry(mini: &Mini, exception: &Exception, request_id: &str) -> Result<(), Status> {
    let mut desk = ExceptionServiceClient::new(mini.all.installation.process.clone());
    let request = RetryExceptionRequest {
        exception_id: exception.id.clone(),
        request_id: request_id.to_owned(),
        ..RetryExceptionRequest::default()
    };
    desk.retry_exception(request).await.map(drop)
}

/// A deal is won that lacks something; sales is told, and nothing is made anywhere.
async fn stuck(mini: &Mini, changed: &Value, field: &str) -> crate::mini::Deal {
    let nothing = mini.made().await;
    let deal = mini.deal("CT-1", changed).await;
    mini.win(&deal).await;
    mini.settle().await;
    let exception = only(mini).await;
    assert_eq!(exception.cause(), Reason::SaleIncomplete);
    assert_eq!(exception.owner_role(), OwnerRole::Sales);
    assert_eq!(
        (exception.object_kind.as_str(), &exception.object_id),
        ("opportunity", &deal.opportunity)
    );
    assert_eq!(exception.field, field);
    assert_eq!(exception.state(), ExceptionState::Open);
    assert_eq!(mobilisation(mini).await.state(), StepState::Exception);
    assert_eq!(mini.made().await, nothing);
    deal
}

/// The deal became a project, and nothing is open any more.
async fn mobilised(mini: &Mini) {
    let mobilisation = mobilisation(mini).await;
    assert_eq!(mobilisation.state(), StepState::Done, "{mobilisation:?}");
    assert_eq!(only(mini).await.state(), ExceptionState::Resolved);
    let made = mini.made().await;
    assert_eq!(
        (made["customer"], made["salesOrder"], made["job"], made["workspaces"]),
        (1, 1, 1, 1),
        "{made:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_is_not_signed_waits_and_goes_on_when_it_is_touched() {
    let mini = Mini::start().await;
    let deal = stuck(&mini, &json!({"Signed_On__c": null}), "terms.signed_date").await;
    mini.at
        .update("Contract", &deal.contract, &json!({"Signed_On__c": MONDAY}))
        .await;
    mini.settle().await;
    // The contract is mended; the deal itself says so to whoever reads only deals.
    mini.until(MONDAY, 10).await;
    mini.at
        .update("Opportunity", &deal.opportunity, &json!({"Name": "signed now"}))
        .await;
    mini.settle().await;
    mobilised(&mini).await;
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capped_deal_without_cap_goes_on_by_itself_in_the_same_day() {
    let mini = Mini::start().await;
    let deal = stuck(&mini, &json!({"Contract_Type__c": "time_capped"}), "terms.cap").await;
    mini.at
        .update("Contract", &deal.contract, &json!({"Cap_Amount__c": 16000}))
        .await;
    mini.until(MONDAY, 17).await;
    mobilised(&mini).await;
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_of_an_unknown_entity_goes_on_when_somebody_says_so() {
    let mini = Mini::start().await;
    let deal = stuck(&mini, &json!({"Legal_Entity__c": "XX99"}), "terms.legal_entity_code").await;
    let exception = only(&mini).await;
    let before = tries(&mini).await;

    // Not mended: the try fails, and the same command again is no second try.
    retry(&mini, &exception, "first").await.unwrap();
    mini.settle().await;
    assert_eq!(tries(&mini).await, before + 1);
    retry(&mini, &exception, "first").await.unwrap();
    mini.settle().await;
    assert_eq!(tries(&mini).await, before + 1, "a repeated command had a second effect");

    mini.at
        .update("Contract", &deal.contract, &json!({"Legal_Entity__c": "US01"}))
        .await;
    retry(&mini, &exception, "second").await.unwrap();
    mini.settle().await;
    mobilised(&mini).await;
    let refused = retry(&mini, &exception, "third").await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition, "{refused}");
    let unknown = Exception {
        id: "exc_00000000000000000000".to_owned(),
        ..Exception::default()
    };
    assert_eq!(retry(&mini, &unknown, "fourth").await.unwrap_err().code(), Code::NotFound);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_is_won_twice_is_made_once() {
    let mini = Mini::start().await;
    let deal = mini.sell("CT-1").await;
    let once = mini.made().await;
    assert_eq!((once["job"], once["workspaces"], once["stories"]), (1, 1, 1), "{once:?}");
    for hour in [10, 11] {
        mini.until(MONDAY, hour).await;
        mini.win(&deal).await;
        mini.at
            .update("Opportunity", &deal.opportunity, &json!({"Amount": 17000 + hour}))
            .await;
        mini.settle().await;
    }
    assert_eq!(mini.made().await, once);
    assert!(mini.exceptions().await.is_empty());

    // The ids are on the deal.
    let query = format!("SELECT Engagement_Id__c FROM Opportunity WHERE Id = '{}'", deal.opportunity);
    let engagement = mini.at.soql(&query).await[0]["Engagement_Id__c"].clone();
    assert_eq!(engagement, mobilisation(&mini).await.engagement_id);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_is_reopened_is_an_exception_until_it_is_won_again() {
    let mini = Mini::start().await;
    let deal = mini.sell("CT-1").await;
    let once = mini.made().await;
    mini.until(MONDAY, 10).await;
    mini.at
        .update("Opportunity", &deal.opportunity, &json!({"StageName": "Negotiation/Review"}))
        .await;
    mini.settle().await;
    let exception = only(&mini).await;
    assert_eq!(
        (exception.cause(), exception.owner_role()),
        (Reason::OpportunityReopened, OwnerRole::Sales)
    );
    assert_eq!(exception.state(), ExceptionState::Open);
    mini.until(MONDAY, 11).await;
    mini.win(&deal).await;
    mini.settle().await;
    assert_eq!(only(&mini).await.state(), ExceptionState::Resolved);
    assert_eq!(mini.made().await, once);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_waits_for_a_customer_that_the_books_do_not_have() {
    let mini = Mini::start().await;
    let terms = json!({"Contract_Type__c": "retainer_monthly", "Monthly_Fee__c": 1000, "Included_Minutes__c": 600,
        "Overage_Rate__c": 200, "StartDate": "2025-01-07"});
    let deal = mini.deal("CT-1", &terms).await;
    mini.arm(
        Vendor::NetSuite,
        "PUT /services/rest/record/v1/customer/",
        Fault::Refuse(400),
        2,
    );
    mini.win(&deal).await;
    mini.settle().await;
    mini.until("2025-01-07", 19).await;
    let linked = |exceptions: Vec<Exception>| exceptions.into_iter().find(|one| one.cause() == Reason::CustomerNotLinked);
    let waits = linked(mini.exceptions().await).unwrap();
    assert_eq!(
        (waits.owner_role(), waits.object_id.as_str(), waits.field.as_str()),
        (OwnerRole::Finance, "CT-1", "customer_id")
    );
    assert_eq!(mini.made().await["invoice"], 0);

    for day in ["2025-01-08", "2025-01-09"] {
        mini.until(day, 9).await;
    }
    assert_eq!((mini.made().await["customer"], mini.made().await["invoice"]), (1, 1));
    assert_eq!(linked(mini.exceptions().await).unwrap().state(), ExceptionState::Resolved);
    mini.all.stop().await.unwrap();
}
