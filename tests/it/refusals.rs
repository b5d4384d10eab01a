//! What fits its fields and still cannot be: references to nothing, currencies that disagree, days that are none, tokens of
//! another question. Each is refused with a field or an outcome, and nothing is half written.

use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::{BillingTiming, Money, WriteOutcome, write_outcome::State};
use strata_contract::strata::experience::delivery::v2 as delivery;
use strata_contract::strata::experience::delivery::v2::delivery_service_client::DeliveryServiceClient;
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::master::v1::engagement_service_client::EngagementServiceClient;
use strata_contract::strata::process::billing::v1::ListUnbilledTimeRequest;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::mobilisation::v1 as mobilisation;
use strata_contract::strata::process::mobilisation::v1::mobilisation_service_client::MobilisationServiceClient;
use strata_contract::strata::system::crm::v1 as crm;
use strata_contract::strata::system::crm::v1::crm_service_client::CrmServiceClient;
use strata_contract::strata::system::erp::v1 as erp;
use strata_contract::strata::system::erp::v1::erp_service_client::ErpServiceClient;
use strata_contract::strata::system::psa::v1 as psa;
use strata_contract::strata::system::psa::v1::psa_service_client::PsaServiceClient;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::mini::Mini;

/// Has the form of an id, and is nobody's.
const NO_ENGAGEMENT: &str = "eng_00000000000000000000";
/// A record that no vendor has.
const NOTHING: &str = "999999";

fn day(month: i32) -> Option<Date> {
    Some(Date {
        year: 2025,
        month,
        day: 6,
    })
}

fn money(currency: &str, minor_units: i64) -> Option<Money> {
    Some(Money {
        currency_code: currency.to_owned(),
        minor_units,
    })
}

/// Code of a refusal, and the fields it names.
fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, Vec<String>) {
    let status = answer.unwrap_err();
    let details = status.get_error_details();
    let fields = details.bad_request().into_iter().flat_map(|bad| bad.field_violations.clone());
    (status.code(), fields.map(|violation| violation.field).collect())
}

