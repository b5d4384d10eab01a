//! Which postings may not be dated in a month any more, because somebody closes it.

use chrono::NaiveDateTime;
use strata_kernel::{Result, period_of};
use strata_store::both;

use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions::Owner;
use crate::store::rows::PostingRow;
use crate::store::rows_books::CloseRow;
use crate::store::{lite, pg};

/// The months that are frozen. Mostly none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frozen(Vec<CloseRow>);

/// Reads which months are frozen now.
pub(crate) async fn read(core: &Core) -> Result<Frozen> {
    core.db.read(|c| both!(c, closes::frozen())).await.map(Frozen)
}

impl Frozen {
    /// Whether a posting would be dated in a frozen month, and was intended after it was frozen: what was intended before is let
    /// through.
    pub(crate) fn holds(&self, row: &PostingRow) -> bool {
        let day = row.posting_date.map(period_of).unwrap_or_default();
        self.is_closed(&day, &row.legal_entity_code, row.created_at)
    }

    /// Whether a month is frozen for a legal entity, for what was intended at a time.
    pub(crate) fn is_closed(&self, period: &str, legal_entity: &str, intended_at: NaiveDateTime) -> bool {
        self.0.iter().any(|close| {
            let concerns = close.legal_entity_code.is_empty() || close.legal_entity_code == legal_entity;
            concerns && close.period == period && close.frozen_at < intended_at
        })
    }
}

/// What finance is told of a posting that cannot move out of its frozen month.
pub(crate) fn refusal(row: &PostingRow) -> Problem {
    let period = row.posting_date.map(period_of).unwrap_or_default();
    let text = format!(
        "{} is dated in {period}, which is being closed; reopen the close, or date it later",
        row.natural_key
    );
    Problem::new("PERIOD_CLOSED", "posting", &row.key, Owner::Finance, text).at("posting_date")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_intended_before_is_let_through() {
        let at = |text: &str| text.parse::<strata_kernel::Instant>().unwrap().naive_utc();
        let frozen = Frozen(vec![CloseRow {
            id: "cls_1".into(),
            legal_entity_code: "US01".into(),
            period: "2025-01".into(),
            state: "FROZEN".into(),
            version: 1,
            frozen_at: at("2025-02-03T09:00:00Z"),
            frozen_by: "eva".into(),
            frozen_subject: "eva".into(),
            signed_at: None,
            signed_by: String::new(),
            digest: String::new(),
        }]);
        let (before, after) = (at("2025-02-03T08:00:00Z"), at("2025-02-03T10:00:00Z"));
        assert!(frozen.is_closed("2025-01", "US01", after));
        for (period, entity, intended) in [
            ("2025-01", "US01", before),
            ("2025-02", "US01", after),
            ("2025-01", "DE01", after),
        ] {
            assert!(!frozen.is_closed(period, entity, intended), "{period} {entity}");
        }
    }
}
