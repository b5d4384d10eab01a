//! Time: handed in for work one is assigned to, and approved by somebody else.

use strata_kernel::{Date, Error, Result};

use super::not_now;

/// Minutes of a day: nobody works more.
pub const DAY_MINUTES: i64 = 1_440;

/// A range of days for which a person is assigned to a project. The range is half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Employee.
    pub employee: String,
    /// Project.
    pub project: String,
    /// First day.
    pub from: Date,
    /// First day no longer. None: open.
    pub to: Option<Date>,
}

impl Assignment {
    fn covers(&self, entry: &Submission<'_>) -> bool {
        self.employee == entry.employee
            && self.project == entry.project
            && self.from <= entry.work_date
            && self.to.is_none_or(|to| entry.work_date < to)
    }
}

/// A time entry that is handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submission<'a> {
    /// Employee who worked.
    pub employee: &'a str,
    /// Project worked on.
    pub project: &'a str,
    /// Day of the work, at the place of work.
    pub work_date: Date,
    /// Minutes worked.
    pub minutes: i64,
    /// Minutes of the person's other entries of the day, drafts and rejected ones left out.
    pub other_minutes_of_day: i64,
}

/// Lets time be handed in that is above zero, fits in its day with the person's other time ([`DAY_MINUTES`]),
/// and is covered by an assignment (confirmed ones are to be passed in) to its project on the work date.
///
/// Minutes that cannot be are `INVALID_FIELD`, work without an assignment is `INVALID_TRANSITION`. Clock times
/// that overlap are [`super::super::check_overlap`]'s, `TIME_OVERLAP`.
/// Source: the platform's transition table, guard of `submit`.
pub fn check_submission(entry: &Submission<'_>, assignments: &[Assignment]) -> Result<()> {
    if entry.minutes <= 0 {
        return Err(Error::invalid("minutes", "time that is handed in is above zero"));
    }
    let of_day = entry.minutes.saturating_add(entry.other_minutes_of_day.max(0));
    if of_day > DAY_MINUTES {
        let message = format!("{} would have {of_day} minutes on {}", entry.employee, entry.work_date);
        return Err(Error::invalid("minutes", message));
    }
    if !assignments.iter().any(|assignment| assignment.covers(entry)) {
        return Err(not_now(format!(
            "{} is not assigned to {} on {}; assign the person first",
            entry.employee, entry.project, entry.work_date
        )));
    }
    Ok(())
}

/// Refuses (`INVALID_TRANSITION`) that somebody approves the own time or expense: four eyes.
/// Source: segregation of duties, COSO Internal Control - Integrated Framework (2013), principle 10.
pub fn check_approver(worker: &str, approver: &str) -> Result<()> {
    match worker == approver {
        true => Err(not_now(format!("{worker} cannot approve what {worker} handed in"))),
        false => Ok(()),
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

    fn check(work_date: &str, minutes: i64, others: i64) -> Result<(), (&'static str, String)> {
        let entry = Submission {
            employee: "e1",
            project: "p1",
            work_date: day(work_date),
            minutes,
            other_minutes_of_day: others,
        };
        let assignment = |employee: &str, project: &str| Assignment {
            employee: employee.to_owned(),
            project: project.to_owned(),
            from: day("2025-03-01"),
            to: Some(day("2025-04-01")),
        };
        let assignments = [assignment("e2", "p1"), assignment("e1", "p2"), assignment("e1", "p1")];
        check_submission(&entry, &assignments).map_err(|error| (error.reason, error.field))
    }

    #[test]
    fn a_day_is_full_at_1440_minutes() {
        assert_eq!(check("2025-03-10", 1_440, 0), Ok(()));
        assert_eq!(check("2025-03-10", 1, 1_439), Ok(()));
        let refused = Err(("INVALID_FIELD", "minutes".to_owned()));
        for (minutes, others) in [(1_441, 0), (1, 1_440), (0, 0), (-60, 0), (i64::MAX, i64::MAX)] {
            assert_eq!(check("2025-03-10", minutes, others), refused, "{minutes} beside {others}");
        }
    }

    #[test]
    fn an_assignment_covers_the_person_the_project_and_the_day() {
        for covered in ["2025-03-01", "2025-03-31"] {
            assert_eq!(check(covered, 60, 0), Ok(()), "{covered}");
        }
        for not in ["2025-02-28", "2025-04-01"] {
            assert_eq!(check(not, 60, 0), Err((INVALID_TRANSITION, String::new())), "{not}");
        }
    }

    #[test]
    fn nobody_approves_the_own_time() {
        assert_eq!(check_approver("e1", "e2"), Ok(()));
        assert_eq!(check_approver("e1", "e1").unwrap_err().reason, INVALID_TRANSITION);
    }
}
