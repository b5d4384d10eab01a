#![allow(clippy::unwrap_used)]
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes};
use http_body::Frame;
use http_body_util::StreamBody;
use proptest::prelude::*;
use prost::Message;
use strata_contract::strata::experience::delivery::v1::{
    EngagementSummary, GetTimelineResponse, ListEngagementsRequest, ListEngagementsResponse, WatchEngagementResponse,
};
use strata_identity::{CallerKind, Scopes};
use strata_settings::Secret;
use tower::service_fn;

use super::*;

const LIST: &str = "/strata.experience.delivery.v1.DeliveryService/ListEngagements";
const TIMELINE: &str = "/strata.experience.delivery.v1.DeliveryService/GetTimeline";
const WATCH: &str = "/strata.experience.delivery.v1.DeliveryService/WatchEngagement";

fn set(held: &[&str]) -> BTreeSet<String> {
    held.iter().map(|one| (*one).to_owned()).collect()
}

fn somebody(customer: Option<&str>, entities: &[&str]) -> Caller {
    let principal = Principal {
        subject: "eva".to_owned(),
        kind: CallerKind::Person,
        roles: BTreeSet::new(),
        scopes: Scopes::all(),
        tenant: None,
        customer: customer.map(str::to_owned),
        legal_entities: set(entities),
        employee: None,
    };
    Caller::direct_by(Arc::new(principal), Secret::new("token"))
}

fn frame(message: &impl Message) -> Vec<u8> {
    let mut out = vec![0];
    out.put_u32(u32::try_from(message.encoded_len()).unwrap());
    out.extend(message.encode_to_vec());
    out
}

fn summary(customer: &str, entity: &str) -> EngagementSummary {
    EngagementSummary {
        customer_id: customer.to_owned(),
        legal_entity_code: entity.to_owned(),
        ..EngagementSummary::default()
    }
}

fn said(customer: &str) -> WatchEngagementResponse {
    WatchEngagementResponse {
        customer_id: customer.to_owned(),
        ..WatchEngagementResponse::default()
    }
}

/// A call whose handler sends some frames, and how often the handler was called.
async fn call(caller: Caller, path: &str, request: Vec<u8>, headers: &[(&str, &str)], answer: Vec<u8>) -> (Status, Bytes, usize) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let next = Next::new(service_fn(move |_: Request<Body>| {
        counted.fetch_add(1, Ordering::SeqCst);
        let pieces: Vec<_> = answer
            .chunks(7)
            .map(Bytes::copy_from_slice)
            .map(Frame::data)
            .map(Ok::<_, Status>)
            .collect();
        let mut trailers = HeaderMap::new();
        Status::ok("").add_header(&mut trailers).unwrap();
        let frames = pieces.into_iter().chain([Ok(Frame::trailers(trailers))]);
        let body = Body::new(StreamBody::new(futures::stream::iter(frames)));
        async move { Ok::<_, Infallible>(Response::new(body)) }
    }));
    let mut built = Request::post(path);
    for (name, value) in headers {
        built = built.header(*name, *value);
    }
    let request = built.extension(caller).body(Body::new(Full::from(request))).unwrap();
    let response = confine(RowRules::new(Rules::built_in(), Policies::built_in()), request, next).await;
    let (status, body) = ended(response).await;
    (status, body, calls.load(Ordering::SeqCst))
}

async fn ended(response: Response<Body>) -> (Status, Bytes) {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap();
    let trailers = body.trailers().cloned().unwrap_or_default();
    let status = Status::from_header_map(&parts.headers).or_else(|| Status::from_header_map(&trailers));
    (status.unwrap(), body.to_bytes())
}

fn reason(status: &Status) -> String {
    use tonic_types::StatusExt;
    status
        .get_error_details()
        .error_info()
        .map(|info| info.reason.clone())
        .unwrap_or_default()
}

fn list(rows: Vec<EngagementSummary>) -> ListEngagementsResponse {
    ListEngagementsResponse {
        engagements: rows,
        next_page_token: "t".into(),
    }
}

