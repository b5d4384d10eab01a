//! Who delivers the work, and whether that makes an intercompany sale.

use strata_kernel::{Date, Error, Result};

/// A time in which an employee belongs to an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employment {
    /// Code of the employing entity.
    pub entity: String,
    /// First day.
    pub from: Date,
    /// First day it no longer holds. None: open.
    pub to: Option<Date>,
}

/// Work delivered by one entity under a contract of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Entity that employs the person who did the work: it lends, and sells inside the firm.
    pub delivering: String,
    /// Entity that signed the contract and bills the customer: it borrows.
    pub contracting: String,
}

/// Entity that employed a person **on the work date**, not today's. A day without an employment, and a day with two,
/// are `INVALID_FIELD`: everyone has one employing entity for each day employed.
///
/// Source: the resourcing unit of a booking, "Intercompany invoicing overview", Dynamics 365 Project Operations.
pub fn delivering_entity(employments: &[Employment], work_date: Date) -> Result<&str> {
    let mut held = employments
        .iter()
        .filter(|time| time.from <= work_date && time.to.is_none_or(|to| work_date < to));
    match (held.next(), held.next()) {
        (Some(only), None) => Ok(&only.entity),
        (None, _) => Err(Error::invalid(
            "work_date",
            format!("no entity employed the person on {work_date}"),
        )),
        (Some(one), Some(other)) => Err(Error::invalid(
            "work_date",
            format!("both {} and {} employed the person on {work_date}", one.entity, other.entity),
        )),
    }
}

/// The delivery from one entity to another, or nothing when the contracting entity delivers itself.
///
/// Source: "Intercompany invoicing overview", Dynamics 365 Project Operations.
pub fn delivery(delivering: &str, contracting: &str) -> Option<Delivery> {
    (delivering != contracting).then(|| Delivery {
        delivering: delivering.to_owned(),
        contracting: contracting.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn employment(entity: &str, from: &str, to: Option<&str>) -> Employment {
        Employment {
            entity: entity.to_owned(),
            from: from.parse().unwrap(),
            to: to.map(|to| to.parse().unwrap()),
        }
    }

    #[test]
    fn the_work_date_decides() {
        let history = [
            employment("US01", "2025-04-01", None),
            employment("UK01", "2024-01-01", Some("2025-04-01")),
        ];
        let on = |day: &str| delivering_entity(&history, day.parse().unwrap());
        assert_eq!(on("2025-03-31").unwrap(), "UK01");
        assert_eq!(on("2025-04-01").unwrap(), "US01");
        assert_eq!(on("2023-12-31").unwrap_err().field, "work_date");
        let twice = [history[0].clone(), employment("DE01", "2025-01-01", None)];
        let both = delivering_entity(&twice, "2025-06-01".parse().unwrap()).unwrap_err();
        assert!(both.message.contains("US01") && both.message.contains("DE01"));
    }

    #[test]
    fn nothing_is_sold_inside_one_entity() {
        assert_eq!(delivery("UK01", "UK01"), None);
        assert_eq!(delivery("UK01", "US01").unwrap().delivering, "UK01");
    }
}
