//! Nothing is left to do: the backlog is empty, nobody has to be asked, and every event had its effect once.

use super::Seen;
use super::rows::{Rows, number, text};

pub(super) fn judge(seen: &Seen<'_>, rows: &Rows) {
    for row in &rows.postings {
        let state = text(row, 2);
        seen.must(state == "CONFIRMED" || state == "RESOLVED", || {
            format!("posting {} is still {state}", text(row, 0))
        });
    }
    for row in &rows.versions {
        seen.must(number(row, 4) == 1, || format!("{} was never priced", text(row, 2)));
    }
    for row in &rows.unfinished {
        seen.world.wrong(format!("a step is left: {row}"));
    }
    for row in &rows.exceptions {
        seen.world.wrong(format!("somebody is asked: {row}"));
    }
    for row in &rows.findings {
        seen.world.wrong(format!("reconciling time found {row}"));
    }
    for row in &rows.events {
        let (handled, runs) = (number(row, 2), number(row, 3));
        seen.must(!row[1].is_null() && handled == 1 && runs == 1, || {
            format!("event {row} must be published, and have had its effect once")
        });
    }
    for row in &rows.unpublished {
        seen.world.wrong(format!("event {row} was never published"));
    }
    for row in &rows.letters {
        seen.world.wrong(format!("a dead letter: {row}"));
    }
    // Servers that have ended leave rows behind that the next one removes; what they claimed goes with them.
    let own = rows.claims.iter().filter(|row| text(row, 0) == "lead");
    for row in own {
        seen.world.wrong(format!("the lead is still claimed: {row}"));
    }
}
