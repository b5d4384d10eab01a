//! Who is let in, what they may do, and what goes on to the next server.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use strata_contract::Policies;
use strata_contract::strata::dev::v1::{SettleRequest, SettleResponse};
use strata_identity::{ClientSettings, Guard, IdentitySettings, Mode, TokenSource};
use strata_kernel::SystemClock;
use strata_rpc::{Credentials, RpcError, caller, connect_as};
use strata_settings::Secret;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic_types::StatusExt;

use super::*;

const PEM: &[u8] = include_bytes!("../../../identity/tests/keys/rsa.pem");
const ISSUER: &str = "https://login.example";
const HEALTH: &str = "/grpc.health.v1.Health/Check";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

/// A token of the issuer, with these claims beside the usual ones.
pub(crate) fn token(claims: Value) -> String {
    let now = SystemClock.now().timestamp();
    let mut all = json!({"iss": ISSUER, "aud": "strata", "sub": "eva", "exp": now + 300});
    all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("rsa".to_owned());
    encode(&header, &all, &EncodingKey::from_rsa_pem(PEM).unwrap()).unwrap()
}

/// A token that may read the clock and set it.
fn writer(subject: &str) -> String {
    token(json!({"sub": subject, "scope": "dev.control.read dev.control.write"}))
}

/// A server's own token, which may do the same.
fn server_token() -> String {
    token(json!({"sub": "process", "client_id": "process", "scope": "dev.control.read dev.control.write"}))
}

fn settings() -> (IdentitySettings, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let key = EncodingKey::from_rsa_pem(PEM).unwrap();
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap()).unwrap();
    jwk["kid"] = json!("rsa");
    let file = folder.path().join("keys.json");
    std::fs::write(&file, json!({ "keys": [jwk] }).to_string()).unwrap();
    let settings = IdentitySettings {
        mode: Mode::Jwt,
        issuer: ISSUER.to_owned(),
        audience: vec!["strata".to_owned()],
        keys_file: Some(file),
        ..IdentitySettings::default()
    };
    (settings, folder)
}

/// A guard that asks for tokens.
pub(crate) fn guard() -> (Guard, TempDir) {
    let (settings, folder) = settings();
    (Guard::new(&settings, Arc::new(SystemClock)).unwrap(), folder)
}

/// A server that asks for tokens, whose `Settle` does what `settle` says.
async fn guarded<F>(settle: F) -> (Server, TempDir)
where
    F: Fn() -> BoxFuture<'static, strata_kernel::Result<SettleReport>> + Send + Sync + 'static,
{
    let (guard, folder) = guard();
    let service = ControlServer::new(SimClock::new(start_of_time()), Some(Arc::new(settle))).into_service();
    let builder = ServerBuilder::new(ServerSettings::default()).guard(guard);
    (builder.add_service(service).build().await.unwrap(), folder)
}

/// A server with other contracts that asks for tokens.
pub(crate) async fn guarded_with(policies: Policies) -> (Server, TempDir) {
    let (guard, folder) = guard();
    let service = ControlServer::new(SimClock::new(start_of_time()), None).into_service();
    let builder = ServerBuilder::new(ServerSettings::default()).guard(guard).policies(policies);
    (builder.add_service(service).build().await.unwrap(), folder)
}

fn quietly() -> BoxFuture<'static, strata_kernel::Result<SettleReport>> {
    Box::pin(async { Ok(SettleReport::default()) })
}

/// Code and reason of a call with these metadata.
async fn asked(to: &Transport, path: &str, metadata: &[(&str, &str)]) -> (Code, String) {
    let (_, status, _) = raw(to, path, b"", metadata).await;
    let reason = status.get_error_details().error_info().map(|info| info.reason.clone());
    (status.code(), reason.unwrap_or_default())
}

fn refused(code: Code, reason: &str) -> (Code, String) {
    (code, reason.to_owned())
}

#[tokio::test]
async fn over_a_socket_a_token_and_its_scope_are_asked_for() {
    let (server, _folder) = guarded(quietly).await;
    let running = Running::start(&server).await;
    let to = running.transport();
    let missing = refused(Code::Unauthenticated, "TOKEN_MISSING");
    assert_eq!(asked(&to, GET_TIME, &[]).await, missing);
    assert_eq!(asked(&to, "/strata.dev.v1.ControlService/Stop", &[]).await, missing);
    assert_eq!(asked(&to, "/nothing", &[]).await, missing);
    let reader = format!("Bearer {}", token(json!({"scope": "dev.control.read"})));
    let reader = [("authorization", reader.as_str())];
    assert_eq!(asked(&to, GET_TIME, &reader).await.0, Code::Ok);
    assert_eq!(
        asked(&to, SETTLE, &reader).await,
        refused(Code::PermissionDenied, "SCOPE_MISSING")
    );
    assert_eq!(
        asked(&to, "/nothing", &reader).await,
        refused(Code::Unimplemented, "UNSUPPORTED_OPERATION")
    );
    let invalid = refused(Code::Unauthenticated, "TOKEN_INVALID");
    assert_eq!(asked(&to, GET_TIME, &[("authorization", "Bearer x.y.z")]).await, invalid);
    assert_eq!(asked(&to, GET_TIME, &[("authorization", "Basic ZXZhOng=")]).await, missing);
    let old = format!("Bearer {}", token(json!({"exp": SystemClock.now().timestamp() - 100})));
    assert_eq!(
        asked(&to, GET_TIME, &[("authorization", &old)]).await,
        refused(Code::Unauthenticated, "TOKEN_EXPIRED")
    );
    running.stop().await;
}

