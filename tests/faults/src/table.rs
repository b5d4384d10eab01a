//! What people see.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::Arguments;
use crate::schedule::Cycle;
use crate::tally::Tally;
use crate::verdict::Verdict;

/// Findings that are printed.
const SHOWN: usize = 40;

/// Cycles between two lines of a log.
const EVERY: u32 = 20;

/// Progress on stderr: a bar for people, a line now and then for a log.
pub(crate) struct Progress {
    bar: ProgressBar,
    cycles: usize,
}

impl Progress {
    pub(crate) fn of(cycles: usize) -> Self {
        let bar = ProgressBar::new(cycles as u64);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, cycles }
    }

    /// A cycle begins.
    pub(crate) fn begin(&self, cycle: &Cycle) {
        self.bar.set_message(format!("{} {}", cycle.until, cycle.strike));
        if self.bar.is_hidden() && cycle.number.is_multiple_of(EVERY) {
            eprintln!("cycle {} of {}, {}: {}", cycle.number, self.cycles, cycle.until, cycle.strike);
        }
    }

    /// A cycle is over.
    pub(crate) fn end(&self) {
        self.bar.inc(1);
    }

    /// All of them are.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Strikes by kind.
pub(crate) fn of_strikes(tally: &Tally) -> String {
    let mut text = format!("{:<36}{:>8}\n", "Fault", "struck");
    for (kind, count) in tally.all() {
        writeln!(text, "{kind:<36}{count:>8}").ok();
    }
    text
}

/// Prints what came of a campaign.
pub(crate) fn print(arguments: &Arguments, tally: &Tally, verdict: &Verdict, missing: &[String], took: Duration) {
    let checked = &verdict.checked;
    if arguments.json {
        let strikes: std::collections::BTreeMap<_, _> = tally.all().collect();
        let document = json!({
            "build": arguments.build, "seed": arguments.seed, "cycles": arguments.cycles,
            "store": store(arguments), "bus": bus(arguments), "process_servers": arguments.process_servers,
            "strikes": strikes, "never_struck": missing, "checked": checked, "report": verdict.report,
            "payments_refused": verdict.refused, "holds": verdict.holds(), "seconds": took.as_secs(),
        });
        println!("{document:#}");
        return;
    }
    print!("{}", of_strikes(tally));
    println!();
    for (what, count) in &checked.checks {
        println!("{what:<36}{count:>8}");
    }
    println!();
    for (what, count) in [
        ("acknowledged", checked.acknowledged),
        ("lost", checked.lost),
        ("doubled", checked.doubled),
        ("difference in minor units", checked.difference),
        ("other rules broken", checked.broken),
        ("differences to the expected books", verdict.report.differences.len() as u64),
    ] {
        println!("{what:<36}{count:>8}");
    }
    for finding in checked.findings.iter().take(SHOWN) {
        println!("  {finding}");
    }
    for difference in verdict.report.differences.iter().take(SHOWN) {
        println!("  {difference:?}");
    }
    for (who, why) in verdict.refused.iter().take(SHOWN) {
        println!("  payment {who} refused: {why}");
    }
    for kind in missing {
        println!("  never struck: {kind}");
    }
    println!(
        "\n{} cycles, seed {}, build {}, {} + {}, {} process servers, {} s",
        arguments.cycles,
        arguments.seed,
        arguments.build,
        store(arguments),
        bus(arguments),
        arguments.process_servers,
        took.as_secs()
    );
    let holds = verdict.holds() && missing.is_empty();
    println!(
        "{}",
        if holds {
            "NOTHING LOST, NOTHING DOUBLED"
        } else {
            "IT DOES NOT HOLD"
        }
    );
}

fn store(arguments: &Arguments) -> &str {
    arguments.store.split(':').next().unwrap_or_default()
}

fn bus(arguments: &Arguments) -> &str {
    arguments.bus.split(':').next().unwrap_or_default()
}