#[tokio::test]
async fn each_caller_gets_its_own_rows_of_a_list() {
    let rows = [("a", "US01"), ("b", "US01"), ("a", "DE01"), ("", "")];
    let answer = frame(&list(
        rows.iter().map(|(customer, entity)| summary(customer, entity)).collect(),
    ));
    for (caller, own) in [
        (somebody(None, &[]), vec![0, 1, 2, 3]),
        (somebody(Some("a"), &[]), vec![0, 2]),
        (somebody(None, &["US01"]), vec![0, 1]),
        (somebody(None, &["US01", "DE01"]), vec![0, 1, 2]),
        (somebody(Some("a"), &["DE01"]), vec![2]),
        (somebody(Some("c"), &[]), vec![]),
    ] {
        let expected = list(own.iter().map(|at: &usize| summary(rows[*at].0, rows[*at].1)).collect());
        let (status, body, _) = call(caller, LIST, frame(&ListEngagementsRequest::default()), &[], answer.clone()).await;
        assert_eq!(status.code(), Code::Ok);
        assert_eq!(ListEngagementsResponse::decode(&body[PREFIX..]).unwrap(), expected);
    }
}

#[tokio::test]
async fn what_is_somebody_elses_and_what_is_not_there_look_the_same() {
    let others = GetTimelineResponse {
        customer_id: "b".into(),
        ..GetTimelineResponse::default()
    };
    let (hidden, body, _) = call(somebody(Some("a"), &[]), TIMELINE, frame(&()), &[], frame(&others)).await;
    assert!(body.is_empty());
    let missing = |trailing: bool| async move {
        let next = Next::new(service_fn(move |_: Request<Body>| async move {
            let refused = status(Error::not_found("engagement", "eng_1"));
            if !trailing {
                return Ok::<_, Infallible>(refused.into_http());
            }
            let mut trailers = HeaderMap::new();
            refused.add_header(&mut trailers).unwrap();
            let frames = futures::stream::iter([Ok::<_, Status>(Frame::trailers(trailers))]);
            Ok(Response::new(Body::new(StreamBody::new(frames))))
        }));
        let request = Request::post(TIMELINE).extension(somebody(Some("a"), &[]));
        let request = request.body(Body::empty()).unwrap();
        ended(confine(RowRules::new(Rules::built_in(), Policies::built_in()), request, next).await)
            .await
            .0
    };
    assert_eq!(
        (hidden.code(), reason(&hidden)),
        (Code::PermissionDenied, "ROW_DENIED".to_owned())
    );
    for unknown in [missing(false).await, missing(true).await] {
        assert_eq!(unknown.code(), hidden.code());
        assert_eq!(unknown.message(), hidden.message());
        assert_eq!(unknown.details(), hidden.details());
    }
}

#[tokio::test]
async fn a_stream_ends_at_the_first_message_that_is_somebody_elses() {
    let sent: Vec<u8> = ["a", "a", "b", "a"]
        .iter()
        .flat_map(|customer| frame(&said(customer)))
        .collect();
    let (status, body, _) = call(somebody(Some("a"), &[]), WATCH, frame(&()), &[], sent).await;
    assert_eq!(reason(&status), "ROW_DENIED");
    assert_eq!(body, [frame(&said("a")), frame(&said("a"))].concat());
}

#[tokio::test]
async fn what_names_somebody_else_is_refused_before_anything_is_done() {
    let asking = |customer: &str| {
        frame(&ListEngagementsRequest {
            customer_id: customer.to_owned(),
            ..ListEngagementsRequest::default()
        })
    };
    let answer = frame(&list(vec![]));
    for (customer, code, calls) in [("a", Code::Ok, 1), ("", Code::Ok, 1), ("b", Code::PermissionDenied, 0)] {
        let (status, _, called) = call(somebody(Some("a"), &[]), LIST, asking(customer), &[], answer.clone()).await;
        assert_eq!((status.code(), called), (code, calls), "{customer}");
    }
    // Whose company it is does not say whose customer it is.
    let (status, ..) = call(somebody(None, &["US01"]), LIST, asking("b"), &[], answer.clone()).await;
    assert_eq!(status.code(), Code::Ok);
    for bad in [vec![1, 0, 0, 0, 0], vec![0, 0, 0, 0, 2, 0xff, 0xff]] {
        let (status, _, called) = call(somebody(Some("a"), &[]), LIST, bad, &[], answer.clone()).await;
        assert_eq!((status.code(), called), (Code::InvalidArgument, 0));
    }
}

