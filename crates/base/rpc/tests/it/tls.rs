//! Doors between tiers: which process may call, over real sockets.

use std::path::{Path, PathBuf};

use strata_contract::Policies;
use strata_contract::strata::dev::v1::{GetTimeRequest, SettleRequest};
use strata_kernel::Date;
use strata_rpc::{Credentials, RpcError, connect_over};
use strata_tls::development::Authority;
use strata_tls::{ClientCertificates, ClientTls, ClientTlsSettings, ServerTls, TlsSettings};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};
use tonic_types::StatusExt;

use super::altered::altered;
use super::*;

const FILE: &str = "strata/dev/v1/control_service.proto";

/// An authority, and a folder with what it issued.
struct Firm {
    folder: TempDir,
    authority: Authority,
}

impl Firm {
    fn new() -> Self {
        let firm = Self {
            folder: tempfile::tempdir().unwrap(),
            authority: Authority::new(day(2020)).unwrap(),
        };
        std::fs::write(firm.file("ca.pem"), firm.authority.certificate()).unwrap();
        firm.issue("server", &["spiffe://strata/system"]);
        for own in ["process", "experience", "operator"] {
            firm.issue(own, &[&format!("spiffe://strata/{own}")]);
        }
        firm
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn issue(&self, name: &str, uris: &[&str]) {
        self.issue_until(name, uris, day(2090));
    }

    fn issue_until(&self, name: &str, uris: &[&str], end: Date) {
        let issued = self.authority.issue(uris, day(2020), end).unwrap();
        issued.write(self.folder.path(), name).unwrap();
    }

    fn tls(&self, clients: ClientCertificates) -> ServerTls {
        let settings = TlsSettings {
            certificate_file: Some(self.file("server.pem")),
            key_file: Some(self.file("server.key")),
            clients,
            client_ca_file: (clients != ClientCertificates::None).then(|| self.file("ca.pem")),
            ..TlsSettings::default()
        };
        settings.server().unwrap().unwrap()
    }

    /// How a process with that certificate, or with none, calls.
    fn calls_as(&self, own: Option<&str>) -> ClientTls {
        calls(
            &self.file("ca.pem"),
            own.map(|own| (self.file(&format!("{own}.pem")), self.file(&format!("{own}.key")))),
        )
    }
}

fn calls(ca_file: &Path, pair: Option<(PathBuf, PathBuf)>) -> ClientTls {
    let (certificate_file, key_file) = pair.unzip();
    let settings = ClientTlsSettings {
        certificate_file,
        key_file,
        ca_file: ca_file.to_owned(),
        ..ClientTlsSettings::default()
    };
    settings.open().unwrap()
}

fn day(year: i32) -> Date {
    Date::from_ymd_opt(year, 1, 1).unwrap()
}

/// A server of a tier with a clock, that asks for certificates.
async fn behind(tls: ServerTls, tier: &str, settings: ServerSettings) -> Running {
    let policies = Policies::read(&altered(FILE, &[("tier: TIER_DEVELOPMENT", &format!("tier: TIER_{tier}"))]));
    let settle: Settle = Arc::new(|| Box::pin(async { Ok(SettleReport { passes: 1, work: 0 }) }));
    let service = ControlServer::new(SimClock::new(start_of_time()), Some(settle)).into_service();
    let builder = ServerBuilder::new(settings).policies(policies).tls(Some(tls));
    Running::start(&builder.add_service(service).build().await.unwrap()).await
}

fn to(running: &Running, tls: &ClientTls, name: Option<&str>) -> Transport {
    let address = format!("https://{}", running.address);
    connect_over(&address, Credentials::None, Some((tls, name))).unwrap()
}

/// Code and reason of a call.
async fn asked(to: Transport) -> (Code, String) {
    match control(to).get_time(GetTimeRequest {}).await {
        Ok(_) => (Code::Ok, String::new()),
        Err(status) => {
            let reason = status.get_error_details().error_info().map(|info| info.reason.clone());
            (status.code(), reason.unwrap_or_default())
        }
    }
}

fn answer(code: Code, reason: &str) -> (Code, String) {
    (code, reason.to_owned())
}

#[tokio::test]
async fn only_a_process_whose_tier_may_call_is_answered() {
    let (firm, other) = (Firm::new(), Firm::new());
    firm.issue("stranger", &["spiffe://strata/printer"]);
    firm.issue("nameless", &[]);
    firm.issue("two", &["spiffe://strata/process", "spiffe://strata/experience"]);
    firm.issue_until("expired", &["spiffe://strata/process"], day(2021));
    let unreachable = answer(Code::Unavailable, "SERVER_UNREACHABLE");
    let refused = answer(Code::PermissionDenied, "CALLER_REFUSED");
    let running = behind(firm.tls(ClientCertificates::Required), "SYSTEM", ServerSettings::default()).await;
    let foreign = calls(
        &firm.file("ca.pem"),
        Some((other.file("process.pem"), other.file("process.key"))),
    );
    assert_eq!(asked(to(&running, &foreign, None)).await, unreachable, "another authority");
    for (own, expected) in [
        (None, &unreachable),
        (Some("expired"), &unreachable),
        (Some("stranger"), &refused),
        (Some("nameless"), &refused),
        (Some("two"), &refused),
        (Some("experience"), &refused),
        (Some("process"), &answer(Code::Ok, "")),
        (Some("operator"), &answer(Code::Ok, "")),
    ] {
        assert_eq!(asked(to(&running, &firm.calls_as(own), None)).await, *expected, "{own:?}");
    }
    // Health says nothing to anybody who cannot shake hands, and is open to whoever can.
    let health = |own| raw_code(to(&running, &firm.calls_as(own), None), "/grpc.health.v1.Health/Check");
    assert_eq!(health(Some("experience")).await, Code::Ok);
    assert_eq!(health(None).await, Code::Unavailable);
    running.stop().await;

    // The same certificate calls the tier that is below its own.
    let running = behind(firm.tls(ClientCertificates::Required), "PROCESS", ServerSettings::default()).await;
    let own = |own| firm.calls_as(Some(own));
    assert_eq!(asked(to(&running, &own("experience"), None)).await.0, Code::Ok);
    assert_eq!(asked(to(&running, &own("process"), None)).await, refused);
    running.stop().await;
}

async fn raw_code(to: Transport, path: &str) -> Code {
    raw(&to, path, b"", &[]).await.1.code()
}

#[tokio::test]
async fn a_caller_looks_at_the_server_too() {
    let (firm, other) = (Firm::new(), Firm::new());
    let running = behind(firm.tls(ClientCertificates::Required), "SYSTEM", ServerSettings::default()).await;
    let own = firm.calls_as(Some("process"));
    assert_eq!(asked(to(&running, &own, Some("localhost"))).await.0, Code::Ok);
    assert_eq!(asked(to(&running, &own, Some("erp.firm.example"))).await.0, Code::Unavailable);
    let trusts_another = calls(
        &other.file("ca.pem"),
        Some((firm.file("process.pem"), firm.file("process.key"))),
    );
    assert_eq!(asked(to(&running, &trusts_another, None)).await.0, Code::Unavailable);
    // Nothing falls back to plain text, neither the caller nor the server.
    let plain = connect(&running.address.to_string()).unwrap();
    assert_eq!(asked(plain).await.0, Code::Unavailable);
    let unsaid = connect(&format!("https://{}", running.address)).unwrap_err();
    assert!(matches!(unsaid, RpcError::NoAuthorities(_)), "{unsaid}");
    let (server, _) = quiet(ServerSettings::default()).await;
    let open = Running::start(&server).await;
    assert_eq!(asked(to(&open, &own, None)).await.0, Code::Unavailable);
    assert_eq!(asked(to(&running, &own, None)).await.0, Code::Ok);
    open.stop().await;
    running.stop().await;
}

#[tokio::test]
async fn portals_without_a_certificate_reach_the_experience_tier_only() {
    let (firm, other) = (Firm::new(), Firm::new());
    for (tier, expected) in [
        ("EXPERIENCE", answer(Code::Ok, "")),
        ("PROCESS", answer(Code::PermissionDenied, "CALLER_REFUSED")),
    ] {
        let running = behind(firm.tls(ClientCertificates::Optional), tier, ServerSettings::default()).await;
        assert_eq!(asked(to(&running, &firm.calls_as(None), None)).await, expected, "{tier}");
        // A certificate that does not do is not as good as none.
        let foreign = calls(
            &firm.file("ca.pem"),
            Some((other.file("process.pem"), other.file("process.key"))),
        );
        assert_eq!(asked(to(&running, &foreign, None)).await.0, Code::Unavailable, "{tier}");
        assert_eq!(asked(to(&running, &firm.calls_as(Some("operator")), None)).await.0, Code::Ok);
        running.stop().await;
    }
    // Where nobody is asked for one, certificates say nothing.
    let running = behind(firm.tls(ClientCertificates::None), "SYSTEM", ServerSettings::default()).await;
    assert_eq!(asked(to(&running, &firm.calls_as(None), None)).await.0, Code::Ok);
    running.stop().await;
}

#[tokio::test]
async fn the_certificate_says_which_process_and_the_token_says_who() {
    let firm = Firm::new();
    let (guard, _keys) = super::identity::guard();
    let service = ControlServer::new(SimClock::new(start_of_time()), None).into_service();
    let builder = ServerBuilder::new(ServerSettings::default()).guard(guard);
    let builder = builder.tls(Some(firm.tls(ClientCertificates::Required))).add_service(service);
    let running = Running::start(&builder.build().await.unwrap()).await;
    let reader = super::identity::token(serde_json::json!({"scope": "dev.control.read"}));
    let as_reader = || Credentials::Token(Arc::new(strata_settings::Secret::new(reader.clone())));
    let address = format!("https://{}", running.address);
    let with = |own, credentials| connect_over(&address, credentials, Some((&firm.calls_as(Some(own)), None))).unwrap();
    let missing = answer(Code::Unauthenticated, "TOKEN_MISSING");
    assert_eq!(asked(with("operator", Credentials::None)).await, missing);
    assert_eq!(asked(with("operator", as_reader())).await.0, Code::Ok);
    assert_eq!(
        asked(with("process", as_reader())).await,
        answer(Code::PermissionDenied, "CALLER_REFUSED"),
        "a token does not help a process that may not call"
    );
    running.stop().await;
}

/// Files are looked at every two seconds, by whoever connects.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_change_under_load_without_a_failed_call() {
    let (old, new) = (Firm::new(), Firm::new());
    // Both authorities are trusted while certificates change, as in any rotation.
    let both = format!("{}{}", old.authority.certificate(), new.authority.certificate());
    std::fs::write(old.file("ca.pem"), &both).unwrap();
    let settings = ServerSettings {
        rates: no_rates(),
        ..ServerSettings::default()
    };
    let running = behind(old.tls(ClientCertificates::Required), "SYSTEM", settings).await;
    let client = old.calls_as(Some("process"));
    let only_new = calls(&new.file("ca.pem"), Some((new.file("process.pem"), new.file("process.key"))));
    assert_eq!(
        asked(to(&running, &only_new, None)).await.0,
        Code::Unavailable,
        "the server is not new yet"
    );

    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let load: Vec<_> = (0..3)
        .map(|_| {
            let (address, client, stop) = (format!("https://{}", running.address), client.clone(), stop.clone());
            tokio::spawn(async move {
                let mut calls = 0;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    // Each round is a new connection, and a few calls over it.
                    let to = connect_over(&address, Credentials::None, Some((&client, None))).unwrap();
                    for _ in 0..5 {
                        assert_eq!(asked(to.clone()).await, answer(Code::Ok, ""));
                        calls += 1;
                    }
                }
                calls
            })
        })
        .collect();
    // A key that is not the certificate's: what was there stays in use.
    let replace = |from: &str, of: &Firm, to: &str| std::fs::copy(of.file(from), old.file(to)).unwrap();
    replace("server.key", &new, "server.key");
    sleep(Duration::from_millis(2_500)).await;
    assert_eq!(asked(to(&running, &client, None)).await.0, Code::Ok);
    assert_eq!(asked(to(&running, &only_new, None)).await.0, Code::Unavailable);
    replace("server.pem", &new, "server.pem");
    replace("process.pem", &new, "process.pem");
    replace("process.key", &new, "process.key");
    let begin = Instant::now();
    while asked(to(&running, &only_new, None)).await.0 != Code::Ok {
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "the new certificate is not taken up"
        );
        sleep(Duration::from_millis(100)).await;
    }
    sleep(Duration::from_millis(500)).await;
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for calls in load {
        assert!(calls.await.unwrap() > 0);
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handshakes_that_fail_or_stall_keep_nobody_out() {
    let firm = Firm::new();
    let settings = ServerSettings {
        connections_per_peer: 2_000,
        rates: no_rates(),
        ..ServerSettings::default()
    };
    let running = behind(firm.tls(ClientCertificates::Required), "SYSTEM", settings).await;
    let client = firm.calls_as(Some("process"));
    let mut stalled = Vec::new();
    let begin = Instant::now();
    for number in 0..50 {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        // Half of them begin a record of TLS and never end it.
        if number % 2 == 0 {
            stream.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
        }
        stalled.push(stream);
    }
    let address = running.address;
    let flood = tokio::spawn(async move {
        for number in 0..400u32 {
            let garbage: Vec<u8> = (0..200u32)
                .map(|at| (number.wrapping_mul(31) ^ at.wrapping_mul(7)) as u8)
                .collect();
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(&garbage).await.ok();
            if number % 3 == 0 {
                stream.read_to_end(&mut Vec::new()).await.ok();
            }
        }
    });
    let mut served = 0;
    while !flood.is_finished() {
        assert_eq!(asked(to(&running, &client, None)).await, answer(Code::Ok, ""));
        served += 1;
    }
    flood.await.unwrap();
    assert!(served > 0);
    for mut stream in stalled {
        let mut left = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut left)).await;
        ended.expect("a stalled handshake is given up").ok();
    }
    assert!(begin.elapsed() >= Duration::from_secs(4), "{:?}", begin.elapsed());
    assert_eq!(asked(to(&running, &client, None)).await.0, Code::Ok);
    running.stop().await;
}

