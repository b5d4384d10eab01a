//! Worked cases against the rules: every JSON file under `tests/examples/`, or under the folder that
//! `STRATA_EXAMPLES` names. A case names an operation; the operation calls the same public functions that
//! the processes call.
#![allow(clippy::unwrap_used)]

mod amendments;
mod caps;
mod case;
mod contract_balances;
mod currency;
mod expenses;
mod fixed_fee;
mod given;
mod hours;
mod intercompany;
mod invoices;
mod lifecycle;
mod loss;
mod metrics;
mod modifications;
mod payments;
mod periods;
mod progress;
mod rates;
mod reconciliation;
mod retainers;
mod rounding;
mod time;
mod transaction_price;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use case::{Case, File, differences};
use given::Operation;

/// Every operation by its name.
fn operations() -> BTreeMap<&'static str, Operation> {
    let topics = [
        amendments::OPERATIONS,
        caps::OPERATIONS,
        contract_balances::OPERATIONS,
        currency::OPERATIONS,
        expenses::OPERATIONS,
        fixed_fee::OPERATIONS,
        hours::OPERATIONS,
        intercompany::OPERATIONS,
        invoices::OPERATIONS,
        lifecycle::OPERATIONS,
        loss::OPERATIONS,
        metrics::OPERATIONS,
        modifications::OPERATIONS,
        payments::OPERATIONS,
        periods::OPERATIONS,
        progress::OPERATIONS,
        rates::OPERATIONS,
        reconciliation::OPERATIONS,
        retainers::OPERATIONS,
        rounding::OPERATIONS,
        time::OPERATIONS,
        transaction_price::OPERATIONS,
    ];
    topics.iter().flat_map(|topic| topic.iter().copied()).collect()
}

fn folder() -> PathBuf {
    let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/examples");
    std::env::var_os("STRATA_EXAMPLES").map_or_else(ours, PathBuf::from)
}

/// Every JSON file of a folder, by name.
fn files(folder: &Path) -> Vec<(String, File)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{} cannot be read: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let file = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{} is no file of cases: {e}", path.display()));
        (path.file_name().unwrap().to_string_lossy().into_owned(), file)
    };
    paths.iter().map(read).collect()
}

/// What went wrong with a case, or nothing.
fn judge(case: &Case, operations: &BTreeMap<&'static str, Operation>) -> Vec<String> {
    let Some(operation) = operations.get(case.operation.as_str()) else {
        return vec!["the operation is not known".to_owned()];
    };
    match operation(&case.given) {
        Ok(got) => differences(&case.expect, &got)
            .into_iter()
            .map(|difference| format!("{difference}\n      got      {got}"))
            .collect(),
        Err(malformed) => vec![format!("the case cannot be read: {malformed}")],
    }
}

#[test]
fn every_case_holds() {
    let (operations, folder) = (operations(), folder());
    let (mut cases, mut wrong) = (0, 0);
    // STRATA_EXAMPLES_FILE narrows the run to one file while it is worked on.
    let only = std::env::var("STRATA_EXAMPLES_FILE").ok();
    for (name, file) in files(&folder) {
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        for case in &file.cases {
            cases += 1;
            let faults = judge(case, &operations);
            let verdict = if faults.is_empty() { "ok   " } else { "WRONG" };
            println!("{verdict} {name} {} {}", case.id, case.operation);
            for fault in &faults {
                println!("      {fault}\n      given    {}\n      expected {}", case.given, case.expect);
            }
            wrong += usize::from(!faults.is_empty());
        }
    }
    println!("{cases} cases in {}, {wrong} wrong", folder.display());
    assert!(cases > 0, "there is no case in {}", folder.display());
    assert_eq!(wrong, 0, "{wrong} of {cases} cases are wrong; they are listed above");
}

#[test]
fn the_index_names_what_is_known() {
    let operations = operations();
    let known: BTreeSet<&str> = operations.keys().copied().collect();
    for (name, file) in files(&folder()) {
        for operation in file.operations.keys() {
            assert!(
                known.contains(operation.as_str()),
                "{name} names {operation}, which is not known"
            );
        }
    }
}
