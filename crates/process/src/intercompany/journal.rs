//! The journals of a charge: what the one company sells, and the same as what it costs the other.

use strata_contract::strata::system::erp::v1 as erp;
use strata_contract::strata::system::erp::v1::journal_line::Side as Booked;
use strata_contract::{pb_date, pb_money};
use strata_finance::fx::ExchangeRates;
use strata_kernel::{Currency, Date, Decimal, Error, Money, Result};

use super::compute::Target;
use super::schedule::Input;
use crate::billing::exchange;
use crate::core::Core;
use crate::engine::{Problem, Stop};
use crate::exceptions::Owner;
use crate::masters;
use crate::store::rows::ChargeRow;
use crate::xrefs;

/// Whose books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Those of the company that employs the people.
    Delivering,
    /// Those of the company that signed the contract.
    Contracting,
}

impl Side {
    pub(super) fn step(self) -> &'static str {
        match self {
            Self::Delivering => "post-delivering",
            Self::Contracting => "post-contracting",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Delivering => "delivering",
            Self::Contracting => "contracting",
        }
    }

    fn entity(self, target: &Target) -> &str {
        match self {
            Self::Delivering => &target.delivering,
            Self::Contracting => &target.contracting,
        }
    }

    /// What is debited and what is credited when work is charged.
    fn accounts(self) -> (erp::AccountKind, erp::AccountKind) {
        match self {
            Self::Delivering => (
                erp::AccountKind::IntercompanyReceivable,
                erp::AccountKind::IntercompanyRevenue,
            ),
            Self::Contracting => (erp::AccountKind::IntercompanyCost, erp::AccountKind::IntercompanyPayable),
        }
    }
}

/// Key of a journal, in the ledger and at the vendor: "ic:IN01:DE01:2025-03:delivering".
pub(super) fn key(target: &Target, period: &str, side: Side) -> String {
    key_of(&target.delivering, &target.contracting, period, side)
}

/// As [`key`], by codes of the companies.
pub(super) fn key_of(delivering: &str, contracting: &str, period: &str, side: Side) -> String {
    format!("ic:{delivering}:{contracting}:{period}:{}", side.word())
}

/// The journal with our ids, on the last day of the month that is charged: two lines per month of the work. What is taken back
/// stands on the other side.
pub(super) fn body(target: &Target, rows: &[ChargeRow], side: Side, input: &Input, fx_rate: Decimal) -> Result<erp::Journal> {
    let currency = target.currency()?;
    let (debit, credit) = side.accounts();
    let line = |account: erp::AccountKind, amount: Money, row: &ChargeRow| erp::JournalLine {
        account: account.into(),
        memo: format!("{} work of {}", target.name(), row.work_period),
        side: Some(if amount.minor < 0 {
            Booked::Credit(pb_money(amount.negated()))
        } else {
            Booked::Debit(pb_money(amount))
        }),
        ..erp::JournalLine::default()
    };
    let charged = rows.iter().filter(|row| row.minor_units != 0);
    let lines = charged.flat_map(|row| {
        let amount = Money::new(row.minor_units, currency);
        [line(debit, amount, row), line(credit, amount.negated(), row)]
    });
    Ok(erp::Journal {
        legal_entity_id: side.entity(target).to_owned(),
        posting_date: Some(pb_date(input.month_end)),
        period: input.period(),
        currency_code: currency.code().to_owned(),
        fx_rate: fx_rate.normalize().to_string(),
        memo: format!("{} until {}", target.name(), input.period()),
        lines: lines.collect(),
        original_period: String::new(),
    })
}

/// The rate from the currency of the charge to that of the books, on the last day of the month that is charged: a journal that is
/// posted later keeps it.
pub(super) async fn fx_rate(core: &Core, target: &Target, side: Side, day: Date) -> Result<Decimal, Stop> {
    let code = side.entity(target);
    let reference = masters::reference(core).await?;
    let entity = reference.legal_entities.iter().find(|entity| entity.code == code);
    let entity = entity.ok_or_else(|| Error::not_found("legal entity", code))?;
    let (from, to) = (
        target.currency()?,
        Currency::parse(&entity.functional_currency_code).map_err(Error::from)?,
    );
    let held: ExchangeRates = exchange::rates(core, to, std::iter::once((from, day))).await?;
    let held = held.pick(from, to, day, entity.fx_max_age_days);
    let held = held.map_err(|refusal| Problem::of(&refusal, "legal_entity", code, Owner::Finance))?;
    Ok(held.rate)
}

/// Puts the ERP's ids in.
pub(super) async fn addressed(core: &Core, ours: erp::Journal) -> Result<erp::Journal, Stop> {
    let system = &core.systems().await?.erp;
    let entity = [ours.legal_entity_id.as_str()];
    let found = xrefs::find(core, system, xrefs::kind::LEGAL_ENTITY, entity).await?;
    let Some(id) = found.get(&ours.legal_entity_id) else {
        let code = &ours.legal_entity_id;
        let text = format!("the ERP has no legal entity {code}; the journal is posted as soon as it has");
        let problem = Problem::new("UNKNOWN_REFERENCE", "legal_entity", code, Owner::Finance, text);
        return Err(problem.at("legal_entity_id").into());
    };
    Ok(erp::Journal {
        legal_entity_id: id.clone(),
        ..ours
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(work_period: &str, minor_units: i64) -> ChargeRow {
        ChargeRow {
            run_period: "2025-03".into(),
            delivering_entity_code: "IN01".into(),
            contracting_entity_code: "DE01".into(),
            work_period: work_period.into(),
            currency_code: "INR".into(),
            minutes: 0,
            minor_units,
            known_on: "2025-04-05".parse().unwrap(),
            correlation_id: "cor".into(),
        }
    }

    #[test]
    fn both_sides_mirror_each_other_and_what_is_taken_back_changes_sides() {
        let target = Target {
            delivering: "IN01".into(),
            contracting: "DE01".into(),
            currency_code: "INR".into(),
            months: Default::default(),
            unpriced: 0,
        };
        let input = Input {
            known_on: "2025-04-05".parse().unwrap(),
            month_end: "2025-03-31".parse().unwrap(),
        };
        let rows = [row("2025-02", -500), row("2025-03", 1500), row("2025-01", 0)];
        let lines = |side: Side| {
            let journal = body(&target, &rows, side, &input, Decimal::ONE).unwrap();
            let lines = journal.lines.iter().map(|line| match line.side.as_ref().unwrap() {
                Booked::Debit(amount) => (line.account(), amount.minor_units),
                Booked::Credit(amount) => (line.account(), -amount.minor_units),
            });
            (journal.legal_entity_id.clone(), lines.collect::<Vec<_>>())
        };
        use erp::AccountKind::{IntercompanyCost, IntercompanyPayable, IntercompanyReceivable, IntercompanyRevenue};
        assert_eq!(
            lines(Side::Delivering),
            (
                "IN01".to_owned(),
                vec![
                    (IntercompanyReceivable, -500),
                    (IntercompanyRevenue, 500),
                    (IntercompanyReceivable, 1500),
                    (IntercompanyRevenue, -1500)
                ]
            )
        );
        assert_eq!(
            lines(Side::Contracting),
            (
                "DE01".to_owned(),
                vec![
                    (IntercompanyCost, -500),
                    (IntercompanyPayable, 500),
                    (IntercompanyCost, 1500),
                    (IntercompanyPayable, -1500)
                ]
            )
        );
    }
}