#[tokio::test]
async fn health_is_open_and_reflection_for_whoever_is_known() {
    let (server, _folder) = guarded(quietly).await;
    let running = Running::start(&server).await;
    let to = running.transport();
    assert_eq!(asked(&to, HEALTH, &[]).await.0, Code::Ok);
    assert_eq!(
        asked(&to, REFLECTION, &[]).await,
        refused(Code::Unauthenticated, "TOKEN_MISSING")
    );
    let nobody = format!("Bearer {}", token(json!({})));
    assert_ne!(
        asked(&to, REFLECTION, &[("authorization", &nobody)]).await.0,
        Code::Unauthenticated
    );
    assert_eq!(
        asked(&to, GET_TIME, &[("authorization", &nobody)]).await.0,
        Code::PermissionDenied
    );
    running.stop().await;
}

#[tokio::test]
async fn development_is_for_this_machine_whatever_is_allowed() {
    let public = ServerSettings {
        allow_public: true,
        ..ServerSettings::default()
    };
    let (server, _) = quiet(public.clone()).await;
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let refused = server.bind(address.parse().unwrap()).await.unwrap_err();
        assert!(matches!(refused, RpcError::Development(_)), "{address}: {refused}");
    }
    // Neither is a socket served that somebody else opened.
    let open = bind("0.0.0.0:0".parse().unwrap(), &public).await.unwrap();
    let refused = server.serve(open, std::future::pending()).await.unwrap_err();
    assert!(matches!(refused, RpcError::Development(_)), "{refused}");
}

/// Whom the calls that arrive are for, and who brought them.
type Seen = tokio::sync::mpsc::UnboundedReceiver<(String, String)>;

/// A server that tells whom it is called for.
async fn telling() -> (Server, TempDir, Seen) {
    let (seen, calls) = tokio::sync::mpsc::unbounded_channel();
    let (server, folder) = guarded(move || {
        let caller = caller().unwrap();
        let names = (caller.principal().subject.clone(), caller.direct().subject.clone());
        assert!(!format!("{caller:?}").contains("eyJ"), "a token is shown");
        seen.send(names).unwrap();
        quietly()
    })
    .await;
    (server, folder, calls)
}

/// A server that calls the next one for whoever calls it.
async fn passing_on(next: Transport) -> (Server, TempDir) {
    guarded(move || {
        let mut next = control(next.clone());
        Box::pin(async move {
            let SettleResponse { passes, work } = next.settle(SettleRequest {}).await.map_err(strata_rpc::error)?.into_inner();
            Ok(SettleReport { passes, work })
        })
    })
    .await
}

/// A provider that gives one token to whoever asks.
async fn provider(token: String) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await.unwrap();
            let body = json!({"access_token": token, "token_type": "Bearer", "expires_in": 300}).to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all((head + &body).as_bytes()).await.unwrap();
        }
    });
    url
}

async fn as_server(token: String) -> (Credentials, TempDir) {
    let (mut settings, folder) = settings();
    settings.client = Some(ClientSettings {
        id: "process".to_owned(),
        secret: Secret::new("x"),
        token_url: Some(provider(token).await),
        scope: None,
        audience: None,
        resource: None,
    });
    let source = TokenSource::new(&settings, Arc::new(SystemClock)).unwrap().unwrap();
    (Credentials::Service(source), folder)
}

#[tokio::test]
async fn whom_a_call_is_for_goes_on_in_process_and_over_a_socket() {
    let (last, _last, mut calls) = telling().await;
    let running = Running::start(&last).await;
    let (credentials, _settings) = as_server(server_token()).await;
    let over_tcp = connect_as(&running.address.to_string(), credentials).unwrap();
    let eva = format!("Bearer {}", writer("eva"));
    let eva = [("authorization", eva.as_str())];
    for (next, server) in [(last.in_process(), "strata"), (over_tcp, "process")] {
        let (first, _first) = passing_on(next.clone()).await;
        let edge = Running::start(&first).await;
        assert_eq!(asked(&edge.transport(), SETTLE, &eva).await.0, Code::Ok);
        assert_eq!(calls.recv().await.unwrap(), ("eva".to_owned(), server.to_owned()));
        // Nobody called: the platform works by itself.
        control(next).settle(SettleRequest {}).await.unwrap();
        assert_eq!(calls.recv().await.unwrap(), (server.to_owned(), server.to_owned()));
        edge.stop().await;
    }
    running.stop().await;
}

