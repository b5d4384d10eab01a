//! How soon a server serves, and what memory it takes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::intake::Platform;
use crate::child::memory;
use crate::field::Field;
use crate::rounds::{Figure, run};
use crate::row::{Row, Value};

/// Starts whose time is measured.
const STARTS: usize = 5;

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    let folder = field.folder("start")?;
    let settings = folder.join("settings");
    let mut sandbox = Command::new(field.strata()?);
    sandbox.args(["serve", "sandbox", "--listen", "127.0.0.1:0"]);
    for vendor in ["salesforce", "kantata_ox", "netsuite", "workday"] {
        sandbox.args(["--set", &format!("sandbox.{vendor}=127.0.0.1:0")]);
    }
    let _sandbox = Serving::start(sandbox.arg("--write-settings").arg(&settings))?;
    let (mut took, mut idle, mut own) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..STARTS {
        let mut all = Command::new(field.strata()?);
        all.args(["serve", "all", "--listen", "127.0.0.1:0", "--migrate", "--config"]);
        all.arg(settings.join("strata.toml"));
        let store = folder.join(format!("{round}.db"));
        all.args(["--set", &format!("store.url=sqlite:{}", store.display())]);
        let begun = Instant::now();
        let server = Serving::start(&mut all)?;
        took.push(begun.elapsed().as_secs_f64());
        tokio::time::sleep(Duration::from_secs(2)).await;
        idle.push(memory(server.0.id(), "VmRSS")?);
        own.push(memory(server.0.id(), "RssAnon")?);
    }
    let platform = Platform::start(field, &field.sqlite("loaded"), &[])?;
    run([platform.one_a_call("handed in", 32)?], field.effort).await?;
    let loaded = platform.memory("VmHWM")?;
    Ok(vec![Row {
        id: "start and memory".to_owned(),
        what: "every tier in one process, from the start of the program until it serves, on a new SQLite file; idle; and the most it took, \
               with the vendors' sandboxes, while a year was lived and time was handed in, 32 in flight"
            .to_owned(),
        bound: "none: the figures are the process's own".to_owned(),
        values: vec![
            Value::at_most("until it serves", "s", Figure::of(took), 0.5),
            Value::at_most("idle", "MiB", Figure::of(idle), 40.0),
            Value::told("of it not pages of the program's file", "MiB", Figure::of(own)),
            Value::at_most("under load", "MiB", Figure::once(loaded), 120.0),
        ],
    }])
}

/// A server of the project's own program.
struct Serving(Child);

impl Serving {
    fn start(command: &mut Command) -> Result<Self> {
        command.args(["--output", "json", "--exit-with-stdin"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let out = child.stdout.take().context("no output")?;
        for line in BufReader::new(out).lines() {
            if line?.contains("\"address\"") {
                return Ok(Self(child));
            }
        }
        bail!("{command:?} ended before it served: {}", child.wait()?)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
