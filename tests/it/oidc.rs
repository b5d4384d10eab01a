//! Every server in its own process behind a real OpenID provider: tokens of callers, tokens of servers, and keys that change.
//!
//! `cargo xtask test` installs the provider, an npm package; without it this test is skipped.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use strata::{Role, split};
use strata_contract::Transport;
use strata_contract::strata::experience::delivery::v2::delivery_service_client::DeliveryServiceClient;
use strata_contract::strata::experience::delivery::v2::{ListEngagementsRequest, ListTimelineEntriesRequest};
use strata_contract::strata::process::mobilisation::v1::ListMobilisationsRequest;
use strata_contract::strata::process::mobilisation::v1::mobilisation_service_client::MobilisationServiceClient;
use strata_rpc::{Credentials, connect_as};
use tonic::Code;

use crate::mini::empty;
use crate::place::{program, repository};

/// Names the folder in which the provider is installed.
const INSTALLED: &str = "STRATA_TEST_OIDC";
/// A server asks for keys it does not know at most every 30 seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running provider. It ends with this.
struct Provider {
    process: Child,
    commands: ChildStdin,
    said: BufReader<ChildStdout>,
    issuer: String,
}

impl Provider {
    /// Starts one, or says that the test is skipped.
    fn start() -> Option<Self> {
        let Ok(installed) = std::env::var(INSTALLED) else {
            println!("SKIPPED: {INSTALLED} names no folder with oidc-provider");
            return None;
        };
        let mut process = Command::new("node")
            .arg(repository().join("tests/oidc/provider.mjs"))
            .arg(installed)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = process.stdin.take().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let mut provider = Self {
            process,
            commands,
            said,
            issuer: String::new(),
        };
        provider.issuer = provider.hear();
        Some(provider)
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the provider ended");
        line.trim().to_owned()
    }

    /// Makes a new signing key. The one before is still published.
    fn rotate(&mut self) {
        writeln!(self.commands, "rotate").unwrap();
        assert_eq!(self.hear(), "rotated");
    }

    /// A token of an account.
    async fn token(&self, account: &str) -> String {
        let asked = reqwest::Client::new()
            .post(format!("{}/token", self.issuer))
            .basic_auth(account, Some(format!("secret+of+{account}")))
            .form(&[("grant_type", "client_credentials")]);
        let answer = asked.send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn as_whoever(address: &str, token: String) -> Transport {
    let token = strata_settings::Secret::new(token);
    connect_as(address, Credentials::Token(token.into())).unwrap()
}

async fn list(to: &Transport) -> Result<(), Code> {
    let mut delivery = DeliveryServiceClient::new(to.clone());
    let listed = delivery.list_engagements(ListEngagementsRequest::default()).await;
    listed.map(drop).map_err(|status| status.code())
}

/// A call that the experience server has to ask others about.
async fn timeline(to: &Transport) -> Code {
    let request = ListTimelineEntriesRequest {
        parent: "engagements/eng_00000000000000000000".to_owned(),
        ..ListTimelineEntriesRequest::default()
    };
    DeliveryServiceClient::new(to.clone())
        .list_timeline_entries(request)
        .await
        .unwrap_err()
        .code()
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_of_their_own_trust_a_real_provider() {
    let Some(mut provider) = Provider::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "secret of strata").unwrap();
    let sections = format!(
        r#"
        [identity]
        mode = "jwt"
        issuer = "{}"
        audience = ["strata"]
        require_at_jwt = true
        roles = {{ platform = ["*"], delivery = ["experience.delivery.read"] }}
        client = {{ id = "strata", secret = "file:{}" }}
        "#,
        provider.issuer,
        secret.display()
    );
    let sections = sections.parse().unwrap();
    let split = split::start_with(&empty(folder.path()), Some(program()), &[], sections)
        .await
        .unwrap();
    // As the installation's own account.
    split.installation.now().await.unwrap();

    let experience = split.installation.addresses.of(Role::Experience).unwrap().to_string();
    let process = split.installation.addresses.of(Role::Process).unwrap().to_string();
    assert_eq!(
        list(&strata_rpc::connect(&experience).unwrap()).await,
        Err(Code::Unauthenticated)
    );
    let stranger = as_whoever(&experience, provider.token("stranger").await);
    assert_eq!(list(&stranger).await, Err(Code::PermissionDenied));
    let portal = as_whoever(&experience, provider.token("portal").await);
    assert_eq!(list(&portal).await, Ok(()));
    assert_eq!(
        timeline(&portal).await,
        Code::NotFound,
        "the servers below were asked, and took the server's token"
    );
    // What the portal may see through the experience server it may not ask of the process server.
    let mut around = MobilisationServiceClient::new(as_whoever(&process, provider.token("portal").await));
    let asked = around.list_mobilisations(ListMobilisationsRequest::default()).await;
    assert_eq!(asked.unwrap_err().code(), Code::PermissionDenied);

    provider.rotate();
    let renewed = as_whoever(&experience, provider.token("portal").await);
    assert_eq!(
        list(&portal).await,
        Ok(()),
        "the key before counts as long as it is published"
    );
    let begin = Instant::now();
    while let Err(refused) = list(&renewed).await {
        assert_eq!(refused, Code::Unauthenticated);
        assert!(begin.elapsed() < PATIENCE, "the new key is not found");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    while timeline(&renewed).await == Code::Unauthenticated {
        assert!(begin.elapsed() < PATIENCE * 2, "the servers below do not find the new key");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(timeline(&renewed).await, Code::NotFound);
    split.stop().await.unwrap();
}
