//! Who may call what: every method of every service, called over TCP without a token, with every kind of bad token, and with every
//! role, has to do what its contract says.
//!
//! Methods come from the contracts themselves. Whoever is let in sends bytes that are no message, so nothing is changed: INVALID_ARGUMENT
//! means that the call went past both layers, and that the method is served.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;
use strata::Role;
use strata::allinone::{self, AllInOne};
use strata_contract::strata::options::v1::Row;
use strata_contract::{POOL, Transport, method_policy, methods};
use tonic::{Code, Request};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_types::StatusExt;

use crate::mini::empty;
use crate::place::program;
use crate::{dynamic, tokens};

/// A role that may do everything.
const ALL: &str = "administrator";

/// Roles as a firm may have them.
fn roles() -> Vec<(&'static str, Vec<String>)> {
    let words = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
    let reads: BTreeSet<String> = methods()
        .map(|(_, policy)| policy.scope.clone())
        .filter(|scope| scope.ends_with(".read"))
        .collect();
    vec![
        (ALL, words(&["*"])),
        ("auditor", reads.into_iter().collect()),
        (
            "finance",
            words(&[
                "process.billing.*",
                "process.close.*",
                "process.revenue.read",
                "master.contract.read",
            ]),
        ),
        ("controller", words(&["process.close.sign", "process.close.read"])),
        ("delivery", words(&["experience.delivery.read"])),
        ("integration", words(&["system.*", "master.*"])),
        ("operator", words(&["process.operations.*", "dev.fault.read"])),
        ("visitor", Vec::new()),
    ]
}

/// What the table of roles says of a scope, read without the code under test.
fn may(scopes: &[String], scope: &str) -> bool {
    scopes.iter().any(|held| match held.strip_suffix('*') {
        Some(start) => scope.starts_with(start),
        None => held == scope,
    })
}

/// Bytes that are no message.
const NONSENSE: [u8; 2] = [0xff, 0xff];

/// Code and reason of a call.
async fn call(to: &Transport, path: &'static str, token: Option<&str>) -> (Code, String) {
    let mut request = Request::new(NONSENSE.to_vec());
    if let Some(token) = token {
        let value = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
    }
    let status = dynamic::send(to, path, request).await;
    let reason = status.get_error_details().error_info().map(|info| info.reason.clone());
    (status.code(), reason.unwrap_or_default())
}

/// Services that the server names in its reflection.
async fn listed(edge: &str, token: &str) -> BTreeSet<String> {
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{edge}"))
        .unwrap()
        .connect_lazy();
    let mut reflection = ServerReflectionClient::new(channel);
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let refused = reflection
        .server_reflection_info(tokio_stream::once(ask.clone()))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let mut request = Request::new(tokio_stream::once(ask));
    request
        .metadata_mut()
        .insert("authorization", format!("Bearer {token}").parse().unwrap());
    let mut answers = reflection.server_reflection_info(request).await.unwrap().into_inner();
    let Some(MessageResponse::ListServicesResponse(list)) = answers.message().await.unwrap().unwrap().message_response else {
        panic!("no list of services")
    };
    list.service.into_iter().map(|service| service.name).collect()
}

