//! Clients in TypeScript, Python and Rust, generated from the contracts, against a server that asks for tokens: what the pages of
//! `clients/` say they print.
//!
//! `cargo xtask test` makes the first two; without them they are skipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use strata::Role;

use crate::mini::Mini;
use crate::place::program;
use crate::tokens;

/// Names the folder of the clients in other languages.
const MADE: &str = "STRATA_TEST_CLIENTS";

/// A client, and what its address begins with.
type Client = (&'static str, Command, &'static str);

fn clients() -> Vec<Client> {
    let mut clients = vec![("Rust", Command::new(program().with_file_name("engagements")), "http://")];
    let Ok(made) = std::env::var(MADE).map(PathBuf::from) else {
        println!("SKIPPED: {MADE} names no folder with the clients in TypeScript and Python");
        return clients;
    };
    clients.push(("TypeScript", typescript(&made), "http://"));
    clients.push(("Python", python(&made), ""));
    clients
}

fn typescript(made: &Path) -> Command {
    let mut node = Command::new("node");
    node.arg(made.join("typescript/dist/engagements.js"));
    node
}

fn python(made: &Path) -> Command {
    let folder = made.join("python");
    let paths = std::env::join_paths([folder.join("packages"), folder.join("gen")]).unwrap();
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", paths).arg(folder.join("engagements.py"));
    python
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_in_every_language_list_engagements_and_know_why_they_are_refused() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    let roles = [("lead", vec!["experience.delivery.read".to_owned()]), ("visitor", Vec::new())];
    let section = tokens::section(mini.folder(), &roles);
    let (all, _folder) = mini.restart_with(section).await;
    let edge = all.installation.addresses.of(Role::All).unwrap().to_string();
    for (language, mut client, scheme) in clients() {
        client.arg(format!("{scheme}{edge}"));
        let said = |token: Option<&str>| {
            let mut command = Command::new(client.get_program());
            command.args(client.get_args()).args(token);
            command.envs(client.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let ended = command.output().unwrap_or_else(|error| panic!("{language}: {error}"));
            let complaint = String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.success(), "{language}: {complaint}");
            String::from_utf8(ended.stdout).unwrap()
        };
        let lead = said(Some(&tokens::of_role("lead")));
        assert_eq!(lead, "CT-1 for Northwind\nrefused: NOT_FOUND\n", "{language}");
        assert_eq!(said(None), "refused: TOKEN_MISSING\n", "{language}");
        let visitor = said(Some(&tokens::of_role("visitor")));
        assert_eq!(visitor, "refused: SCOPE_MISSING\n", "{language}");
    }
    all.stop().await.unwrap();
}
