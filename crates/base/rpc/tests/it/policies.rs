//! A changed word in a proto is a changed server: the same program, built with other contracts, by nothing but their descriptors.

use std::future::pending;

use serde_json::{Value, json};
use strata_contract::Policies;
use strata_contract::strata::dev::v1::{GetTimeRequest, SettleRequest};
use strata_rpc::{Rate, Rates, ServerSettings};
use tokio::time::Instant;
use tonic_types::StatusExt;

use super::altered::altered;
use super::identity::{guarded_with, token};
use super::*;

const FILE: &str = "strata/dev/v1/control_service.proto";

async fn with(settings: ServerSettings, policies: Policies) -> Server {
    let settle: Settle = Arc::new(|| Box::pin(pending()));
    let service = ControlServer::new(SimClock::new(start_of_time()), Some(settle)).into_service();
    let builder = ServerBuilder::new(settings).policies(policies).add_service(service);
    builder.build().await.unwrap()
}

fn policies(words: &[(&str, &str)]) -> Policies {
    Policies::read(&altered(FILE, words))
}

#[tokio::test(start_paused = true)]
async fn another_deadline_in_the_contract_is_another_end_of_the_call() {
    for (words, ends) in [
        (vec![], 600),
        (
            vec![
                ("deadline_ms: 600000", "deadline_ms: 7000"),
                ("promised_ms: 60000", "promised_ms: 7000"),
            ],
            7,
        ),
    ] {
        let server = with(ServerSettings::default(), policies(&words)).await;
        let mut request = tonic::Request::new(SettleRequest {});
        request.set_timeout(Duration::from_secs(100_000));
        let begin = Instant::now();
        let late = control(server.in_process()).settle(request).await.unwrap_err();
        assert_eq!(late.code(), Code::DeadlineExceeded);
        assert_eq!(
            begin.elapsed().as_secs(),
            ends * 2,
            "twice the contract's, as the caller asks for more"
        );
    }
}

#[tokio::test]
async fn another_rate_class_in_the_contract_is_another_budget() {
    let settings = || ServerSettings {
        rates: Rates {
            report: Rate { per_second: 1, burst: 2 },
            ..Rates::default()
        },
        ..ServerSettings::default()
    };
    let class = [("rate_class: RATE_CLASS_READ", "rate_class: RATE_CLASS_REPORT")];
    for (words, refused) in [(&class[..0], false), (&class[..], true)] {
        let server = with(settings(), policies(words)).await;
        let running = Running::start(&server).await;
        let mut client = control(running.transport());
        for _ in 0..2 {
            client.get_time(GetTimeRequest {}).await.unwrap();
        }
        let third = client.get_time(GetTimeRequest {}).await;
        assert_eq!(third.is_err(), refused);
        if let Err(status) = third {
            assert_eq!(status.code(), Code::ResourceExhausted);
            let details = status.get_error_details();
            assert_eq!(details.error_info().unwrap().reason, "TOO_MANY_CALLS");
            let wait = details.retry_info().unwrap().retry_delay.unwrap();
            assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
            let quota = &details.quota_failure().unwrap().violations[0];
            assert_eq!(
                (quota.subject.as_str(), quota.description.as_str()),
                ("address:127.0.0.1", "server.rates.report")
            );
            assert!(details.request_info().is_some());
            // Within the process nothing is counted, and after the time it was told the caller has a call again.
            control(server.in_process()).get_time(GetTimeRequest {}).await.unwrap();
            tokio::time::sleep(wait + Duration::from_millis(20)).await;
            client.get_time(GetTimeRequest {}).await.unwrap();
        }
        running.stop().await;
    }
}

#[tokio::test]
async fn another_scope_in_the_contract_is_another_refusal() {
    let admin = [("scope: \"dev.control.read\"", "scope: \"dev.control.admin\"")];
    for (words, code) in [(&admin[..0], Code::Ok), (&admin[..], Code::PermissionDenied)] {
        let (server, _folder) = guarded_with(policies(words)).await;
        let running = Running::start(&server).await;
        assert_eq!(
            time_for(&running, "dev.control.read")
                .await
                .map_or_else(|refused| refused.code(), |_| Code::Ok),
            code
        );
        running.stop().await;
    }
}

