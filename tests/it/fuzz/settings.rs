//! Settings: a file that does not do is refused with what is wrong, and nothing panics.

use strata::settings::Sources;
use tokio::runtime::Runtime;

use super::{kept, run};

const FILE: &str = r#"
[server]
listen = "127.0.0.1:7400"
origins = ["https://portal.firm.example"]

[server.rates.read]
per_second = 50
burst = 100

[identity]
mode = "jwt"
issuer = "https://login.firm.example"
audience = ["strata"]
keys_url = "https://login.firm.example/keys"
leeway_s = 30

[identity.roles]
finance = ["process.billing.*", "master.contract.read"]
lead = ["experience.delivery.read"]

[store]
url = "sqlite:strata.db"

[bus]
url = "inproc"

[process]
poll_seconds = 10
books_minutes = 1440
"#;

#[test]
fn a_changed_file_is_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("strata.toml");
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let mut seeds = vec![("the file", FILE.as_bytes().to_vec())];
    seeds.extend(kept("settings").into_iter().map(|bytes| ("kept", bytes)));
    run(1_500, &seeds, |_, bytes| {
        std::fs::write(&path, bytes).unwrap();
        let sources = Sources {
            file: Some(path.clone()),
            environment: Vec::new(),
            overrides: Vec::new(),
        };
        match sources.settings() {
            Ok(_) => Ok(()),
            Err(refused) if refused.to_string().trim().is_empty() => Err("is refused without a word".to_owned()),
            Err(_) => Ok(()),
        }
    });
}
