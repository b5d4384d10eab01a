//! What is done once for each month, on a day of the month after.

use chrono::{Datelike, Months, NaiveTime};
use strata_kernel::{Date, Error, Instant, Result, month_of};
use strata_store::both;

use crate::core::Core;
use crate::engine::{self, NewRun};
use crate::store::{lite, pg};

/// The next day of a schedule whose hour has come and that was not worked. What lay before the platform was there is not its
/// business: the first look only remembers where it stands. Whoever works the day stores it under `cursor`.
pub(crate) async fn due(core: &Core, cursor: &'static str, day: u32) -> Result<Option<Date>> {
    let latest = latest(day, core.settings.billing_hour, core.now());
    let held = core.db.read(move |c| both!(c, cursors::get(cursor))).await?;
    let Some(last) = held.map(|held| held.parse::<Date>().map_err(Error::internal)).transpose()? else {
        core.db
            .write(move |c| both!(c, cursors::put(cursor, &latest.to_string())).map(|_| ()))
            .await?;
        return Ok(None);
    };
    if last >= latest {
        return Ok(None);
    }
    let next = last
        .checked_add_months(Months::new(1))
        .ok_or_else(|| Error::internal("the calendar ends"))?;
    // The day of the schedule may have been set anew since.
    Ok(next.with_day(day).filter(|next| *next <= latest))
}

/// Stores the runs of a day of a schedule, and the day with them. Returns how much work that was: even a month without runs is some, as
/// there may be another month behind it.
pub(crate) async fn worked(core: &Core, cursor: &'static str, day: Date, runs: Vec<NewRun>) -> Result<u64> {
    let (now, count) = (core.now(), runs.len() as u64);
    core.db
        .write(move |c| {
            runs.iter().try_for_each(|run| engine::insert(c, run, now).map(|_| ()))?;
            both!(c, cursors::put(cursor, &day.to_string())).map(|_| ())
        })
        .await?;
    Ok(count + 1)
}

/// Last day of the month before a day.
pub(crate) fn month_before(day: Date) -> Date {
    month_of(day.checked_sub_months(Months::new(1)).unwrap_or(day)).1
}

/// The last day of the schedule whose hour has come.
fn latest(day: u32, hour: u32, now: Instant) -> Date {
    let this_month = now.date_naive().with_day(day).unwrap_or(now.date_naive());
    let hour = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    if this_month.and_time(hour).and_utc() <= now {
        return this_month;
    }
    this_month.checked_sub_months(Months::new(1)).unwrap_or(this_month)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_day_is_due_when_its_hour_has_come() {
        let on = |text: &str| latest(5, 18, text.parse().unwrap()).to_string();
        assert_eq!(on("2025-02-05T17:59:59Z"), "2025-01-05");
        assert_eq!(on("2025-02-05T18:00:00Z"), "2025-02-05");
        assert_eq!(on("2025-01-01T00:00:00Z"), "2024-12-05");
    }

    #[test]
    fn a_day_is_about_the_month_before() {
        let before = |text: &str| month_before(text.parse().unwrap()).to_string();
        assert_eq!(before("2025-03-05"), "2025-02-28");
        assert_eq!(before("2025-01-28"), "2024-12-31");
    }
}