fn no_rates() -> strata_rpc::Rates {
    let free = strata_rpc::Rate { per_second: 0, burst: 0 };
    strata_rpc::Rates {
        read: free,
        report: free,
        write: free,
        bulk: free,
        stream: free,
    }
}

#[tokio::test]
async fn a_process_has_so_many_connections_and_no_more_while_another_has_its_own() {
    let firm = Firm::new();
    let settings = ServerSettings {
        connections_per_peer: 2,
        ..ServerSettings::default()
    };
    let running = behind(firm.tls(ClientCertificates::Required), "SYSTEM", settings).await;
    let (process, operator) = (firm.calls_as(Some("process")), firm.calls_as(Some("operator")));
    let mut held = Vec::new();
    for own in [&process, &process, &operator] {
        let mut client = control(to(&running, own, None));
        client.settle(SettleRequest {}).await.unwrap();
        held.push(client);
    }
    assert_eq!(asked(to(&running, &process, None)).await.0, Code::Unavailable);
    held.truncate(1);
    let begin = Instant::now();
    while asked(to(&running, &process, None)).await.0 != Code::Ok {
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "the place of a closed connection never came free"
        );
        sleep(Duration::from_millis(20)).await;
    }
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_lets_go_of_encrypted_connections() {
    let firm = Firm::new();
    let running = behind(firm.tls(ClientCertificates::Required), "SYSTEM", ServerSettings::default()).await;
    let mut client = control(to(&running, &firm.calls_as(Some("process")), None));
    client.get_time(GetTimeRequest {}).await.unwrap();
    let begin = Instant::now();
    running.stop().await;
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert_eq!(
        client.get_time(GetTimeRequest {}).await.unwrap_err().code(),
        Code::Unavailable
    );
}
