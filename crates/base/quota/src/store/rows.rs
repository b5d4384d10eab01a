//! Rows of the quota.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{vendor_quota, vendor_quota_share};
use crate::Allowance;

/// What an account allows, to all members together.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = vendor_quota, treat_none_as_null = true)]
pub(crate) struct QuotaRow {
    pub(crate) account: String,
    pub(crate) at_once: i64,
    pub(crate) per_second: Option<i64>,
    pub(crate) changed_at: NaiveDateTime,
}

/// What a member wants and holds. `wanted` is cut off at what the account allows.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = vendor_quota_share)]
pub(crate) struct ShareRow {
    pub(crate) account: String,
    pub(crate) member: String,
    pub(crate) wanted: i64,
    pub(crate) held: i64,
    pub(crate) held_per_second: i64,
    pub(crate) expires_at: NaiveDateTime,
}

impl QuotaRow {
    pub(crate) fn new(account: &str, allowance: Allowance, changed_at: NaiveDateTime) -> Self {
        Self {
            account: account.to_owned(),
            at_once: allowance.at_once.into(),
            per_second: allowance.per_second.map(i64::from),
            changed_at,
        }
    }

    pub(crate) fn allowance(&self) -> Allowance {
        Allowance {
            at_once: count(self.at_once),
            per_second: self.per_second.map(count),
        }
    }
}

/// A count of the database. Nobody stores one that does not fit.
pub(crate) fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
