//! Exit codes, refusals, and what is printed.

#![allow(clippy::unwrap_used)]

use std::fs;

use crate::program::{ended, serving, strata};

#[test]
fn it_says_its_version_and_refuses_what_it_does_not_know() {
    let (code, stdout, _) = ended(strata("--version"));
    assert_eq!((code, stdout.trim()), (0, concat!("strata ", env!("CARGO_PKG_VERSION"))));
    assert_eq!(ended(strata("demonstrate")).0, 2);
}

#[test]
fn settings_are_checked_before_anything_opens() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("strata.toml");
    fs::write(&file, "[server]\nconnections = 5\n\n[process]\nbilling_day = 40\n").unwrap();
    let arguments = format!("serve process --config {} --check-config", file.display());
    let (code, stdout, stderr) = ended(strata(&arguments));
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert!(
        stderr.contains("strata.toml:5") && stderr.contains("process.billing_day"),
        "{stderr}"
    );
    let (code, stdout, stderr) = ended(strata(&format!("{arguments} --set process.billing_day=4")));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("process"), "{stdout}");
}

#[test]
fn a_system_server_wants_its_vendor_and_secrets_by_reference() {
    let (code, _, stderr) = ended(strata("serve system --vendor netsuite --check-config"));
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("netsuite"), "{stderr}");
    let kantata = "serve system --vendor kantata-ox --check-config --set kantata_ox.access_token";
    let (code, _, stderr) = ended(strata(&format!("{kantata}=hunter2")));
    assert!(
        code == 2 && stderr.contains("kantata_ox.access_token") && !stderr.contains("hunter2"),
        "{stderr}"
    );
    let mut referred = strata(&format!("{kantata}=env:TOKEN"));
    referred.env("TOKEN", "hunter2");
    assert_eq!(ended(referred).0, 0);
}

#[test]
fn without_identity_nobody_else_is_served() {
    let public = "serve master --listen 0.0.0.0:0 --set server.allow_public=true --set store.url=sqlite:nowhere/a.db";
    for arguments in [format!("{public} --check-config"), public.to_owned()] {
        let (code, _, stderr) = ended(strata(&arguments));
        assert!(code == 2 && stderr.contains("identity.mode"), "{code} {stderr}");
    }
    let jwt =
        "--check-config --set identity.mode=jwt --set identity.issuer=https://login.example --set identity.audience=[\"strata\"]";
    let (code, _, stderr) = ended(strata(&format!("{public} {jwt}")));
    assert_eq!(code, 0, "{stderr}");
    let (code, _, stderr) = ended(strata(&format!("serve process {jwt}")));
    assert!(code == 2 && stderr.contains("identity.client"), "{code} {stderr}");
}

#[test]
fn a_database_is_migrated_once_and_an_old_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("a.db").display());
    let (code, _, stderr) = ended(strata(&format!("serve master --listen 127.0.0.1:0 --set store.url={store}")));
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("strata migrate"), "{stderr}");

    let migrate = format!("migrate --store {store} --output json");
    let names = |stdout: &str| serde_json::from_str::<serde_json::Value>(stdout).unwrap()["migrations"].clone();
    let (code, stdout, stderr) = ended(strata(&migrate));
    assert_eq!(code, 0, "{stderr}");
    assert!(names(&stdout).as_array().is_some_and(|names| !names.is_empty()), "{stdout}");
    let (_, stdout, _) = ended(strata(&migrate));
    assert_eq!(names(&stdout).as_array().map(Vec::len), Some(0), "{stdout}");

    let mut server = serving(&format!("master --listen 127.0.0.1:0 --set store.url={store}"));
    assert_eq!(server.announcement["server"], "master");
    drop(server.process.stdin.take());
    assert_eq!(server.process.wait().unwrap().code(), Some(0));
}

#[test]
fn a_folder_that_is_no_firm_is_refused_and_leaves_nothing_behind() {
    let (data, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut demo = strata(&format!("demo --json --data {}", data.path().display()));
    demo.env("TMPDIR", temporary.path());
    let (code, stdout, stderr) = ended(demo);
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert!(
        stderr.contains("is not a generated firm") && stderr.contains("manifest.json"),
        "{stderr}"
    );
    assert_eq!(
        fs::read_dir(temporary.path()).unwrap().count(),
        0,
        "the temporary folder is removed"
    );
}

#[test]
fn without_python_a_firm_is_not_generated() {
    let mut demo = strata("demo --entries 5 --seed 3");
    demo.env("PATH", "");
    let (code, _, stderr) = ended(demo);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("python3") && stderr.contains("--data"), "{stderr}");
}

#[test]
fn sandboxes_say_where_they_are_and_how_they_are_reached() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = serving(&format!(
        "sandbox --vendor workday --vendor salesforce --listen 127.0.0.1:0 --set sandbox.workday=127.0.0.1:0 \
         --set sandbox.salesforce=127.0.0.1:0 --write-settings {}",
        folder.path().display()
    ));
    let sandboxes = server.announcement["sandboxes"].as_object().unwrap().clone();
    assert_eq!(sandboxes.keys().collect::<Vec<_>>(), ["salesforce", "workday"]);
    let check = format!(
        "serve system --vendor workday --check-config --config {}",
        folder.path().join("strata.toml").display()
    );
    let (code, _, stderr) = ended(strata(&check));
    assert_eq!(code, 0, "{stderr}");
    drop(server.process.stdin.take());
    assert_eq!(server.process.wait().unwrap().code(), Some(0));
}
