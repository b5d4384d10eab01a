//! Which cost rate an hour of work has.

use strata_kernel::{Currency, Date, Error, Result};

use crate::effort::HourlyRate;
use crate::reason;

/// Whom a cost rate is for. The first level with a match wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CostRateLevel {
    /// One employee.
    Employee(String),
    /// A grade in an entity.
    Grade {
        /// Code of the entity.
        entity: String,
        /// Grade.
        grade: String,
    },
    /// Everyone in an entity.
    Entity(String),
}

/// One immutable cost rate. A change is another one from its own day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostRate {
    /// Whom it is for.
    pub level: CostRateLevel,
    /// Cost of an hour.
    pub hourly: HourlyRate,
    /// First work date.
    pub from: Date,
    /// First work date it no longer costs. None: until a newer one.
    pub to: Option<Date>,
}

/// What does an hour of this person cost?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostQuestion<'a> {
    /// Employee.
    pub employee: &'a str,
    /// Code of the entity that employs the person on the work date.
    pub entity: &'a str,
    /// Grade of the person on the work date, if any.
    pub grade: Option<&'a str>,
    /// Currency of that entity.
    pub currency: Currency,
    /// Day of the work.
    pub work_date: Date,
}

/// Finds the cost rate of an hour: the employee's, else that of the grade in the entity, else the entity's. Inside a
/// level the one that began last holds.
///
/// Two that began on one day are `RATE_AMBIGUOUS`; when only rates in other currencies fit it is
/// `RATE_CURRENCY_MISMATCH` (a cost rate is never converted), and `RATE_NOT_FOUND` otherwise.
/// The rate is an exact decimal per hour, not rounded. Source: effective-dated cost rates, Dynamics 365 Project
/// Operations ("Set up labor cost rates").
pub fn resolve_cost_rate<'r>(question: &CostQuestion<'_>, rates: &'r [CostRate]) -> Result<&'r CostRate> {
    let holds = |rate: &&CostRate| {
        rate.from <= question.work_date && rate.to.is_none_or(|to| question.work_date < to) && level_of(question, rate).is_some()
    };
    let (own, foreign): (Vec<&CostRate>, Vec<&CostRate>) = rates
        .iter()
        .filter(holds)
        .partition(|rate| rate.hourly.currency == question.currency);
    let strength = |rate: &&CostRate| (level_of(question, rate), std::cmp::Reverse(rate.from));
    let Some(strongest) = own.iter().copied().min_by_key(strength) else {
        return Err(none_left(question, foreign.first().copied()));
    };
    if own.iter().filter(|rate| strength(rate) == strength(&strongest)).count() > 1 {
        return Err(Error::precondition(
            reason::RATE_AMBIGUOUS,
            format!(
                "{} has two cost rates from {} on; end one of them",
                question.employee, strongest.from
            ),
        ));
    }
    Ok(strongest)
}

/// Place of a rate's level, strongest first. None: it is not for this person.
fn level_of(question: &CostQuestion<'_>, rate: &CostRate) -> Option<u8> {
    match &rate.level {
        CostRateLevel::Employee(employee) => (employee == question.employee).then_some(0),
        CostRateLevel::Grade { entity, grade } => {
            (entity == question.entity && Some(grade.as_str()) == question.grade).then_some(1)
        }
        CostRateLevel::Entity(entity) => (entity == question.entity).then_some(2),
    }
}

fn none_left(question: &CostQuestion<'_>, foreign: Option<&CostRate>) -> Error {
    let CostQuestion { employee, work_date, .. } = question;
    match foreign {
        Some(rate) => Error::precondition(
            reason::RATE_CURRENCY_MISMATCH,
            format!(
                "{employee} has a cost rate in {} on {work_date}, but {} keeps its books in {}",
                rate.hourly.currency, question.entity, question.currency
            ),
        ),
        None => Error::precondition(
            reason::RATE_NOT_FOUND,
            format!("{employee} has no cost rate on {work_date}; enter the one that held then"),
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::Decimal;

    use super::*;

    fn rate(level: CostRateLevel, cost: i64, code: &str, from: &str) -> CostRate {
        CostRate {
            level,
            hourly: HourlyRate {
                rate: Decimal::from(cost),
                currency: Currency::parse(code).unwrap(),
            },
            from: from.parse().unwrap(),
            to: None,
        }
    }

    fn person() -> CostRateLevel {
        CostRateLevel::Employee("E1".to_owned())
    }

    fn grade() -> CostRateLevel {
        CostRateLevel::Grade {
            entity: "UK01".to_owned(),
            grade: "senior".to_owned(),
        }
    }

    fn find(rates: &[CostRate], grade: Option<&str>, day: &str) -> Result<Decimal, &'static str> {
        let question = CostQuestion {
            employee: "E1",
            entity: "UK01",
            grade,
            currency: Currency::parse("GBP").unwrap(),
            work_date: day.parse().unwrap(),
        };
        let found = resolve_cost_rate(&question, rates);
        found.map(|rate| rate.hourly.rate).map_err(|error| error.reason)
    }

    #[test]
    fn employee_then_grade_then_entity_by_work_date() {
        let mut rates = vec![
            rate(CostRateLevel::Entity("UK01".to_owned()), 50, "GBP", "2025-01-01"),
            rate(grade(), 60, "GBP", "2025-01-01"),
            rate(person(), 70, "GBP", "2025-03-01"),
            rate(person(), 75, "GBP", "2025-06-01"),
        ];
        rates[3].to = Some("2025-07-01".parse().unwrap());
        let cost = |grade, day| find(&rates, grade, day);
        assert_eq!(cost(Some("senior"), "2025-02-28"), Ok(Decimal::from(60)));
        assert_eq!(cost(Some("junior"), "2025-02-28"), Ok(Decimal::from(50)));
        assert_eq!(cost(None, "2025-03-01"), Ok(Decimal::from(70)));
        assert_eq!(cost(None, "2025-06-30"), Ok(Decimal::from(75)));
        assert_eq!(cost(None, "2025-07-01"), Ok(Decimal::from(70)));
        assert_eq!(cost(None, "2024-12-31"), Err(reason::RATE_NOT_FOUND));
    }

    #[test]
    fn refuses_two_rates_and_another_currency() {
        let twice = [rate(grade(), 60, "GBP", "2025-01-01"), rate(grade(), 60, "GBP", "2025-01-01")];
        assert_eq!(find(&twice, Some("senior"), "2025-02-01"), Err(reason::RATE_AMBIGUOUS));
        let foreign = [rate(person(), 60, "USD", "2025-01-01")];
        assert_eq!(find(&foreign, None, "2025-02-01"), Err(reason::RATE_CURRENCY_MISMATCH));
        assert_eq!(find(&[], None, "2025-02-01"), Err(reason::RATE_NOT_FOUND));
    }
}
