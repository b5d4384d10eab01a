//! The checker of the books is a program of its own, and so are its tests.

use std::path::Path;
use std::process::Command;

#[test]
fn it_finds_every_kind_of_damage() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("checker");
    let tested = Command::new("python3")
        // Nothing is left in the source folder.
        .args(["-B", "-m", "unittest"])
        .current_dir(folder)
        .output();
    let Ok(tested) = tested else {
        println!("SKIPPED: it_finds_every_kind_of_damage: there is no python3");
        return;
    };
    let said = String::from_utf8_lossy(&tested.stderr);
    assert!(tested.status.success(), "{said}");
    assert!(said.contains("Ran "), "{said}");
}

/// The campaign explains itself.
#[test]
fn it_says_what_it_needs() {
    let help = Command::new(env!("CARGO_BIN_EXE_strata-faults")).arg("--help").output();
    let help = help.map(|help| String::from_utf8_lossy(&help.stdout).into_owned());
    assert!(help.is_ok_and(|text| text.contains("--cycles") && text.contains("--checker")));
}
