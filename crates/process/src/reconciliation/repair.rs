//! What puts a line right: proposed with it, and done when a person says so. What an action of the exceptions desk does, it does.
//! Nothing is ever reversed or changed in the ERP from here.

use prost::Message;
use strata_contract::strata::process::exception::v1 as desk;
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_contract::strata::process::reconciliation::v1::RepairKind;
use strata_kernel::{Error, Instant, Result, derive_id};
use strata_store::{Conn, both, in_turn};

use super::cells::{kind_of, line};
use super::problem;
use crate::billing::ledger::{self, Lookup};
use crate::exceptions::{self, Act, Command};
use crate::feeds;
use crate::store::rows::PostingRow;
use crate::store::rows_books::{LineRow, RepairRow};
use crate::store::{lite, pg};

/// What may be done about a line, the usual first. Follows from what stands in it.
pub(super) fn proposals(row: &LineRow) -> Vec<pb::Repair> {
    let by_desk = !row.exception_id.is_empty();
    let of = |kind: RepairKind, applicable: bool, text: &str| pb::Repair {
        kind: kind.into(),
        applicable,
        text: text.to_owned(),
        exception_id: if by_desk && kind != RepairKind::Accept {
            row.exception_id.clone()
        } else {
            String::new()
        },
    };
    let wait = of(RepairKind::Wait, false, "it is on its way");
    let look_up = of(RepairKind::LookUp, true, "look its postings up by key; nothing is sent");
    let retry = of(
        RepairKind::RetryPosting,
        by_desk,
        "retry its exception once the cause is mended",
    );
    let read_again = of(
        RepairKind::ReadAgain,
        true,
        "read the PSA's time again; what is known stays as it is",
    );
    let mend = of(
        RepairKind::MendInErp,
        false,
        "put the record in the ERP right; the next comparison resolves this",
    );
    let reverse = of(
        RepairKind::ReverseOrphan,
        false,
        "reverse or delete the record in the ERP; the platform never does",
    );
    let accept = of(RepairKind::Accept, true, "accept the difference by name and with a reason");
    match (row.state.as_str(), row.difference.as_str(), row.cause.as_str()) {
        ("AGREES" | "ACCEPTED", ..) => Vec::new(),
        ("IN_FLIGHT", ..) => vec![wait],
        ("EXCEPTED", _, "POSTING_DIFFERS") => vec![look_up, mend],
        ("EXCEPTED", _, "SKIPPED" | "WITHDRAWN" | "WAITING") => vec![wait],
        ("EXCEPTED", ..) => vec![retry],
        (_, "OVERDUE", _) if by_desk => vec![retry, look_up],
        (_, "OVERDUE", _) => vec![look_up],
        (_, "ORPHAN_IN_ERP" | "DUPLICATE_IN_ERP", _) => vec![reverse, accept],
        (_, "MISSING_HERE", _) => vec![read_again, accept],
        (_, "MISSING_IN_PSA" | "PSA_DIFFERS", _) => vec![read_again, accept],
        _ => vec![mend, look_up, accept],
    }
}

/// A repair as somebody asked for it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) asked: pb::ApplyRepairRequest,
    pub(crate) body_hash: String,
    pub(crate) correlation_id: String,
    /// Who it is, as a token says it. Empty: nobody was asked for one.
    pub(crate) subject: String,
}

/// The line that a repair is about.
fn held(conn: &mut Conn<'_>, asked: &pb::ApplyRepairRequest) -> Result<Option<LineRow>> {
    let key = (
        asked.period.as_str(),
        kind_of(asked.kind()),
        asked.line.as_str(),
        asked.currency_code.as_str(),
    );
    both!(conn, balances::line(key))
}

/// The etag of the line that a repair is about. Empty: there is none.
pub(crate) fn etag_of(conn: &mut Conn<'_>, asked: &pb::ApplyRepairRequest) -> Result<String> {
    Ok(held(conn, asked)?.map(|row| row.digest).unwrap_or_default())
}

