//! Time that is approved and on no posted invoice: the work in progress at sales value.

use strata_kernel::{Currency, Date, Decimal, Error, Money, Result};

use crate::amount::hours_amount;
use crate::lifecycle::TimeState;
use crate::ratio::overflow;

/// What of a contract line's time is ever billed by the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BillingBasis {
    /// All of it: time and material, capped, blended.
    Time,
    /// Only what exceeds the included time: retainers.
    Overage,
    /// None of it: fixed fee, expenses.
    Never,
}

impl BillingBasis {
    /// The basis of a contract type. A word that is none is `INVALID_FIELD`.
    pub fn of_contract_type(name: &str) -> Result<Self> {
        Ok(match name {
            "time" | "time_and_material" | "time_capped" | "capped" | "blended" => Self::Time,
            "retainer" | "retainer_monthly" | "retainer_prepaid" => Self::Overage,
            "fixed_fee" | "expense" => Self::Never,
            _ => {
                return Err(Error::invalid(
                    "contract_type",
                    format!("\"{name}\" is not a type of contract"),
                ));
            }
        })
    }
}

/// Where the invoice line of a time entry stands. A line that was credited is as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvoiceLine {
    /// On no invoice, or credited in full.
    None,
    /// On a draft.
    Draft,
    /// Posted, on a day if it is known.
    Posted(Option<Date>),
}

impl InvoiceLine {
    /// Where a line stands by the state of its invoice: none, `draft`, `posted` (on a day, if it is known) or
    /// `credited`. Another word is `INVALID_FIELD`.
    pub fn of_invoice(state: Option<&str>, posted_on: Option<Date>) -> Result<Self> {
        Ok(match state {
            None | Some("credited") => Self::None,
            Some("draft") => Self::Draft,
            Some("posted") => Self::Posted(posted_on),
            Some(other) => {
                return Err(Error::invalid(
                    "invoice",
                    format!("\"{other}\" is not a state of an invoice line"),
                ));
            }
        })
    }
}

/// A time entry that may wait for its invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedTime {
    /// Id.
    pub id: String,
    /// Day it was approved. None: it is not.
    pub approved_on: Option<Date>,
    /// Its state. Only what is approved counts; what is invoiced is approved, and its line says the rest.
    pub state: TimeState,
    /// Minutes that count, rounded and written down.
    pub billable_minutes: i64,
    /// Those of them that exceed a retainer's included time.
    pub overage_minutes: i64,
    /// Those of them that a cap leaves no room for.
    pub over_cap_minutes: i64,
    /// Price of an hour as known on the day of the figure.
    pub rate: Decimal,
    /// Its invoice line.
    pub invoice: InvoiceLine,
}

/// Unbilled approved time on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnbilledTime {
    /// Ids, in the order given.
    pub entries: Vec<String>,
    /// Their minutes.
    pub minutes: i64,
    /// Their price: each entry rounded by itself.
    pub amount: Money,
    /// The part of the amount whose invoice is a draft.
    pub on_draft: Money,
    /// Price of what is over a cap. Not part of the amount.
    pub over_cap: Money,
    /// Days since the oldest approval. None: there is no entry.
    pub oldest_days: Option<i64>,
}

