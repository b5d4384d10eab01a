//! Cases of `time_rounding.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::hours::{ClockMode, ClockRounding, HoursRounding, round_clock, round_hours, sum_rounded_hours};
use strata_finance::rounding::{RoundingMode, TimeRounding, after_write_down};
use strata_kernel::{Error, Result};

use crate::given::{Dec, Operation, count, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("billable_minutes", |given| run(given, minutes)),
    ("round_clock", |given| run(given, clock)),
    ("round_hours", |given| run(given, hours)),
    ("sum_rounded_hours", |given| run(given, hours_sum)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Minutes {
    minutes: i64,
    mode: String,
    #[serde(default)]
    increment_minutes: i64,
    #[serde(default)]
    minimum_minutes: i64,
    #[serde(default)]
    write_down_minutes: i64,
}

fn minutes(given: Minutes) -> Result<Value> {
    let rule = TimeRounding {
        minimum_minutes: count("minimum_minutes", given.minimum_minutes)?,
        increment_minutes: count("increment_minutes", given.increment_minutes)?,
        mode: RoundingMode::parse(&given.mode)?,
    };
    let write_down = count("write_down_minutes", given.write_down_minutes)?;
    Ok(json!({"billable_minutes": after_write_down(given.minutes, rule, write_down)?}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    begin: String,
    end: String,
    mode: String,
    #[serde(default)]
    begin_minutes: i64,
    #[serde(default)]
    end_minutes: i64,
    #[serde(default)]
    duration_minutes: i64,
}

fn clock(given: Clock) -> Result<Value> {
    let rule = ClockRounding {
        mode: ClockMode::parse(&given.mode)?,
        begin_minutes: count("begin_minutes", given.begin_minutes)?,
        end_minutes: count("end_minutes", given.end_minutes)?,
        duration_minutes: count("duration_minutes", given.duration_minutes)?,
    };
    let time = |text: &str| {
        text.parse()
            .map_err(|_| Error::invalid("time", format!("\"{text}\" is no clock time")))
    };
    let span = round_clock(time(&given.begin)?, time(&given.end)?, rule)?;
    Ok(json!({"begin": span.begin.to_string(), "end": span.end.to_string(), "seconds": span.seconds}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    #[serde(default)]
    hours: Option<Dec>,
    #[serde(default)]
    entries: Vec<Dec>,
    #[serde(default = "as_worked")]
    factor_percent: Dec,
    unit: Dec,
    mode: String,
}

fn as_worked() -> Dec {
    Dec(100.into())
}

impl Hours {
    fn rule(&self) -> Result<HoursRounding> {
        Ok(HoursRounding {
            factor_percent: self.factor_percent.0,
            unit: self.unit.0,
            mode: RoundingMode::parse(&self.mode)?,
        })
    }
}

fn hours(given: Hours) -> Result<Value> {
    let hours = given.hours.ok_or_else(|| Error::invalid("hours", "there are no hours"))?;
    Ok(json!({"hours": round_hours(hours.0, given.rule()?)?.to_string()}))
}

fn hours_sum(given: Hours) -> Result<Value> {
    let entries: Vec<_> = given.entries.iter().map(|entry| entry.0).collect();
    let sum = sum_rounded_hours(&entries, given.rule()?)?;
    Ok(json!({"raw_hours": sum.raw.to_string(), "billable_hours": sum.billable.to_string()}))
}
