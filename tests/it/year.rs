//! A firm's year, from won deals to paid invoices, comes out to the minor unit wherever the servers run and whichever database
//! keeps their work.

use std::process::Command;

use strata::demo::{FirmSource, Options, Outcome, run};

use crate::database::{Postgres, sqlite};
use crate::place::{program, repository, small_firm};

/// What a year has to consist of before its agreement means anything.
const CHECKS: [&str; 14] = [
    "documents",
    "projects",
    "unbilled",
    "exceptions",
    "payments",
    "revenue",
    "milestones",
    "estimates",
    "adjustments",
    "utilization",
    "intercompany",
    "receivables",
    "balance",
    "dashboards",
];

/// Names a NATS server with JetStream.
const NATS: &str = "STRATA_TEST_NATS";

/// Where events travel through NATS, or that the test is skipped because there is no server.
fn nats(test: &str) -> Option<String> {
    let url = std::env::var(NATS).ok();
    if url.is_none() {
        println!("SKIPPED: {test}: {NATS} names no NATS server");
    }
    url
}

async fn lived(store: String, split: bool) -> Outcome {
    lived_with(store, "inproc".to_owned(), split).await
}

async fn lived_with(store: String, bus: String, split: bool) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        firm: FirmSource::Folder(small_firm()),
        store: Some(store),
        bus,
        split,
        work: Some(folder.path().to_owned()),
        program: split.then(program),
        ..Options::default()
    };
    run(&options, |_| {}).await.unwrap()
}

/// Nothing differs, nothing is empty, and nothing is left on its way.
fn agrees(outcome: &Outcome) {
    let report = &outcome.report;
    for difference in &report.differences {
        println!("{difference:?}");
    }
    assert!(report.agrees(), "{} differences", report.differences.len());
    for check in CHECKS {
        let counts = report.checks.get(check).copied().unwrap_or_default();
        assert!(counts.expected > 0, "the firm has no {check}");
        assert_eq!(counts.agreeing, counts.expected, "{check}");
    }
    assert_eq!(outcome.lived.payments_refused, []);
    let platform = &outcome.platform;
    assert_eq!(platform.engagements, outcome.firm.contracts as u64);
    assert_eq!(platform.mobilised, platform.engagements);
    for count in &platform.postings {
        assert!(matches!(count.state.as_str(), "CONFIRMED" | "RESOLVED"), "{count:?}");
    }
    println!("took {} s: {:?}", outcome.took.as_secs(), report.checks);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_process_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    agrees(&lived(sqlite(folder.path()), false).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_process_on_postgres() {
    let Some(database) = Postgres::of("in_one_process") else {
        return;
    };
    agrees(&lived(database.url(), false).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_process_for_each_server_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    agrees(&lived(sqlite(folder.path()), true).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_process_for_each_server_on_postgres_through_nats() {
    let (Some(bus), Some(database)) = (
        nats("in_a_process_for_each_server_on_postgres_through_nats"),
        Postgres::of("nats"),
    ) else {
        return;
    };
    agrees(&lived_with(database.url(), bus, true).await);
}

/// The firms in the repository are what the generator makes, so nobody mended one by hand.
#[test]
fn firms_are_what_the_generator_makes() {
    let folder = tempfile::tempdir().unwrap();
    for (name, entries, seed) in [("small", "100", "22"), ("seed7", "1000", "7")] {
        let out = folder.path().join(name);
        let generator = Command::new("python3")
            .arg(repository().join("tests/firm/generate_firm.py"))
            .args(["--entries", entries, "--seed", seed, "--out"])
            .arg(&out)
            .output();
        let Ok(generated) = generator else {
            println!("SKIPPED: firms_are_what_the_generator_makes: there is no python3");
            return;
        };
        assert!(generated.status.success(), "{generated:?}");
        let kept = repository().join("tests/firm").join(name);
        assert_eq!(files(&out), files(&kept), "{name}");
    }
}

/// Names and digests of a folder's files, by name.
fn files(folder: &std::path::Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries
        .map(|entry| {
            let bytes = std::fs::read(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), strata_kernel::digest(&bytes))
        })
        .collect();
    files.sort();
    files
}
