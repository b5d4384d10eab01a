//! Where things are: the repository, the program, the small firm.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The small firm: 100 time entries, seed 22.
pub(crate) fn small_firm() -> PathBuf {
    repository().join("tests/firm/small")
}

/// The `strata` program. It belongs to another package, so Cargo does not say where it is: it lies two folders above this test.
pub(crate) fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let program = here.ancestors().nth(2).unwrap().join("strata");
    assert!(
        program.is_file(),
        "{} is not there; build it first: cargo build --bin strata",
        program.display()
    );
    program
}
