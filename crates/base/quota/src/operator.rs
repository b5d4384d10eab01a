//! What an operator sees and changes.

use chrono::NaiveDateTime;
use strata_kernel::{Error, Result};
use strata_store::{Conn, Db, both, in_turn};

use crate::Allowance;
use crate::member::SCOPE;
use crate::store::rows::{QuotaRow, count};
use crate::store::{lite, pg};

/// An account, and who uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub account: String,
    /// What it allows to all together.
    pub allowance: Allowance,
    /// When that was changed, by the database's clock, UTC.
    pub changed_at: NaiveDateTime,
    /// What its members want and hold. A member without demand is not among them.
    pub shares: Vec<Share>,
}

/// What a member wants and holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Its name.
    pub member: String,
    /// Requests that wait or run, as far as the account allows them.
    pub wanted: u32,
    /// Requests that it may have under way at once, or still has.
    pub held: u32,
    /// Requests that it may start in a second, or did. 0 where the account has no such limit.
    pub held_per_second: u32,
}

/// Every account.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &Db) -> Result<Vec<Account>> {
    db.read(|c| {
        let now = strata_store::now(c)?;
        let rows = both!(c, quota::accounts())?;
        rows.into_iter().map(|row| account(c, row, now)).collect()
    })
    .await
}

fn account(conn: &mut Conn<'_>, row: QuotaRow, now: NaiveDateTime) -> Result<Account> {
    let shares = both!(conn, quota::shares(&row.account, now))?;
    Ok(Account {
        allowance: row.allowance(),
        changed_at: row.changed_at,
        shares: shares
            .into_iter()
            .map(|share| Share {
                member: share.member,
                wanted: count(share.wanted),
                held: count(share.held),
                held_per_second: count(share.held_per_second),
            })
            .collect(),
        account: row.account,
    })
}

/// Changes what an account allows, in the caller's transaction, so that who changed it is kept with the change, and says what it allowed
/// before. Members follow with their next look; where it is less, what they hold shrinks as their requests end.
///
/// # Errors
/// `NOT_FOUND` when no member ever joined that account. When the database cannot be used.
pub fn set(conn: &mut Conn<'_>, account: &str, allowance: Allowance) -> Result<Allowance> {
    in_turn(conn, SCOPE, account)?;
    let before = both!(conn, quota::get(account))?.ok_or_else(|| {
        let text = format!("no server shares an account \"{account}\"; see strata quota list");
        Error::new(strata_kernel::Kind::NotFound, "NOT_FOUND", text)
    })?;
    let row = QuotaRow::new(account, allowance, strata_store::now(conn)?);
    both!(conn, quota::put(&row))?;
    Ok(before.allowance())
}