fn named(code: Code, field: &str) -> (Code, Vec<String>) {
    (code, vec![field.to_owned()])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engagement_that_nobody_has_is_not_found() {
    let mini = Mini::start().await;
    let mut crm = CrmServiceClient::new(mini.all.below.crm.clone());
    let sale = crm::GetSaleRequest {
        opportunity_id: "006000000000000AAA".to_owned(),
    };
    assert_eq!(refused(crm.get_sale(sale).await).0, Code::NotFound);
    let mut engagements = EngagementServiceClient::new(mini.all.below.master.clone());
    let id = NO_ENGAGEMENT.to_owned();
    let get = master::GetEngagementRequest {
        engagement_id: id.clone(),
    };
    assert_eq!(refused(engagements.get_engagement(get).await).0, Code::NotFound);
    let mut runs = MobilisationServiceClient::new(mini.all.installation.process.clone());
    let get = mobilisation::GetMobilisationRequest {
        engagement_id: id.clone(),
    };
    assert_eq!(refused(runs.get_mobilisation(get).await).0, Code::NotFound);
    let watch = mobilisation::WatchHandOffsRequest {
        engagement_id: id.clone(),
        after_sequence: 0,
    };
    assert_eq!(refused(runs.watch_hand_offs(watch).await).0, Code::NotFound);
    let mut portal = DeliveryServiceClient::new(mini.all.installation.experience.clone());
    let name = format!("engagements/{id}");
    let list = delivery::ListTimelineEntriesRequest {
        parent: name.clone(),
        ..Default::default()
    };
    assert_eq!(refused(portal.list_timeline_entries(list).await).0, Code::NotFound);
    let watch = |name| delivery::WatchEngagementRequest { name, after_sequence: 0 };
    assert_eq!(refused(portal.watch_engagement(watch(name)).await).0, Code::NotFound);
    let malformed = portal.watch_engagement(watch(id)).await;
    assert_eq!(refused(malformed), named(Code::InvalidArgument, "name"));
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_belongs_to_its_question() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    let engagement_id = mini.mobilisations().await[0].engagement_id.clone();
    let mut runs = MobilisationServiceClient::new(mini.all.installation.process.clone());
    let ask = |engagement_id: &str, page_token: &str| mobilisation::ListHandOffsRequest {
        engagement_id: engagement_id.to_owned(),
        page_size: 1,
        page_token: page_token.to_owned(),
    };
    let first = runs.list_hand_offs(ask(&engagement_id, "")).await.unwrap().into_inner();
    let token = first.next_page_token;
    let next = runs.list_hand_offs(ask(&engagement_id, &token)).await.unwrap().into_inner();
    assert!(next.hand_offs[0].sequence > first.hand_offs[0].sequence);
    for (engagement_id, token) in [(NO_ENGAGEMENT, token.as_str()), (&engagement_id, "made up")] {
        let answer = runs.list_hand_offs(ask(engagement_id, token)).await;
        assert_eq!(refused(answer), named(Code::InvalidArgument, "page_token"));
    }
    let mut engagements = EngagementServiceClient::new(mini.all.below.master.clone());
    let request = master::ListEngagementsRequest {
        page_size: 1,
        page_token: token,
        ..master::ListEngagementsRequest::default()
    };
    assert_eq!(
        refused(engagements.list_engagements(request).await),
        named(Code::InvalidArgument, "page_token")
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn master_data_holds_together() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    let mut engagements = EngagementServiceClient::new(mini.all.below.master.clone());
    let listed = engagements
        .list_engagements(master::ListEngagementsRequest::default())
        .await
        .unwrap()
        .into_inner();
    let whole = listed.engagements[0].clone();
    type Break = fn(&mut master::Engagement);
    let broken: [(&str, Break); 5] = [
        ("engagement.contract.customer_id", |e| {
            e.contract.as_mut().unwrap().customer_id = "cus_00000000000000000000".to_owned()
        }),
        ("engagement.contract.engagement_id", |e| {
            e.contract.as_mut().unwrap().engagement_id = NO_ENGAGEMENT.to_owned()
        }),
        ("engagement.projects[0].contract_id", |e| {
            e.projects[0].contract_id = "con_00000000000000000000".to_owned()
        }),
        ("engagement.contract.terms.legal_entity_code", |e| {
            e.contract.as_mut().unwrap().terms.as_mut().unwrap().legal_entity_code = "ZZ99".to_owned();
        }),
        ("engagement.contract.terms.start_date", |e| {
            e.contract.as_mut().unwrap().terms.as_mut().unwrap().start_date = day(13)
        }),
    ];
    for (field, change) in broken {
        let mut engagement = whole.clone();
        change(&mut engagement);
        let answer = engagements
            .put_engagement(master::PutEngagementRequest {
                engagement: Some(engagement),
            })
            .await;
        assert_eq!(refused(answer), named(Code::InvalidArgument, field));
    }
    let now = engagements
        .list_engagements(master::ListEngagementsRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(now, listed);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn days_that_are_none_are_named() {
    let mini = Mini::start().await;
    let mut billing = BillingServiceClient::new(mini.all.installation.process.clone());
    let request = ListUnbilledTimeRequest {
        as_of_date: day(13),
        ..Default::default()
    };
    let (code, fields) = refused(billing.list_unbilled_time(request).await);
    assert_eq!(code, Code::InvalidArgument);
    assert!(fields[0].starts_with("as_of_date"), "{fields:?}");
    let mut portal = DeliveryServiceClient::new(mini.all.installation.experience.clone());
    let request = delivery::ListUnbilledTimeRequest {
        as_of_date: day(13),
        ..Default::default()
    };
    let (code, fields) = refused(portal.list_unbilled_time(request).await);
    assert_eq!(code, Code::InvalidArgument);
    assert!(fields[0].starts_with("as_of_date"), "{fields:?}");
    mini.all.stop().await.unwrap();
}

/// A write that names nothing ends as refused: by the contract, or by the vendor with a reason.
fn rejected(what: &str, answer: Result<Option<WriteOutcome>, Status>) {
    match answer {
        Ok(outcome) => {
            let outcome = outcome.unwrap();
            assert_eq!(outcome.state(), State::Rejected, "{what}");
            assert!(!outcome.reason.is_empty(), "{what}");
        }
        Err(status) => {
            assert!(
                matches!(status.code(), Code::InvalidArgument | Code::NotFound),
                "{what}: {status}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_name_nothing_leave_nothing() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    let before = mini.made().await;
    let text = |value: &str| value.to_owned();

    let mut psa = PsaServiceClient::new(mini.all.below.psa.clone());
    let project = psa::CreateProjectRequest {
        key: text("k-1"),
        title: text("t"),
        code: text("PR-9"),
        client_id: text(NOTHING),
        currency_code: text("USD"),
        start_date: day(1),
        legal_entity_code: text("US01"),
        ..Default::default()
    };
    rejected(
        "project of no client",
        psa.create_project(project).await.map(|answer| answer.into_inner().outcome),
    );
    let rate = psa::PutCostRateRequest {
        resource_id: text(NOTHING),
        effective_date: day(1),
        hourly_cost: money("USD", 7000),
    };
    rejected(
        "cost of nobody",
        psa.put_cost_rate(rate).await.map(|answer| answer.into_inner().outcome),
    );
    let tasks = psa::CreateTasksRequest {
        project_id: text(NOTHING),
        tasks: vec![psa::NewTask {
            key: text("k-2"),
            title: text("t"),
            billable: true,
        }],
    };
    rejected(
        "task of no project",
        psa.create_tasks(tasks)
            .await
            .map(|answer| answer.into_inner().outcomes.into_iter().next()),
    );

    let mut erp = ErpServiceClient::new(mini.all.below.erp.clone());
    let contract = erp::PutContractRequest {
        key: text("k-3"),
        contract_number: text("CT-9"),
        customer_id: text(NOTHING),
        legal_entity_id: text("1"),
        currency_code: text("USD"),
        start_date: day(1),
        ..Default::default()
    };
    rejected(
        "contract of no customer",
        erp.put_contract(contract).await.map(|answer| answer.into_inner().outcome),
    );
    let posting = erp::TimePosting {
        key: text("k-4"),
        employee_id: text(NOTHING),
        project_id: text(NOTHING),
        work_date: day(1),
        minutes: 60,
        billable_minutes: 60,
        cost_amount: money("USD", 7000),
        ..Default::default()
    };
    let posted = erp
        .post_time(erp::PostTimeRequest {
            postings: vec![posting.clone()],
        })
        .await;
    rejected(
        "time of nobody",
        posted.map(|answer| answer.into_inner().outcomes.into_iter().next()),
    );
    let odd = erp::TimePosting {
        work_date: day(13),
        key: text("k-5"),
        ..posting
    };
    rejected(
        "time on no day",
        erp.post_time(erp::PostTimeRequest { postings: vec![odd] })
            .await
            .map(|answer| answer.into_inner().outcomes.into_iter().next()),
    );
    let line = |currency: &str, project: &str| erp::DocumentLine {
        kind: erp::LineKind::Time.into(),
        source: text("time:1"),
        project_id: project.to_owned(),
        net: money(currency, 100),
        ..Default::default()
    };
    let document = |line: erp::DocumentLine, tax: &str, customer: &str| erp::Document {
        kind: erp::DocumentKind::Invoice.into(),
        customer_id: customer.to_owned(),
        legal_entity_id: text("1"),
        contract_number: text("CT-1"),
        period: text("2025-01"),
        issue_date: day(1),
        due_date: day(2),
        currency_code: text("USD"),
        lines: vec![line],
        tax_code_id: text("1"),
        expected_tax: money(tax, 0),
        fx_rate: text("1"),
        timing: BillingTiming::Arrears.into(),
    };
    for (what, document) in [
        ("document of nobody", document(line("USD", "1"), "USD", NOTHING)),
        ("document of no project", document(line("USD", NOTHING), "USD", "1")),
        ("document in two currencies", document(line("EUR", "1"), "USD", "1")),
    ] {
        let request = erp::PostDocumentRequest {
            key: text("k-6"),
            document: Some(document),
        };
        rejected(
            what,
            erp.post_document(request).await.map(|answer| answer.into_inner().outcome),
        );
    }
    let mut crm = CrmServiceClient::new(mini.all.below.crm.clone());
    let ids = crm::RecordEngagementRequest {
        opportunity_id: text("006000000000000AAA"),
        engagement_id: text("eng_1"),
        ..Default::default()
    };
    rejected(
        "ids of no deal",
        crm.record_engagement(ids).await.map(|answer| answer.into_inner().outcome),
    );
    assert_eq!(mini.made().await, before);
    mini.all.stop().await.unwrap();
}
