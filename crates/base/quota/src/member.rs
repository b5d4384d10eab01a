//! One process among those that share an account.

use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use strata_kernel::{Error, Result};
use strata_store::{Conn, Db, both, in_turn};

use crate::Allowance;
use crate::plan::{Next, Other, next};
use crate::store::rows::{QuotaRow, ShareRow, count};
use crate::store::{lite, pg};

/// What transactions about one account wait for each other by.
pub(crate) const SCOPE: &str = "vendor_quota";
/// Where there are more members than places, others have them after so many seconds.
const TURN_SECONDS: i64 = 10;

/// What a member asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Requests that wait or run.
    pub wanted: u32,
    /// What it may have in use until it is told otherwise. It holds at least this: where it is to have less, it first stops starting
    /// requests, and asks again with less when they came back.
    pub keeps: Allowance,
}

/// What a member sees without changing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What it would come to. It may use the lesser of this and of what its last beat said.
    pub may: Allowance,
    /// What the account allows to all members together.
    pub account: Allowance,
    /// A beat would change its row.
    pub is_news: bool,
}

/// A member of those that share an account. It is known by its name, which nobody else of the account has.
#[derive(Clone)]
pub struct Member {
    db: Db,
    account: String,
    name: String,
    lease: TimeDelta,
}

/// What the database says of an account.
struct Seen {
    now: NaiveDateTime,
    allowance: Allowance,
    own: Option<ShareRow>,
    others: Vec<Other>,
}

impl Member {
    /// Joins those that share an account. The first one of all says what it allows; for everybody else the row counts. `lease`: how long
    /// what it holds is kept for it after a beat.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn join(db: Db, account: &str, name: &str, first: Allowance, lease: Duration) -> Result<Self> {
        let member = Self {
            account: account.to_owned(),
            name: name.to_owned(),
            lease: TimeDelta::from_std(lease).map_err(Error::internal)?,
            db,
        };
        let account = member.account.clone();
        let add = move |c: &mut Conn<'_>| {
            let row = QuotaRow::new(&account, first, strata_store::now(c)?);
            both!(c, quota::add(&row)).map(drop)
        };
        member.db.write(add).await?;
        Ok(member)
    }

    /// Looks at what the next beat would come to, without changing anything.
    ///
    /// # Errors
    /// When the database cannot be read, or does not know the account.
    pub async fn look(&self, need: Need) -> Result<Look> {
        let own = self.clone();
        self.db
            .read(move |c| {
                let seen = own.see(c)?;
                let next = own.next(&seen, need);
                let stored = seen.own.as_ref().map(|row| (row.wanted, row.held, row.held_per_second));
                Ok(Look {
                    may: next.may,
                    account: seen.allowance,
                    is_news: stored.unwrap_or_default() != numbers(&next),
                })
            })
            .await
    }

    /// Says what is needed and that this member lives, forgets members that do not, and returns what it may use until
    /// its lease ends. The lease is counted from some moment after this was called. All of it is one transaction, and those of an account go one after
    /// the other.
    ///
    /// # Errors
    /// When the database cannot be used, or does not know the account. What it held before is then held until its lease ends.
    pub async fn beat(&self, need: Need) -> Result<Allowance> {
        let own = self.clone();
        self.db
            .write(move |c| {
                in_turn(c, SCOPE, &own.account)?;
                let seen = own.see(c)?;
                let next = own.next(&seen, need);
                both!(c, quota::remove_expired(&own.account, seen.now))?;
                let (wanted, held, held_per_second) = numbers(&next);
                if (wanted, held, held_per_second) == (0, 0, 0) {
                    both!(c, quota::remove_share(&own.account, &own.name))?;
                } else {
                    let row = ShareRow {
                        account: own.account.clone(),
                        member: own.name.clone(),
                        wanted,
                        held,
                        held_per_second,
                        expires_at: seen.now + own.lease,
                    };
                    both!(c, quota::put_share(&row))?;
                }
                Ok(next.may)
            })
            .await
    }

    /// Gives everything back.
    ///
    /// # Errors
    /// When the database cannot be used. What it held is free when its lease ends.
    pub async fn leave(&self) -> Result<()> {
        let own = self.clone();
        self.db
            .write(move |c| both!(c, quota::remove_share(&own.account, &own.name)).map(drop))
            .await
    }

    fn see(&self, conn: &mut Conn<'_>) -> Result<Seen> {
        let now = strata_store::now(conn)?;
        let row = both!(conn, quota::get(&self.account))?;
        let row = row.ok_or_else(|| Error::internal(format!("the quota of {} is gone", self.account)))?;
        let (own, others): (Vec<_>, Vec<_>) = both!(conn, quota::shares(&self.account, now))?
            .into_iter()
            .partition(|share| share.member == self.name);
        let other = |row: ShareRow| Other {
            member: row.member,
            wanted: count(row.wanted),
            held: count(row.held),
            held_per_second: count(row.held_per_second),
        };
        Ok(Seen {
            now,
            allowance: row.allowance(),
            own: own.into_iter().next(),
            others: others.into_iter().map(other).collect(),
        })
    }

    fn next(&self, seen: &Seen, need: Need) -> Next {
        let turn = u64::try_from(seen.now.and_utc().timestamp() / TURN_SECONDS).unwrap_or_default();
        next(seen.allowance, &seen.others, &self.name, need, turn)
    }
}

fn numbers(next: &Next) -> (i64, i64, i64) {
    (next.wanted.into(), next.held.into(), next.held_per_second.into())
}