#[tokio::test]
async fn another_sensitivity_in_the_contract_is_another_answer() {
    let time = "google.protobuf.Timestamp time = 1;\n}\n\n// Sets the clock.";
    let cost = time.replace("= 1", "= 1 [(strata.options.v1.field).sensitivity = SENSITIVITY_LABOUR_COST]");
    let secret = time.replace("= 1", "= 1 [(strata.options.v1.field).sensitivity = SENSITIVITY_SECRET]");
    let (read, both) = ("dev.control.read", "dev.control.read data.labour_cost.read");
    for (word, seen_by_one, seen_by_both) in [(time, true, true), (&cost, false, true), (&secret, false, false)] {
        let (server, _folder) = guarded_with(policies(&[(time, word)])).await;
        let running = Running::start(&server).await;
        assert_eq!(time_for(&running, read).await.unwrap().is_some(), seen_by_one, "{word}");
        assert_eq!(time_for(&running, both).await.unwrap().is_some(), seen_by_both, "{word}");
        // What another tier in this process asks for is its own business: it answers for what it passes on.
        let inside = control(server.in_process()).get_time(GetTimeRequest {}).await.unwrap();
        assert_eq!(inside.into_inner().time.is_some(), word != secret);
        // A server of ours is told that something would be left out.
        let code = |answer: Result<_, Status>| answer.map_or_else(|refused| refused.code(), |_| Code::Ok);
        for (scopes, is_seen) in [(read, seen_by_one), (both, seen_by_both)] {
            let whole = code(whole_time_for(&running, scopes).await);
            assert_eq!(whole, if is_seen { Code::Ok } else { Code::PermissionDenied }, "{word}");
        }
        running.stop().await;
    }
}

#[tokio::test]
async fn who_is_confined_is_refused_until_the_answer_says_whose_it_is() {
    let scope = "scope: \"dev.control.read\"";
    let confined = format!("{scope}\n      rows: [ROW_CUSTOMER]");
    for claims in [
        json!({"customer": "cus_1"}),
        json!({"legal_entities": ["US01"]}),
        json!({"roles": ["consultant"]}),
    ] {
        for words in [vec![], vec![(scope, confined.as_str())]] {
            let (server, _folder) = guarded_with(policies(&words)).await;
            let running = Running::start(&server).await;
            let mut claims = claims.clone();
            claims["scope"] = json!("dev.control.read");
            let refused = time_of(&running, claims).await.unwrap_err();
            assert_eq!(refused.code(), Code::PermissionDenied);
            assert_eq!(strata_rpc::error(refused).reason, "ROW_DENIED");
            running.stop().await;
        }
    }
}

/// The time that a server tells whoever has some scopes.
async fn time_for(running: &Running, scopes: &str) -> Result<Option<prost_types::Timestamp>, Status> {
    time_of(running, json!({ "scope": scopes })).await
}

/// The same for who asks for whole answers.
async fn whole_time_for(running: &Running, scopes: &str) -> Result<(), Status> {
    let bearer = format!("Bearer {}", token(json!({ "scope": scopes })));
    let metadata = [("authorization", bearer.as_str()), ("x-strata-whole-answer", "true")];
    let (_, status, _) = raw(&running.transport(), GET_TIME, b"", &metadata).await;
    if status.code() == Code::Ok { Ok(()) } else { Err(status) }
}

/// The time that a server tells whoever has some claims.
async fn time_of(running: &Running, claims: Value) -> Result<Option<prost_types::Timestamp>, Status> {
    let mut request = tonic::Request::new(GetTimeRequest {});
    let bearer = format!("Bearer {}", token(claims));
    request.metadata_mut().insert("authorization", bearer.parse().unwrap());
    let answer = control(running.transport()).get_time(request).await?;
    Ok(answer.into_inner().time)
}

#[tokio::test]
async fn callers_of_a_deprecated_method_are_told_until_when_and_what_instead() {
    let words = [(
        "option (strata.options.v1.method) = {\n      scope: \"dev.control.read\"",
        "option deprecated = true;\n    option (strata.options.v1.method) = {\n      sunset: \"2027-06-30\"\n      \
         successor: \"strata.dev.v1.ControlService.SetTime\"\n      scope: \"dev.control.read\"",
    )];
    let server = with(ServerSettings::default(), policies(&words)).await;
    let running = Running::start(&server).await;
    for transport in [server.in_process(), running.transport()] {
        let answer = control(transport.clone()).get_time(GetTimeRequest {}).await.unwrap();
        let told = |name: &str| answer.metadata().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(told("deprecation"), "true");
        assert_eq!(told("sunset"), "Wed, 30 Jun 2027 00:00:00 GMT");
        assert_eq!(
            told("link"),
            "</strata.dev.v1.ControlService/SetTime>; rel=\"successor-version\""
        );
        let (_, status, _) = raw(&transport, GET_TIME, b"", &[]).await;
        assert_eq!(status.code(), Code::Ok);
        assert_eq!(status.metadata().get("deprecation").unwrap(), "true", "in the trailers too");
        let (headers, _, _) = raw(&transport, SET_TIME, b"", &[]).await;
        assert!(headers.get("deprecation").is_none(), "a method that stays says nothing");
    }
    running.stop().await;
}
