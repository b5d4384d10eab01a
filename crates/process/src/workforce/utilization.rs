//! Worked time against what people have, by employing entity and month.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Datelike, Weekday};
use strata_contract::date;
use strata_contract::strata::master::v1::Employee;
use strata_contract::strata::process::workforce::v1::Utilization;
use strata_finance::metrics::{Capacity, Fraction};
use strata_kernel::{Date, Decimal, Error, Result, period_of};

use crate::approved::{self, Asked};
use crate::core::Core;
use crate::masters::{self, job_on};
use crate::months::Month;

/// Minutes of one entity and month.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Sum {
    capacity: i64,
    approved: i64,
    billable: i64,
}

/// By entity code and period.
type Sums = BTreeMap<(String, String), Sum>;

/// Sums by entity and month, as known on a day. `entity` empty: all.
pub(crate) async fn utilization(core: &Core, months: &[Month], entity: &str, known: Date) -> Result<Vec<Utilization>> {
    let (Some(first), Some(last)) = (months.first(), months.last()) else {
        return Ok(Vec::new());
    };
    let people = masters::everybody(core).await?;
    let mut sums = Sums::new();
    let week = Week::of(core)?;
    for person in &people {
        for month in months {
            add_capacity(&mut sums, person, month, &week)?;
        }
    }
    let by_id: HashMap<&str, &Employee> = people.iter().map(|person| (person.id.as_str(), person)).collect();
    let asked = Asked {
        from: first.first,
        to: last.last,
        known,
    };
    let mut after = String::new();
    loop {
        let page = approved::page(core, asked, &after).await?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(&last.id);
        for (entry, version) in &page {
            let job = by_id
                .get(entry.employee_id.as_str())
                .and_then(|person| job_on(person, entry.work_date));
            let employer = job.map(|job| job.legal_entity_code.clone()).unwrap_or_default();
            let sum = sums.entry((employer, period_of(entry.work_date))).or_default();
            let minutes = i64::from(version.minutes);
            sum.approved += minutes;
            sum.billable += if version.billable { minutes } else { 0 };
        }
    }
    let wanted = sums
        .into_iter()
        .filter(|((code, _), sum)| (entity.is_empty() || code == entity) && *sum != Sum::default());
    wanted.map(|((code, period), sum)| row(code, period, sum)).collect()
}

/// When people work.
struct Week {
    days: HashSet<Weekday>,
    daily_minutes: u32,
}

impl Week {
    fn of(core: &Core) -> Result<Self> {
        let days = core.settings.week();
        let days = days.ok_or_else(|| Error::internal("process.working_days was not checked"))?;
        Ok(Self {
            days: days.into_iter().collect(),
            daily_minutes: core.settings.daily_minutes,
        })
    }
}

/// Adds what a person has in a month, entity by entity: a share of full time that changes on the way counts day by day, and
/// the sum is rounded down once.
fn add_capacity(sums: &mut Sums, person: &Employee, month: &Month, week: &Week) -> Result<()> {
    let hired = person.hire_date.as_ref().map(date).transpose()?.unwrap_or(month.first);
    let left = person.termination_date.as_ref().map(date).transpose()?.unwrap_or(month.last);
    let (from, to) = (hired.max(month.first), left.min(month.last));
    // Working days by entity and share of full time.
    let mut days: BTreeMap<(&str, u32), u32> = BTreeMap::new();
    for day in from.iter_days().take_while(|day| *day <= to) {
        if !week.days.contains(&day.weekday()) {
            continue;
        }
        if let Some(job) = job_on(person, day) {
            *days.entry((&job.legal_entity_code, job.fte_percent)).or_default() += 1;
        }
    }
    let mut exact: BTreeMap<&str, Decimal> = BTreeMap::new();
    for ((entity, fte_percent), working_days) in days {
        let capacity = Capacity {
            working_days,
            daily_minutes: week.daily_minutes,
            fte_percent: Decimal::from(fte_percent),
            holiday_minutes: 0,
            leave_minutes: 0,
        };
        *exact.entry(entity).or_default() += capacity.minutes()?;
    }
    for (entity, minutes) in exact {
        let minutes = i64::try_from(minutes.floor()).map_err(Error::internal)?;
        sums.entry((entity.to_owned(), month.code())).or_default().capacity += minutes;
    }
    Ok(())
}