#[tokio::test]
async fn the_scope_of_the_server_counts_and_only_servers_pass_tokens_on() {
    let (last, _last, mut calls) = telling().await;
    let running = Running::start(&last).await;
    let to = running.transport();
    let bearer = |token: String| format!("Bearer {token}");
    let person = bearer(token(json!({"sub": "eva"})));
    let (server, other) = (bearer(server_token()), bearer(writer("otto")));
    let weak = bearer(token(json!({"sub": "weak", "azp": "weak"})));
    let stale = bearer(token(json!({"exp": SystemClock.now().timestamp() - 100})));
    let sent = |own: &str, of_another: &str| {
        [
            ("authorization", own.to_owned()),
            ("x-strata-on-behalf-of", of_another.to_owned()),
        ]
    };
    let cases = [
        (sent(&server, &person), Code::Ok),
        (sent(&weak, &other), Code::PermissionDenied),
        (sent(&other, &person), Code::PermissionDenied),
        (sent(&server, &stale), Code::Unauthenticated),
        (sent(&server, "nonsense"), Code::Unauthenticated),
        (sent("nonsense", &person), Code::Unauthenticated),
    ];
    for (number, (metadata, code)) in cases.iter().enumerate() {
        let metadata: Vec<(&str, &str)> = metadata.iter().map(|(key, value)| (*key, value.as_str())).collect();
        assert_eq!(asked(&to, SETTLE, &metadata).await.0, *code, "case {number}");
    }
    assert_eq!(calls.recv().await.unwrap(), ("eva".to_owned(), "process".to_owned()));
    assert!(calls.try_recv().is_err(), "who was refused reached the handler");
    running.stop().await;
}

#[tokio::test]
async fn the_command_line_shows_its_own_token_and_a_guard_in_process_asks_for_none() {
    let (server, _folder) = guarded(quietly).await;
    let running = Running::start(&server).await;
    let credentials = Credentials::Token(Arc::new(Secret::new(writer("eva"))));
    let mut eva = control(connect_as(&running.address.to_string(), credentials).unwrap());
    eva.settle(SettleRequest {}).await.unwrap();
    control(server.in_process()).settle(SettleRequest {}).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_stream_ends_with_the_token_that_opened_it() {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    let (server, _folder) = guarded(quietly).await;
    // Not stopped at the end: a client that never ends its half would be waited for.
    let running = Running::start(&server).await;
    // It has ended, but for eight seconds of the leeway.
    let short = token(json!({"exp": SystemClock.now().timestamp() - 22}));
    let credentials = Credentials::Token(Arc::new(Secret::new(short)));
    let to = connect_as(&running.address.to_string(), credentials).unwrap();
    let nothing_more = futures::stream::pending::<ServerReflectionRequest>();
    let mut answers = ServerReflectionClient::new(to)
        .server_reflection_info(nothing_more)
        .await
        .unwrap()
        .into_inner();
    let ended = tokio::time::timeout(Duration::from_secs(60), answers.message())
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(ended.code(), Code::Unauthenticated);
    assert_eq!(ended.get_error_details().error_info().unwrap().reason, "TOKEN_EXPIRED");
}

#[tokio::test]
async fn what_is_withdrawn_ends_streams_that_are_open_and_calls_to_come() {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    let (mut settings, folder) = settings();
    let list = folder.path().join("revoked");
    std::fs::write(&list, "# nobody yet\n").unwrap();
    settings.revoked_file = Some(list.clone());
    let guard = Guard::new(&settings, Arc::new(SystemClock)).unwrap();
    let service = ControlServer::new(SimClock::new(start_of_time()), None).into_service();
    let builder = ServerBuilder::new(ServerSettings::default()).guard(guard);
    let running = Running::start(&builder.add_service(service).build().await.unwrap()).await;
    let named = |id: &str| token(json!({"jti": id, "scope": "dev.control.read"}));
    let code = |token: String| {
        let to = running.transport();
        async move { asked(&to, GET_TIME, &[("authorization", &format!("Bearer {token}"))]).await }
    };
    assert_eq!(code(named("one")).await.0, Code::Ok);
    let credentials = Credentials::Token(Arc::new(Secret::new(named("one"))));
    let to = connect_as(&running.address.to_string(), credentials).unwrap();
    let nothing_more = futures::stream::pending::<ServerReflectionRequest>();
    let mut answers = ServerReflectionClient::new(to)
        .server_reflection_info(nothing_more)
        .await
        .unwrap()
        .into_inner();

    std::fs::write(&list, "jti one\nsub otto\n").unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(60), answers.message())
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(ended.code(), Code::Unauthenticated);
    assert_eq!(ended.get_error_details().error_info().unwrap().reason, "TOKEN_INVALID");
    let invalid = refused(Code::Unauthenticated, "TOKEN_INVALID");
    assert_eq!(code(named("one")).await, invalid);
    assert_eq!(code(writer("otto")).await, invalid);
    assert_eq!(code(named("two")).await.0, Code::Ok, "another token of the same caller");
    // A list that nobody understands changes nothing: who was kept out stays out.
    std::fs::write(&list, "everybody").unwrap();
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(code(named("one")).await, invalid);
    assert_eq!(code(named("two")).await.0, Code::Ok);
}
