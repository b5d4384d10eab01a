//! What the rules of rates answer, topic by topic.
#![allow(clippy::unwrap_used)]

mod explained;
mod known;
mod level;
mod refused;

use super::*;
use crate::reason;
use strata_kernel::Reason;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A line in EUR, known since 2024-12-20. The id is the rate, so that tests read as prices.
fn line(level: RateLevel, role: &str, rate: i64, from: &str, to: Option<&str>) -> RateLine {
    let level_key = match level {
        RateLevel::Contract => "CT-1",
        RateLevel::Project => "PR-1",
        RateLevel::Customer => "CU-1",
        RateLevel::Standard => "DE01",
    };
    RateLine {
        id: rate.to_string(),
        level,
        level_key: level_key.to_owned(),
        role: role.to_owned(),
        org_unit: None,
        scope: None,
        currency: Currency::parse("EUR").unwrap(),
        rate: Decimal::from(rate),
        unit: RateUnit::HOUR,
        from: day(from),
        to: to.map(day),
        recorded: Recorded::On(day("2024-12-20")),
        amendment: None,
        overrides: false,
        retroactive: false,
    }
}

fn amended(role: &str, rate: i64, from: &str, signed: &str) -> RateLine {
    RateLine {
        amendment: Some(format!("AM-{rate}")),
        recorded: Recorded::On(day(signed)),
        ..line(RateLevel::Contract, role, rate, from, None)
    }
}

fn overriding(rate: i64, from: &str, to: &str, scope: Option<&str>) -> RateLine {
    RateLine {
        overrides: true,
        scope: scope.map(str::to_owned),
        ..line(RateLevel::Standard, "consultant", rate, from, Some(to))
    }
}

fn question<'a>(role: &'a str, work_date: &str, known_on: &str) -> RateQuestion<'a> {
    RateQuestion {
        contract: "CT-1",
        project: "PR-1",
        customer: "CU-1",
        entity: "DE01",
        role,
        org_unit: None,
        currency: Currency::parse("EUR").unwrap(),
        work_date: day(work_date),
        known_on: day(known_on),
        cards_known_on: None,
    }
}

fn ask(lines: &[RateLine], question: &RateQuestion<'_>) -> Result<i64, Reason> {
    let book = RateBook::try_new(lines.iter().cloned()).unwrap();
    resolve(question, &book)
        .map(|found| found.line_id.parse().unwrap())
        .map_err(|error| error.reason)
}

/// The rate of a consultant with everything known.
fn rate(lines: &[RateLine], work_date: &str) -> Result<i64, Reason> {
    ask(lines, &question("consultant", work_date, "2030-01-01"))
}