/// Time that is approved by a day, in a state that counts, with minutes, and is on no invoice posted by then.
///
/// A draft line is still unbilled, and shown apart. What is over a cap is shown apart and not part of the amount.
/// Each entry is priced and rounded by itself.
/// Minutes are whole, amounts in minor units; nothing is rounded again. Sums beyond 64 bits are `AMOUNT_OVERFLOW`.
/// Source: right to consideration conditional on time only, IFRS 15.108, ASC 606-10-45-4.
pub fn unbilled_approved(entries: &[ApprovedTime], basis: BillingBasis, as_of: Date, currency: Currency) -> Result<UnbilledTime> {
    let nothing = Money::zero(currency);
    let mut unbilled = UnbilledTime {
        entries: Vec::new(),
        minutes: 0,
        amount: nothing,
        on_draft: nothing,
        over_cap: nothing,
        oldest_days: None,
    };
    let approved = |entry: &&ApprovedTime| matches!(entry.state, TimeState::Approved | TimeState::Invoiced);
    for entry in entries.iter().filter(approved) {
        let Some(approved_on) = entry.approved_on.filter(|day| *day <= as_of) else {
            continue;
        };
        let posted = match entry.invoice {
            InvoiceLine::Posted(day) => day.is_none_or(|day| day <= as_of),
            InvoiceLine::None | InvoiceLine::Draft => false,
        };
        let counted = match basis {
            BillingBasis::Time => entry.billable_minutes,
            BillingBasis::Overage => entry.overage_minutes,
            BillingBasis::Never => 0,
        };
        if posted || counted <= 0 {
            continue;
        }
        let price = |minutes| hours_amount(entry.rate, minutes, Decimal::ONE_HUNDRED, Decimal::ZERO, currency);
        let over_cap = entry.over_cap_minutes.clamp(0, counted);
        unbilled.over_cap = unbilled.over_cap.plus(price(over_cap)?)?;
        if over_cap == counted {
            continue;
        }
        let amount = price(counted - over_cap)?;
        unbilled.amount = unbilled.amount.plus(amount)?;
        if entry.invoice == InvoiceLine::Draft {
            unbilled.on_draft = unbilled.on_draft.plus(amount)?;
        }
        unbilled.minutes = unbilled.minutes.checked_add(counted - over_cap).ok_or_else(overflow)?;
        unbilled.oldest_days = unbilled.oldest_days.max(Some((as_of - approved_on).num_days()));
        unbilled.entries.push(entry.id.clone());
    }
    Ok(unbilled)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn entry() -> ApprovedTime {
        ApprovedTime {
            id: "e".to_owned(),
            approved_on: Some(day("2025-05-31")),
            state: TimeState::Approved,
            billable_minutes: 120,
            overage_minutes: 30,
            over_cap_minutes: 0,
            rate: Decimal::from(100),
            invoice: InvoiceLine::None,
        }
    }

    fn figure(entry: ApprovedTime, basis: BillingBasis) -> (i64, i64, i64) {
        let usd = Currency::parse("USD").unwrap();
        let unbilled = unbilled_approved(&[entry], basis, day("2025-05-31"), usd).unwrap();
        (unbilled.minutes, unbilled.amount.minor, unbilled.over_cap.minor)
    }

    #[test]
    fn the_contract_says_what_counts() {
        assert_eq!(figure(entry(), BillingBasis::Time), (120, 20_000, 0));
        assert_eq!(figure(entry(), BillingBasis::Overage), (30, 5_000, 0));
        assert_eq!(figure(entry(), BillingBasis::Never), (0, 0, 0));
        assert_eq!(BillingBasis::of_contract_type("blended").unwrap(), BillingBasis::Time);
        assert_eq!(BillingBasis::of_contract_type("gift").unwrap_err().field, "contract_type");
    }

    #[test]
    fn a_later_invoice_was_not_there_yet() {
        let posted = |on: Option<&str>| ApprovedTime {
            invoice: InvoiceLine::Posted(on.map(day)),
            ..entry()
        };
        assert_eq!(figure(posted(Some("2025-06-01")), BillingBasis::Time).0, 120);
        assert_eq!(figure(posted(Some("2025-05-31")), BillingBasis::Time).0, 0);
        assert_eq!(figure(posted(None), BillingBasis::Time).0, 0);
    }

    #[test]
    fn over_cap_is_apart() {
        let over = |over_cap_minutes| ApprovedTime {
            over_cap_minutes,
            ..entry()
        };
        assert_eq!(figure(over(30), BillingBasis::Time), (90, 15_000, 5_000));
        assert_eq!(figure(over(500), BillingBasis::Time), (0, 0, 20_000));
    }

    #[test]
    fn only_what_is_approved_waits() {
        use TimeState::{Approved, Draft, Invoiced, Rejected, Submitted, Superseded};
        let cases = [
            (Approved, 120),
            (Invoiced, 120),
            (Draft, 0),
            (Submitted, 0),
            (Rejected, 0),
            (Superseded, 0),
        ];
        for (state, minutes) in cases {
            assert_eq!(
                figure(ApprovedTime { state, ..entry() }, BillingBasis::Time).0,
                minutes,
                "{state:?}"
            );
        }
        assert_eq!(InvoiceLine::of_invoice(Some("credited"), None), Ok(InvoiceLine::None));
        assert_eq!(InvoiceLine::of_invoice(Some("lost"), None).unwrap_err().field, "invoice");
    }
}
