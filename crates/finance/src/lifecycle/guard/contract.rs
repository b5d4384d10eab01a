//! Contracts: complete before they are signed, and settled before they are done.

use strata_kernel::{Date, Error, Money, Result};

use super::not_now;
use crate::amount::difference;
use crate::rates::{RateBook, RateQuestion, resolve};

/// A role that the contract will need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedRole<'a> {
    /// Role.
    pub role: &'a str,
    /// Project it is planned on.
    pub project: &'a str,
    /// First day it is planned for.
    pub from: Date,
}

/// A draft contract that is about to be signed.
#[derive(Debug, Clone, Copy)]
pub struct Signing<'a> {
    /// Price, or the value that time is expected to have; its currency is the contract's. None: not agreed.
    pub price: Option<Money>,
    /// Customer that invoices are addressed to. Empty: not known.
    pub bill_to: &'a str,
    /// Whom rates are asked for: contract, customer, contracting entity (empty: not known), currency, and what is
    /// known on the day of signing. Role, project and work date are those of each planned role.
    pub asking: RateQuestion<'a>,
    /// Roles that bill by the hour. None are needed for a fixed fee.
    pub roles: &'a [PlannedRole<'a>],
}

/// Lets a contract be signed that has a price, a contracting entity, a bill-to party, and a rate for every planned role
/// on its first day.
///
/// What is missing is `INVALID_FIELD` with its field, a price in another currency too; a role without one rate is refused
/// as [`resolve`] refuses it (`RATE_NOT_FOUND`, `RATE_AMBIGUOUS`, `RATE_CURRENCY_MISMATCH`).
/// Source: a contract identifies rights and payment terms, IFRS 15.9(b)-(c), ASC 606-10-25-1.
pub fn check_signing(signing: &Signing<'_>, rates: &RateBook) -> Result<()> {
    let Some(price) = signing.price else {
        return Err(Error::invalid("price", "no price is agreed"));
    };
    if price.currency != signing.asking.currency {
        let message = format!("a price in {} in a contract in {}", price.currency, signing.asking.currency);
        return Err(Error::invalid("currency", message));
    }
    for (field, value) in [("entity", signing.asking.entity), ("bill_to", signing.bill_to)] {
        if value.is_empty() {
            return Err(Error::invalid(field, "the contract needs this before it is signed"));
        }
    }
    for planned in signing.roles {
        let question = RateQuestion {
            role: planned.role,
            project: planned.project,
            work_date: planned.from,
            ..signing.asking
        };
        resolve(&question, rates)?;
    }
    Ok(())
}

/// A contract at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completion {
    /// Approved work that is not billed, at sales value.
    pub unbilled_approved: Money,
    /// Milestones that are not invoiced.
    pub open_milestones: usize,
    /// Cumulative revenue.
    pub revenue: Money,
    /// Transaction price.
    pub transaction_price: Money,
}

/// Lets a contract be completed of which nothing is left to bill, to accept or to earn: cumulative revenue is the
/// transaction price. Anything else is `INVALID_TRANSITION`, amounts in two currencies `RATE_CURRENCY_MISMATCH`.
/// Source: revenue is recognised as obligations are satisfied, all of it at the end, IFRS 15.31, ASC 606-10-25-23.
pub fn check_completion(completion: &Completion) -> Result<()> {
    if completion.unbilled_approved.minor != 0 {
        return Err(not_now(format!(
            "{} are approved and not billed",
            completion.unbilled_approved
        )));
    }
    if completion.open_milestones > 0 {
        return Err(not_now(format!("{} milestones are open", completion.open_milestones)));
    }
    let left = difference(completion.transaction_price, completion.revenue)?;
    if left.minor != 0 {
        return Err(not_now(format!("{left} of the price are not earned yet")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rates::{RateLevel, RateLine, RateUnit, Recorded};
    use crate::reason;
    use strata_kernel::{Currency, Decimal};

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn asking<'a>() -> RateQuestion<'a> {
        RateQuestion {
            contract: "CT-1",
            project: "",
            customer: "C1",
            entity: "DE01",
            role: "",
            org_unit: None,
            currency: eur(0).currency,
            work_date: day("2025-01-01"),
            known_on: day("2025-01-01"),
            cards_known_on: None,
        }
    }

    fn book() -> RateBook {
        let line = RateLine {
            id: "r1".to_owned(),
            level: RateLevel::Standard,
            level_key: "DE01".to_owned(),
            role: "dev".to_owned(),
            org_unit: None,
            scope: None,
            currency: eur(0).currency,
            rate: Decimal::from(100),
            unit: RateUnit::HOUR,
            from: day("2025-02-01"),
            to: None,
            recorded: Recorded::On(day("2024-12-01")),
            amendment: None,
            overrides: false,
            retroactive: false,
        };
        RateBook::try_new([line]).unwrap()
    }

    #[test]
    fn is_signed_with_everything_it_needs() {
        let planned = |role, from| PlannedRole {
            role,
            project: "p1",
            from: day(from),
        };
        let roles = [planned("dev", "2025-02-01")];
        let whole = Signing {
            price: Some(eur(100)),
            bill_to: "C1",
            asking: asking(),
            roles: &roles,
        };
        let refused = |signing: Signing<'_>| check_signing(&signing, &book()).unwrap_err();
        assert_eq!(check_signing(&whole, &book()), Ok(()));
        assert_eq!(refused(Signing { price: None, ..whole }).field, "price");
        assert_eq!(refused(Signing { bill_to: "", ..whole }).field, "bill_to");
        let mut nobody = asking();
        nobody.entity = "";
        assert_eq!(refused(Signing { asking: nobody, ..whole }).field, "entity");
        let usd = Money::zero(Currency::parse("USD").unwrap());
        assert_eq!(
            refused(Signing {
                price: Some(usd),
                ..whole
            })
            .field,
            "currency"
        );
        let early = [planned("dev", "2025-01-31")];
        assert_eq!(refused(Signing { roles: &early, ..whole }).reason, reason::RATE_NOT_FOUND);
        assert_eq!(
            check_signing(&Signing { roles: &[], ..whole }, &book()),
            Ok(()),
            "a fixed fee"
        );
    }

    #[test]
    fn is_completed_when_nothing_is_left() {
        let done = Completion {
            unbilled_approved: eur(0),
            open_milestones: 0,
            revenue: eur(500),
            transaction_price: eur(500),
        };
        let refused = |completion: Completion| check_completion(&completion).unwrap_err().reason;
        assert_eq!(check_completion(&done), Ok(()));
        let unbilled = Completion {
            unbilled_approved: eur(1),
            ..done
        };
        let open = Completion {
            open_milestones: 1,
            ..done
        };
        let unearned = Completion {
            revenue: eur(499),
            ..done
        };
        for left in [unbilled, open, unearned] {
            assert_eq!(refused(left), reason::INVALID_TRANSITION, "{left:?}");
        }
    }
}
