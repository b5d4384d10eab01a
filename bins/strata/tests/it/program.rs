//! Runs the program.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The program, without anything of this process's environment that is meant for it.
pub(crate) fn strata(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strata"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STRATA_")) {
        command.env_remove(name);
    }
    command.args(arguments.split_whitespace());
    command
}

/// What a run ended with: exit code, stdout, stderr.
pub(crate) fn ended(mut command: Command) -> (i32, String, String) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A server that was started and has said where it is.
pub(crate) struct Serving {
    pub(crate) process: Child,
    pub(crate) announcement: serde_json::Value,
}

/// Starts a server that ends with its stdin, and reads its announcement.
pub(crate) fn serving(arguments: &str) -> Serving {
    let mut command = strata(&format!("serve {arguments} --output json --exit-with-stdin"));
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    Serving {
        process,
        announcement: serde_json::from_str(&line).unwrap(),
    }
}
