#![allow(clippy::unwrap_used)]

use super::*;
use crate::tiny::Tiny;

#[test]
fn a_folder_that_is_no_firm_is_refused_naming_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    Tiny::new().write(folder.path());
    std::fs::remove_file(folder.path().join("tasks.jsonl")).unwrap();
    std::fs::remove_file(folder.path().join("manifest.json")).unwrap();
    match Firm::load(folder.path()) {
        Err(Error::NotAFirm { missing, .. }) => assert_eq!(missing, ["tasks.jsonl", "manifest.json"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn counts_are_those_of_the_manifest() {
    let folder = tempfile::tempdir().unwrap();
    Tiny::new().write(folder.path());
    std::fs::write(folder.path().join("payments.jsonl"), "").unwrap();
    match Firm::load(folder.path()) {
        Err(Error::Count { file, expected, got }) => assert_eq!((file.as_str(), expected, got), ("payments.jsonl", 2, 0)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_record_that_names_nothing_is_refused() {
    let broken: [fn(&mut Tiny); 6] = [
        |tiny| tiny.rows("contracts")[0]["customer_id"] = "CU-9".into(),
        |tiny| tiny.rows("time_entries")[0]["task_id"] = "T-9".into(),
        |tiny| tiny.rows("time_corrections")[0]["time_entry_id"] = "TE-9".into(),
        |tiny| tiny.rows("employment").clear(),
        |tiny| tiny.rows("milestones")[0]["contract_id"] = "CT-9".into(),
        |tiny| tiny.rows("estimates")[0]["contract_id"] = "CT-9".into(),
    ];
    for (change, at) in broken.into_iter().zip(0..) {
        let mut tiny = Tiny::new();
        change(&mut tiny);
        let folder = tempfile::tempdir().unwrap();
        tiny.write(folder.path());
        assert!(
            matches!(Firm::load(folder.path()), Err(Error::Dangling { .. })),
            "change {at}"
        );
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    let mut tiny = Tiny::new();
    tiny.rows("time_entries")[1]["approved_on"] = "soon".into();
    let folder = tempfile::tempdir().unwrap();
    tiny.write(folder.path());
    match Firm::load(folder.path()) {
        Err(Error::Record { file, line, .. }) => assert_eq!((file.as_str(), line), ("time_entries.jsonl", 2)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_generated_firm_of_the_project_is_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/firm/seed7");
    let firm = Firm::load(&folder).unwrap();
    assert_eq!(firm.time.entries.len(), 1_000);
    let handed_in: usize = firm.time.sheets.iter().map(|sheet| sheet.entries.len()).sum();
    assert_eq!(handed_in, 1_000, "every entry lies on one sheet");
    assert_eq!(firm.time.corrected.len(), firm.corrections.len());
}