fn row(legal_entity_code: String, period: String, sum: Sum) -> Result<Utilization> {
    let percent = Fraction::new(sum.billable, sum.capacity).percent()?;
    Ok(Utilization {
        legal_entity_code,
        period,
        capacity_minutes: sum.capacity,
        approved_minutes: sum.approved,
        billable_minutes: sum.billable,
        billable_percent: percent.map(|percent| percent.to_string()).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::pb_date;
    use strata_contract::strata::master::v1::Employment;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn week() -> Week {
        use Weekday::{Fri, Mon, Thu, Tue, Wed};
        Week {
            days: [Mon, Tue, Wed, Thu, Fri].into(),
            daily_minutes: 480,
        }
    }

    fn person(jobs: &[(&str, &str, u32)], hired: &str, left: Option<&str>) -> Employee {
        let job = |(from, entity, fte_percent): &(&str, &str, u32)| Employment {
            effective_date: Some(pb_date(day(from))),
            legal_entity_code: (*entity).to_owned(),
            fte_percent: *fte_percent,
        };
        Employee {
            hire_date: Some(pb_date(day(hired))),
            termination_date: left.map(|left| pb_date(day(left))),
            employments: jobs.iter().map(job).collect(),
            ..Employee::default()
        }
    }

    fn capacity(person: &Employee) -> Vec<(String, i64)> {
        let mut sums = Sums::new();
        // March 2025 has 21 working days; the 3rd is a Monday.
        add_capacity(&mut sums, person, &Month::of(day("2025-03-15")), &week()).unwrap();
        sums.into_iter().map(|((entity, _), sum)| (entity, sum.capacity)).collect()
    }

    #[test]
    fn whoever_moves_within_a_month_has_time_in_both_entities() {
        let moved = person(
            &[("2024-01-01", "US01", 100), ("2025-03-17", "DE01", 100)],
            "2024-01-01",
            None,
        );
        assert_eq!(
            capacity(&moved),
            [("DE01".to_owned(), 11 * 480), ("US01".to_owned(), 10 * 480)]
        );
    }

    #[test]
    fn first_and_last_day_count_and_others_do_not() {
        let one_week = person(&[("2025-03-03", "US01", 100)], "2025-03-03", Some("2025-03-07"));
        assert_eq!(capacity(&one_week), [("US01".to_owned(), 5 * 480)]);
        let gone = person(&[("2024-01-01", "US01", 100)], "2024-01-01", Some("2025-02-28"));
        assert_eq!(capacity(&gone), []);
        let not_yet = person(&[("2025-04-01", "US01", 100)], "2025-04-01", None);
        assert_eq!(capacity(&not_yet), []);
    }

    #[test]
    fn a_share_of_full_time_is_rounded_down_once_a_month() {
        // 10 days at 33 % and 11 at 67 %: 1584 + 3537.6 minutes.
        let changed = person(&[("2024-01-01", "US01", 33), ("2025-03-17", "US01", 67)], "2024-01-01", None);
        assert_eq!(capacity(&changed), [("US01".to_owned(), 5121)]);
    }

    #[test]
    fn without_capacity_there_is_no_ratio() {
        let sum = Sum {
            capacity: 0,
            approved: 60,
            billable: 60,
        };
        assert_eq!(row("US01".into(), "2025-03".into(), sum).unwrap().billable_percent, "");
        let sum = Sum { capacity: 90, ..sum };
        assert_eq!(row("US01".into(), "2025-03".into(), sum).unwrap().billable_percent, "66.7");
    }
}
