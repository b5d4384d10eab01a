//! Without an address the program says what it wants. Against a server it is tried by `tests/it/clients.rs`.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn without_an_address_it_says_what_it_wants() {
    let ended = Command::new(env!("CARGO_BIN_EXE_engagements")).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(
        !ended.status.success() && said.contains("usage: engagements ADDRESS"),
        "{said}"
    );
}