/// Does a repair, in the caller's transaction. The same command again has the same answer and no second effect.
pub(crate) fn apply(conn: &mut Conn<'_>, wanted: &Wanted, now: Instant) -> Result<pb::ApplyRepairResponse> {
    let asked = &wanted.asked;
    in_turn(conn, "request", &asked.request_id)?;
    if let Some(done) = both!(conn, balances::repair(&asked.request_id))? {
        if done.body_hash == wanted.body_hash {
            return pb::ApplyRepairResponse::decode(done.answer.as_slice()).map_err(Error::internal);
        }
        let text = format!(
            "request {} was another repair; another command needs another request_id",
            asked.request_id
        );
        return Err(Error::conflict(&done.body_hash, &wanted.body_hash, text).at("request_id"));
    }
    let mut row = held(conn, asked)?.ok_or_else(|| Error::not_found("line", &asked.line))?;
    fits(&row, asked)?;
    let effects = perform(conn, &mut row, wanted, now)?;
    let answer = pb::ApplyRepairResponse {
        line: Some(line(&row)),
        effects,
    };
    let done = RepairRow {
        request_id: asked.request_id.clone(),
        period: row.period,
        kind: row.kind,
        line: row.line,
        currency_code: row.currency_code,
        repair: word(asked.repair()),
        digest: row.digest,
        actor: asked.actor.clone(),
        reason: asked.reason.clone(),
        body_hash: wanted.body_hash.clone(),
        answer: answer.encode_to_vec(),
        correlation_id: wanted.correlation_id.clone(),
        repaired_at: now.naive_utc(),
        subject: wanted.subject.clone(),
    };
    both!(conn, balances::add_repair(&done))?;
    Ok(answer)
}

fn word(kind: RepairKind) -> String {
    kind.as_str_name().trim_start_matches("REPAIR_KIND_").to_owned()
}

/// The line is the one that was read, and proposes what is asked.
fn fits(row: &LineRow, asked: &pb::ApplyRepairRequest) -> Result<()> {
    if asked.etag.is_empty() && asked.repair() == RepairKind::Accept {
        let text = "is required to accept: it says which difference";
        return Err(Error::invalid("etag", text));
    }
    if !asked.etag.is_empty() && asked.etag != row.digest {
        let text = "one of the sides changed since the line was read; read it again";
        return Err(Error::precondition("ETAG_MISMATCH", text).at("etag"));
    }
    let open: Vec<pb::Repair> = proposals(row).into_iter().filter(|repair| repair.applicable).collect();
    if open.iter().any(|repair| repair.kind() == asked.repair()) {
        return Ok(());
    }
    let words: Vec<String> = open.iter().map(|repair| word(repair.kind())).collect();
    let possible = if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    };
    let text = format!(
        "the line is {}, and {} is not possible from here; what is: {possible}",
        row.state,
        word(asked.repair())
    );
    Err(Error::precondition("INVALID_TRANSITION", text).at("repair"))
}

fn perform(conn: &mut Conn<'_>, row: &mut LineRow, wanted: &Wanted, now: Instant) -> Result<Vec<String>> {
    match wanted.asked.repair() {
        RepairKind::Accept => {
            problem::mended(conn, row, now)?;
            "ACCEPTED".clone_into(&mut row.state);
            row.exception_id.clear();
            both!(conn, balances::put_lines(std::slice::from_ref(row)))?;
            both!(conn, balances::touch(&[&row.period]))?;
            Ok(vec![format!("{} accepts: {}", wanted.asked.actor, problem::words(row))])
        }
        RepairKind::ReadAgain => {
            both!(conn, cursors::put(feeds::TIME, ""))?;
            Ok(vec!["the PSA's time is read again from the beginning".to_owned()])
        }
        RepairKind::LookUp => look_up(conn, row, now),
        RepairKind::RetryPosting => {
            let command = Command {
                exception_id: row.exception_id.clone(),
                act: Act::Retry,
                actor: wanted.asked.actor.clone(),
                reason: wanted.asked.reason.clone(),
                request_id: derive_id("req", &["repair", &wanted.asked.request_id]),
                body_hash: wanted.body_hash.clone(),
                etag: String::new(),
                bulk_token: String::new(),
                correlation_id: wanted.correlation_id.clone(),
            };
            let desk::RetryExceptionResponse { effects, .. } = exceptions::act(conn, &command, now)?;
            Ok(effects)
        }
        other => Err(Error::internal(format!(
            "repair {other:?} is proposed as applicable and is not"
        ))),
    }
}

/// The postings of a line are looked up now: those that the ledger holds as posted become HELD until the books are asked. Those whose
/// answer was lost are due at once.
fn look_up(conn: &mut Conn<'_>, row: &LineRow, now: Instant) -> Result<Vec<String>> {
    let at = now.naive_utc();
    let held = both!(conn, postings::of_lines(&row.kind, std::slice::from_ref(&row.line)))?;
    let again: Vec<PostingRow> = held
        .into_iter()
        .filter(|held| matches!(held.state.as_str(), "CONFIRMED" | "RESOLVED" | "HELD" | "UNKNOWN"))
        .map(|held| PostingRow {
            state: if held.state == "UNKNOWN" {
                held.state
            } else {
                "HELD".to_owned()
            },
            reason: "POSTING_DIFFERS".to_owned(),
            due_at: at,
            updated_at: at,
            ..held
        })
        .collect();
    ledger::put(conn, &again, Lookup::None)?;
    Ok(again
        .into_iter()
        .map(|row| format!("posting {} is looked up, and not sent", row.key))
        .collect())
}
