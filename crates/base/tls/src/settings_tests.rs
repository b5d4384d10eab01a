//! Half settings, and files that do not do.

#![allow(clippy::unwrap_used)]

use std::fs;

use strata_kernel::Date;
use tempfile::TempDir;

use super::*;
use crate::development;

/// A folder of certificates, and settings that are sound with them.
fn sound() -> (TempDir, TlsSettings) {
    let folder = tempfile::tempdir().unwrap();
    development::write(folder.path(), Date::from_ymd_opt(2025, 1, 1).unwrap()).unwrap();
    let file = |name: &str| Some(folder.path().join(name));
    let settings = TlsSettings {
        certificate_file: file("process.pem"),
        key_file: file("process.key"),
        client_ca_file: file("ca.pem"),
        client: Some(ClientTlsSettings {
            certificate_file: file("process.pem"),
            key_file: file("process.key"),
            ca_file: folder.path().join("ca.pem"),
            names: [("erp".to_owned(), "erp.firm.example".to_owned())].into(),
        }),
        ..TlsSettings::default()
    };
    (folder, settings)
}

fn refused(change: impl FnOnce(&mut TlsSettings, &Path)) -> Fault {
    let (folder, mut settings) = sound();
    change(&mut settings, folder.path());
    settings.check().unwrap_err()
}

#[test]
fn half_of_it_is_refused_and_names_the_other_half() {
    sound().1.check().unwrap();
    TlsSettings::default().check().unwrap();
    assert_eq!(refused(|tls, _| tls.key_file = None).key, "key_file");
    assert_eq!(refused(|tls, _| tls.certificate_file = None).key, "certificate_file");
    assert_eq!(refused(|tls, _| tls.client_ca_file = None).key, "client_ca_file");
    assert_eq!(refused(|tls, _| tls.clients = ClientCertificates::None).key, "client_ca_file");
    let only = |clients, client_ca_file| TlsSettings {
        clients,
        client_ca_file,
        ..TlsSettings::default()
    };
    let alone = only(ClientCertificates::Required, Some("ca.pem".into()));
    assert_eq!(alone.check().unwrap_err().key, "client_ca_file");
    assert_eq!(only(ClientCertificates::Optional, None).check().unwrap_err().key, "clients");
    let client = |change: fn(&mut ClientTlsSettings)| refused(|tls, _| change(tls.client.as_mut().unwrap())).key;
    assert_eq!(client(|client| client.key_file = None), "client.key_file");
    assert_eq!(client(|client| client.certificate_file = None), "client.certificate_file");
    assert_eq!(client(|client| client.ca_file = PathBuf::new()), "client.ca_file");
    let bad_name = |client: &mut ClientTlsSettings| drop(client.names.insert("crm".to_owned(), "no name".to_owned()));
    assert_eq!(client(bad_name), "client.names.crm");
}

#[test]
fn a_file_that_does_not_do_is_named_and_shows_nothing() {
    let put = |name: &'static str, text: &'static str| {
        move |_: &mut TlsSettings, folder: &Path| fs::write(folder.join(name), text).unwrap()
    };
    assert_eq!(refused(put("process.pem", "hunter2")).key, "certificate_file");
    let key = refused(put(
        "process.key",
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
    ));
    assert!(key.key == "key_file" && !key.message.contains("hunter2"), "{}", key.message);
    assert_eq!(refused(put("ca.pem", "")).key, "client_ca_file");
    let other_key = |_: &mut TlsSettings, folder: &Path| {
        fs::copy(folder.join("master.key"), folder.join("process.key")).unwrap();
    };
    let mismatch = refused(other_key);
    assert!(
        mismatch.key == "key_file" && mismatch.message.contains("is not the key of"),
        "{}",
        mismatch.message
    );
    assert_eq!(
        refused(|tls, _| tls.certificate_file = Some("/nowhere".into())).key,
        "certificate_file"
    );
    let huge = |tls: &mut TlsSettings, folder: &Path| {
        fs::write(folder.join("huge"), vec![b'x'; 300_000]).unwrap();
        tls.client_ca_file = Some(folder.join("huge"));
    };
    assert_eq!(refused(huge).key, "client_ca_file");
}

#[test]
fn a_process_is_one_kind_of_caller() {
    let uris = |uris: &[&str]| uris.iter().map(|uri| (*uri).to_owned()).collect::<Vec<_>>();
    let twice = refused(|tls, _| tls.callers.experience = uris(&["spiffe://a/x", "spiffe://strata/process"]));
    assert_eq!(twice.key, "callers.process[0]");
    for bad in ["process", "spiffe://", "://x", "spiffe://a/*", "spiffe://a b", "spiffe://a|b"] {
        let fault = refused(|tls, _| tls.callers.portal = uris(&[bad]));
        assert_eq!(fault.key, "callers.portal[0]", "{bad}");
    }
}

#[test]
fn what_was_written_for_development_is_not_written_over() {
    let (folder, _) = sound();
    let again = development::write(folder.path(), Date::from_ymd_opt(2025, 1, 2).unwrap()).unwrap_err();
    assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists, "{again}");
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(folder.path().join("process.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
