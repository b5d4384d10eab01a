//! Signing a month off.

use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_kernel::{Error, Instant, Result, digest};
use strata_store::{Conn, both};

use super::show::{Progress, progress};
use super::{Command, begun, may, repeated, store};
use crate::reconciliation::LineFilter;
use crate::store::rows_books::CloseRow;
use crate::store::{lite, pg};

/// Lines that are sealed at a time.
const BATCH: i64 = 1000;

/// Signs a close off, in the caller's transaction. `CLOSE_NOT_DRAINED` and `CLOSE_DIFFERS` say what is left;
/// `OWN_APPROVAL` that somebody else has to.
pub(crate) fn sign_off(conn: &mut Conn<'_>, command: &Command, now: Instant) -> Result<pb::PeriodClose> {
    if let Some(done) = repeated(conn, command)? {
        return Ok(done);
    }
    let held = begun(conn, command)?;
    may(&held.state, "SIGNED", "signing it off")?;
    // Who froze the month, or said that a difference of it is well, has somebody else look at it.
    let accepted = both!(conn, balances::accepted_by(&held.period))?;
    let proposers = accepted.iter().chain([&held.frozen_subject]);
    command.by.may_approve(proposers.map(String::as_str))?;
    may_sign(&held, &progress(conn, &held)?)?;
    let before = held.state.clone();
    let row = CloseRow {
        state: "SIGNED".to_owned(),
        version: held.version + 1,
        signed_at: Some(now.naive_utc()),
        signed_by: command.actor.clone(),
        digest: seal(conn, &held)?,
        ..held
    };
    store(conn, (&before, row), "SIGN_OFF", command, now)
}

fn may_sign(held: &CloseRow, progress: &Progress) -> Result<()> {
    let undrained = |text: String| Err(Error::precondition("CLOSE_NOT_DRAINED", text).at("period"));
    let period = &held.period;
    if !progress.is_current {
        return undrained(format!(
            "{period} was not reconciled since it was frozen, or something moved in it since; call ReconcileBooks"
        ));
    }
    if progress.in_flight > 0 {
        return undrained(format!(
            "{} lines of {period} are still in flight; wait until they are posted",
            progress.in_flight
        ));
    }
    if progress.without_owner > 0 {
        return undrained(format!(
            "{} lines of {period} wait for something that no exception stands for; see ListBalanceLines",
            progress.without_owner
        ));
    }
    if progress.differing > 0 {
        let text = format!(
            "{} lines of {period} differ and are not accepted; repair each, or accept it by ApplyRepair",
            progress.differing
        );
        return Err(Error::precondition("CLOSE_DIFFERS", text).at("period"));
    }
    Ok(())
}

/// Digest of every line of the month, in order: what was signed.
fn seal(conn: &mut Conn<'_>, held: &CloseRow) -> Result<String> {
    let filter = LineFilter {
        period: held.period.clone(),
        legal_entity_code: held.legal_entity_code.clone(),
        ..LineFilter::default()
    };
    let (mut sealed, mut after) = (String::new(), None);
    loop {
        let rows = both!(conn, balances::list_lines(&filter, after.as_ref(), BATCH))?;
        let Some(last) = rows.last() else { return Ok(sealed) };
        after = Some((last.kind.clone(), last.line.clone(), last.currency_code.clone()));
        for row in &rows {
            let line = [&sealed, &row.kind, &row.line, &row.currency_code, &row.state, &row.digest];
            sealed = digest(line.map(String::as_str).join("|").as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_left_open_is_named() {
        let now: Instant = "2025-02-10T09:00:00Z".parse().unwrap();
        let held = CloseRow {
            id: "cls_1".into(),
            legal_entity_code: String::new(),
            period: "2025-01".into(),
            state: "FROZEN".into(),
            version: 1,
            frozen_at: now.naive_utc(),
            frozen_by: "eva".into(),
            frozen_subject: String::new(),
            signed_at: None,
            signed_by: String::new(),
            digest: String::new(),
        };
        let drained = Progress {
            is_current: true,
            ..Progress::default()
        };
        assert!(may_sign(&held, &drained).is_ok());
        for (left, reason) in [
            (
                Progress {
                    is_current: false,
                    ..drained.clone()
                },
                "CLOSE_NOT_DRAINED",
            ),
            (
                Progress {
                    in_flight: 1,
                    ..drained.clone()
                },
                "CLOSE_NOT_DRAINED",
            ),
            (
                Progress {
                    without_owner: 1,
                    ..drained.clone()
                },
                "CLOSE_NOT_DRAINED",
            ),
            (
                Progress {
                    differing: 1,
                    ..drained.clone()
                },
                "CLOSE_DIFFERS",
            ),
        ] {
            assert_eq!(may_sign(&held, &left).unwrap_err().reason, reason, "{left:?}");
        }
    }
}