/// Every tier on one port, and where that is.
async fn started(folder: &Path) -> (AllInOne, String) {
    let all = allinone::start_with(&empty(folder), tokens::section(folder, &roles()))
        .await
        .unwrap();
    let edge = all.installation.addresses.of(Role::All).unwrap().to_string();
    (all, edge)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_asks_for_a_token_and_for_the_scope_of_its_contract() {
    let folder = tempfile::tempdir().unwrap();
    let (all, edge) = started(folder.path()).await;
    let roles = roles();
    let to = strata_rpc::connect(&edge).unwrap();

    // What is served and what is walked is the same.
    let ours = POOL.services().filter(|service| service.full_name().starts_with("strata."));
    let ours: Vec<_> = ours.collect();
    let open = [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ];
    let known: BTreeSet<String> = ours
        .iter()
        .map(|service| service.full_name().to_owned())
        .chain(open.map(str::to_owned))
        .collect();
    assert_eq!(listed(&edge, &tokens::of_role("visitor")).await, known);

    let (mut holes, mut calls, mut streams) = (Vec::new(), 0, 0);
    let bad = tokens::bad(ALL);
    let good: Vec<String> = roles.iter().map(|(role, _)| tokens::of_role(role)).collect();
    let confined = [
        (Row::Customer, tokens::of_customer(ALL, "cus_0123456789abcdefghjk")),
        (Row::LegalEntity, tokens::saying(ALL, &json!({"legal_entities": ["US01"]}))),
        (
            Row::Person,
            tokens::saying(ALL, &json!({"roles": [ALL, "consultant"], "employee": "EM-1"})),
        ),
    ];
    for method in ours.iter().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let path: &'static str = format!("/{}/{}", method.parent_service().full_name(), method.name()).leak();
        let policy = method_policy(path).unwrap_or_else(|| panic!("{path} has no policy"));
        streams += usize::from(method.is_server_streaming());
        let mut expect = |what: &str, answer: (Code, String), code: Code, reason: &str| {
            calls += 1;
            if answer != (code, reason.to_owned()) {
                holes.push(format!("{path} {what}: {answer:?}"));
            }
        };
        expect(
            "without a token",
            call(&to, path, None).await,
            Code::Unauthenticated,
            "TOKEN_MISSING",
        );
        for (what, token, reason) in &bad {
            expect(what, call(&to, path, Some(token)).await, Code::Unauthenticated, reason);
        }
        for ((role, scopes), token) in roles.iter().zip(&good) {
            let answer = call(&to, path, Some(token)).await;
            if may(scopes, &policy.scope) {
                expect(&format!("as {role}"), answer, Code::InvalidArgument, "INVALID_FIELD");
            } else {
                expect(&format!("as {role}"), answer, Code::PermissionDenied, "SCOPE_MISSING");
            }
        }
        for (kind, token) in &confined {
            let is_for_them = policy.rows().any(|row| row == *kind);
            let (code, reason) = if is_for_them {
                (Code::InvalidArgument, "INVALID_FIELD")
            } else {
                (Code::PermissionDenied, "ROW_DENIED")
            };
            expect(
                &format!("confined by {kind:?}"),
                call(&to, path, Some(token)).await,
                code,
                reason,
            );
        }
    }
    assert!(holes.is_empty(), "{} of {calls} calls:\n{}", holes.len(), holes.join("\n"));
    assert!(
        calls > 100 * (2 + bad.len() + roles.len()) && streams >= 2,
        "{calls} calls, {streams} streams"
    );
    let health = call(&to, "/grpc.health.v1.Health/Check", None).await;
    assert!(
        !matches!(health.0, Code::Unauthenticated | Code::PermissionDenied),
        "health is not open: {health:?}"
    );
    all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_its_token_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let (all, edge) = started(folder.path()).await;
    let file = folder.path().join("token");
    let called = |in_file: Option<&str>, in_variable: Option<&str>| {
        let mut strata = tokio::process::Command::new(program());
        strata
            .env_remove("STRATA_TOKEN")
            .args(["exceptions", "group", "--server", &edge]);
        if let Some(role) = in_file {
            std::fs::write(&file, format!("{}\n", tokens::of_role(role))).unwrap();
            strata.arg("--token-file").arg(&file);
        }
        if let Some(role) = in_variable {
            strata.env("STRATA_TOKEN", tokens::of_role(role));
        }
        async move {
            let ended = strata.output().await.unwrap();
            let said = format!(
                "{}{}",
                String::from_utf8_lossy(&ended.stdout),
                String::from_utf8_lossy(&ended.stderr)
            );
            assert!(!said.contains("eyJ"), "a token is shown: {said}");
            (ended.status.code(), said)
        }
    };
    let (code, said) = called(None, None).await;
    assert!(code == Some(80) && said.contains("token"), "{code:?} {said}");
    assert_eq!(called(Some("visitor"), None).await.0, Some(71));
    assert_eq!(called(Some("auditor"), None).await.0, Some(0));
    assert_eq!(called(None, Some("auditor")).await.0, Some(0));
    all.stop().await.unwrap();
}
