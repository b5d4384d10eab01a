//! Milestones of fixed fees: agreed in the CRM, delivered and accepted in the PSA, approved by finance. What is approved may be
//! billed.

mod accept;
mod approve;
mod begin;
mod list;
mod psa;

pub(crate) use accept::{retry, take};
pub(crate) use approve::{Approval, approve};
pub(crate) use begin::Begin;
pub(crate) use list::{list, one};
pub(crate) use psa::step;

use strata_kernel::{Instant, Result, derive_id};
use strata_store::Conn;

use crate::engine::kind;
use crate::hand_offs::{self, HandOff};
use crate::store::rows::MilestoneRow;

/// Adds to the story of a milestone's engagement what happened at an instant. What happens again later is told again.
fn tell(conn: &mut Conn<'_>, row: &MilestoneRow, told: HandOff, now: Instant) -> Result<()> {
    let told = HandOff {
        key: format!("{}:{}:{}", told.event, row.code, now.timestamp_micros()),
        ..told
    };
    let correlation_id = derive_id("cor", &[kind::MILESTONE, &row.code]);
    hand_offs::record(conn, &row.engagement_id, &correlation_id, &[told], now)
}
