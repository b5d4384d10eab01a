//! People: employed on the days they work, assigned while they are, and not beyond what they can do.

use strata_kernel::{Date, Error, Result};

use super::not_now;

/// The days on which somebody is employed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Employed {
    /// First day.
    pub hired_on: Date,
    /// Last day. None: open.
    pub terminated_on: Option<Date>,
}

impl Employed {
    fn on(self, day: Date) -> bool {
        self.hired_on <= day && self.terminated_on.is_none_or(|last| day <= last)
    }
}

/// Refuses (`INVALID_FIELD`) a work date before a person was hired or after the termination.
/// Source: the platform's transition table, effect of `terminate`.
pub fn check_employed(employed: Employed, work_date: Date) -> Result<()> {
    match employed.on(work_date) {
        true => Ok(()),
        false => Err(Error::invalid(
            "work_date",
            format!("the person is not employed on {work_date}; ask HR when that is wrong"),
        )),
    }
}

/// What an assignment asks of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staffing {
    /// First day.
    pub from: Date,
    /// First day no longer. None: open.
    pub to: Option<Date>,
    /// Minutes that are allocated in the range.
    pub allocated_minutes: i64,
    /// Minutes that the person can work in the range, less what other assignments took.
    pub capacity_minutes: i64,
}

/// Lets a person be assigned for days on which the person is employed, and says whether that is more than the person can
/// do (true: overbooked), which warns and keeps nobody from it.
///
/// A range without a day and minutes below zero are `INVALID_FIELD`; a range that the employment does not cover is
/// `INVALID_TRANSITION`. An open range may outlast the employment: the termination ends it ([`end_of_assignment`]).
/// Source: the platform's transition table, guard of `confirm`.
pub fn check_assignment(staffing: &Staffing, employed: Employed) -> Result<bool> {
    if staffing.allocated_minutes < 0 {
        return Err(Error::invalid("allocated_minutes", "minutes cannot be below zero"));
    }
    let last = match staffing.to {
        Some(to) if to <= staffing.from => return Err(Error::invalid("to", "an assignment has a day at least")),
        Some(to) => to.pred_opt().unwrap_or(to),
        None => staffing.from,
    };
    if !employed.on(staffing.from) || !employed.on(last) {
        return Err(not_now("the person is not employed for the whole assignment"));
    }
    Ok(staffing.allocated_minutes > staffing.capacity_minutes)
}

/// How an assignment that is not wanted any more ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssignmentEnd {
    /// It never was: nobody booked time on it.
    Cancelled,
    /// It was, up to this day (the first one that it does not cover).
    Ended(Date),
}

/// Ends an assignment from a day on: cancelled when no time is booked on it, ended when there is. A termination ends the
/// assignments of the person the same way, from the day after the last. `booked_until` is the last work date on it.
///
/// Booked time after the end is `INVALID_TRANSITION`: that time is moved or rejected first.
/// Source: the platform's transition table, effect of `cancel`.
pub fn end_of_assignment(from: Date, booked_until: Option<Date>) -> Result<AssignmentEnd> {
    match booked_until {
        None => Ok(AssignmentEnd::Cancelled),
        Some(last) if last < from => Ok(AssignmentEnd::Ended(from)),
        Some(last) => Err(not_now(format!("time is booked on {last}, after the end on {from}"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason::INVALID_TRANSITION;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn employed() -> Employed {
        Employed {
            hired_on: day("2025-01-01"),
            terminated_on: Some(day("2025-06-30")),
        }
    }

    #[test]
    fn works_from_the_first_day_to_the_last() {
        for held in ["2025-01-01", "2025-06-30"] {
            assert_eq!(check_employed(employed(), day(held)), Ok(()), "{held}");
        }
        for not in ["2024-12-31", "2025-07-01"] {
            assert_eq!(check_employed(employed(), day(not)).unwrap_err().field, "work_date", "{not}");
        }
    }

    #[test]
    fn is_assigned_while_employed_and_warned_of_too_much() {
        let check = |from: &str, to: Option<&str>, allocated_minutes| {
            let staffing = Staffing {
                from: day(from),
                to: to.map(day),
                allocated_minutes,
                capacity_minutes: 480,
            };
            check_assignment(&staffing, employed()).map_err(|error| error.reason)
        };
        assert_eq!(check("2025-06-01", Some("2025-07-01"), 480), Ok(false), "up to the last day");
        assert_eq!(check("2025-06-01", Some("2025-07-01"), 481), Ok(true));
        assert_eq!(check("2025-06-01", None, 0), Ok(false));
        assert_eq!(check("2025-06-01", Some("2025-07-02"), 0), Err(INVALID_TRANSITION));
        assert_eq!(check("2024-12-31", None, 0), Err(INVALID_TRANSITION));
        assert_eq!(check("2025-06-01", Some("2025-06-01"), 0), Err("INVALID_FIELD"));
        assert_eq!(check("2025-06-01", None, -1), Err("INVALID_FIELD"));
    }

    #[test]
    fn an_assignment_with_time_is_ended_and_not_cancelled() {
        let end = |booked: Option<&str>| end_of_assignment(day("2025-04-01"), booked.map(day));
        assert_eq!(end(None).unwrap(), AssignmentEnd::Cancelled);
        assert_eq!(end(Some("2025-03-31")).unwrap(), AssignmentEnd::Ended(day("2025-04-01")));
        assert_eq!(end(Some("2025-04-01")).unwrap_err().reason, INVALID_TRANSITION);
    }
}