#[tokio::test]
async fn a_method_whose_rows_say_nothing_is_for_who_is_not_confined() {
    let summed = "/strata.process.billing.v1.BillingService/ListReceivables";
    let unbilled = "/strata.experience.delivery.v1.DeliveryService/ListUnbilledTime";
    for (caller, path, calls) in [
        (somebody(Some("a"), &[]), summed, 0),
        (somebody(None, &["US01"]), summed, 0),
        (somebody(None, &[]), summed, 1),
        // Its rows say the legal entity, and are not for customers.
        (somebody(Some("a"), &[]), unbilled, 0),
        (somebody(None, &["US01"]), unbilled, 1),
        (somebody(Some("a"), &["US01"]), unbilled, 0),
    ] {
        let (status, _, called) = call(caller, path, frame(&()), &[], frame(&())).await;
        assert_eq!(called, calls, "{path} {status}");
        if calls == 0 {
            assert_eq!(reason(&status), "ROW_DENIED");
        }
    }
    // Half of the rows is worse than none for who reckons with them.
    let whole = [(WHOLE_HEADER, "true")];
    let (status, _, called) = call(somebody(Some("a"), &[]), LIST, frame(&()), &whole, frame(&())).await;
    assert_eq!((reason(&status), called), ("ROW_DENIED".to_owned(), 0));
}

#[tokio::test]
async fn a_long_answer_is_asked_about_once_for_each_owner() {
    let rows = (0..1_000)
        .map(|at| summary(if at % 2 == 0 { "a" } else { "b" }, "US01"))
        .collect();
    let answer = frame(&list(rows));
    let quickest = |caller: Caller| {
        let answer = answer.clone();
        async move {
            let mut best = Duration::MAX;
            for _ in 0..10 {
                let begin = Instant::now();
                let request = frame(&ListEngagementsRequest::default());
                call(caller.clone(), LIST, request, &[], answer.clone()).await;
                best = best.min(begin.elapsed());
            }
            best
        }
    };
    let (free, confined) = (quickest(somebody(None, &[])).await, quickest(somebody(Some("a"), &[])).await);
    println!("1000 rows: {free:?} for who sees all, {confined:?} for a customer");
    let mut judge = Judge::new(Rules::built_in(), somebody(Some("a"), &[]).direct().clone(), LIST.to_owned());
    let rows = Rows::new(&Policies::built_in()).of(LIST).unwrap();
    rows.keep(&answer[PREFIX..], &mut |whose| judge.may(whose)).unwrap();
    assert_eq!(judge.known.len(), 2);
}

/// One of these, or nothing.
fn some(among: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(among)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whoever calls and whatever the handler answers: what comes out is what a reader of the decoded answer would keep, in the same order.
    #[test]
    fn a_list_is_what_a_reader_would_keep(
        rows in proptest::collection::vec((some(&["", "a", "b", "c"]), some(&["", "US01", "DE01"])), 0..12),
        customer in proptest::option::of(some(&["a", "b"])),
        entities in proptest::collection::btree_set(some(&["US01", "DE01", "FR01"]), 0..3),
    ) {
        let answer = list(rows.iter().map(|(customer, entity)| summary(customer, entity)).collect());
        let held: Vec<&str> = entities.iter().copied().collect();
        let keep = |row: &EngagementSummary| {
            let is_customers = customer.is_none_or(|own| row.customer_id == own);
            is_customers && (entities.is_empty() || entities.contains(row.legal_entity_code.as_str()))
        };
        let expected = list(answer.engagements.iter().filter(|row| keep(row)).cloned().collect());
        let asked = frame(&ListEngagementsRequest::default());
        let called = call(somebody(customer, &held), LIST, asked, &[], frame(&answer));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (status, body, _) = runtime.block_on(called);
        prop_assert_eq!(status.code(), Code::Ok);
        prop_assert_eq!(ListEngagementsResponse::decode(&body[PREFIX..]).unwrap(), expected);
    }
}
