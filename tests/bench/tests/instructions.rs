//! Instructions of hot paths, counted by callgrind and compared with those in the tree: more than five percent either way fails, so
//! that what became dearer is seen, and what became cheaper is kept.
//!
//! `STRATA_COUNTS=write` writes the file anew.
#![allow(clippy::unwrap_used, clippy::float_arithmetic, clippy::cast_precision_loss)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names valgrind, which is optional on a desk and there in CI.
const VALGRIND: &str = "STRATA_TEST_VALGRIND";
/// Rounds that are subtracted: start and warm-up are in both.
const FEW: u64 = 20;
/// Rounds that are counted.
const MANY: u64 = 120;
/// How far a count may be from the one in the tree, in percent.
const TOLERANCE: f64 = 5.0;

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json")
}

fn bench() -> Command {
    Command::new(env!("CARGO_BIN_EXE_strata-bench"))
}

/// Instructions of so many rounds of a path.
fn instructions(valgrind: &str, path: &str, rounds: u64) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = Command::new(valgrind)
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .args([env!("CARGO_BIN_EXE_strata-bench"), "count", path, &rounds.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{path}: {said}");
    let text = std::fs::read_to_string(out).unwrap();
    let total = text
        .lines()
        .find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    total.unwrap().split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn hot_paths_execute_what_they_did() {
    let Ok(valgrind) = std::env::var(VALGRIND) else {
        println!("SKIPPED: {VALGRIND} names no valgrind");
        return;
    };
    let names = String::from_utf8(bench().arg("count").output().unwrap().stdout).unwrap();
    let counted: BTreeMap<String, u64> = names
        .lines()
        .map(|path| {
            let (few, many) = (instructions(&valgrind, path, FEW), instructions(&valgrind, path, MANY));
            (path.to_owned(), (many - few) / (MANY - FEW))
        })
        .collect();
    assert!(counted.len() >= 5, "{counted:?}");
    println!("{counted:?}");
    if std::env::var("STRATA_COUNTS").is_ok_and(|how| how == "write") {
        let text = serde_json::to_string_pretty(&counted).unwrap();
        std::fs::write(file(), text + "\n").unwrap();
        return;
    }
    let held: BTreeMap<String, u64> = serde_json::from_str(&std::fs::read_to_string(file()).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for (path, count) in &counted {
        let before = held.get(path).copied().unwrap_or_default();
        let percent = (*count as f64 / before as f64 - 1.0) * 100.0;
        if percent.is_nan() || percent.abs() > TOLERANCE {
            wrong.push(format!(
                "{path}: {count} instructions, {before} in the tree ({percent:+.1} %)"
            ));
        }
    }
    assert_eq!(held.len(), counted.len(), "{held:?}");
    assert!(
        wrong.is_empty(),
        "{}\nfind out why, or write the file anew: STRATA_COUNTS=write cargo xtask valgrind cargo nextest run -p strata-bench",
        wrong.join("\n")
    );
}
