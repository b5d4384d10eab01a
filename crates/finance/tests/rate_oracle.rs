//! The indexed resolution against the rule written out over all lines.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use strata_finance::rates::{Beaten, RateBook, RateLevel, RateLine, RateQuestion, RateUnit, Recorded, explain, resolve};
use strata_kernel::{Currency, Date, Decimal, Reason};

const KEYS: [&str; 2] = ["k1", "k2"];
const ROLES: [&str; 3] = ["analyst", "partner", "*"];
const CODES: [&str; 2] = ["EUR", "USD"];

fn day(number: u64) -> Date {
    Date::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(number)
}

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(from).prop_map(str::to_owned)
}

fn line() -> impl Strategy<Value = RateLine> {
    (
        (
            prop::sample::select(&RateLevel::ORDER[..]),
            pick(&KEYS),
            pick(&ROLES),
            pick(&CODES),
        ),
        (
            prop::option::weighted(0.2, pick(&["u1", "u2"])),
            prop::option::weighted(0.2, pick(&KEYS)),
        ),
        (0_u64..12, prop::option::weighted(0.4, 1_u64..8), 0_u64..12),
        (
            prop::bool::weighted(0.3),
            prop::bool::weighted(0.2),
            prop::bool::weighted(0.1),
        ),
    )
        .prop_map(
            |((level, level_key, role, code), (org_unit, scope), (from, length, recorded), flags)| RateLine {
                id: String::new(),
                level,
                level_key,
                role,
                org_unit,
                scope,
                currency: Currency::parse(&code).unwrap(),
                rate: Decimal::ONE,
                unit: RateUnit::HOUR,
                from: day(from),
                to: length.map(|length| day(from + length)),
                recorded: Recorded::On(day(recorded)),
                amendment: flags.0.then(|| "AM".to_owned()),
                overrides: flags.1,
                retroactive: flags.2,
            },
        )
}

/// The rule, told over all lines at once: what is known, with ends drawn in, ranked, and the best counted.
fn told(lines: &[RateLine], question: &RateQuestion<'_>) -> Result<String, Reason> {
    let known: Vec<&RateLine> = lines
        .iter()
        .filter(|line| {
            let until = match (line.amendment.is_some() || line.retroactive, question.cards_known_on) {
                (false, Some(cards)) if cards < question.known_on => cards,
                _ => question.known_on,
            };
            line.recorded.day() <= until
        })
        .collect();
    let end = |line: &RateLine| {
        known
            .iter()
            .filter(|by| by.amendment.is_some())
            .filter(|by| {
                (by.level, &by.level_key, &by.role, by.currency, &by.org_unit, &by.scope)
                    == (
                        line.level,
                        &line.level_key,
                        &line.role,
                        line.currency,
                        &line.org_unit,
                        &line.scope,
                    )
            })
            .filter(|by| by.from > line.from || (by.from == line.from && line.amendment.is_none()))
            .map(|by| by.from)
            .chain(line.to)
            .min()
    };
    let about = |line: &RateLine| {
        let key = match line.level {
            RateLevel::Contract => question.contract,
            RateLevel::Project => question.project,
            RateLevel::Customer => question.customer,
            RateLevel::Standard => question.entity,
        };
        line.level_key == key
            && (line.role == question.role || line.role == "*")
            && (line.org_unit.is_none() || line.org_unit.as_deref() == question.org_unit)
            && (line.scope.is_none() || line.scope.as_deref() == Some(question.contract))
            && line.from <= question.work_date
    };
    let mut ranked: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    let mut elsewhere = false;
    for line in known.iter().filter(|line| about(line)) {
        if line.currency != question.currency {
            elsewhere |= line.to.is_none_or(|to| question.work_date < to);
        } else if end(line).is_none_or(|end| question.work_date < end) {
            let raised = line.amendment.is_some() || line.overrides;
            let rank = (
                line.level,
                line.role == "*",
                line.org_unit.is_none(),
                !raised,
                line.scope.is_none(),
            );
            ranked.entry(rank).or_default().push(&line.id);
        }
    }
    match ranked.into_values().next().as_deref() {
        Some([id]) => Ok((*id).to_owned()),
        Some(_) => Err("RATE_AMBIGUOUS"),
        None if elsewhere => Err("RATE_CURRENCY_MISMATCH"),
        None => Err("RATE_NOT_FOUND"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn resolution_agrees_with_the_rule_written_out(
        mut lines in prop::collection::vec(line(), 0..25),
        role in pick(&["analyst", "partner"]),
        unit in prop::option::of(pick(&["u1", "u2"])),
        code in pick(&CODES),
        days in (0_u64..16, 0_u64..16, prop::option::weighted(0.3, 0_u64..16)),
    ) {
        for (index, line) in lines.iter_mut().enumerate() {
            line.id = format!("R{index}");
        }
        let question = RateQuestion {
            contract: "k1",
            project: "k1",
            customer: "k1",
            entity: "k1",
            role: &role,
            org_unit: unit.as_deref(),
            currency: Currency::parse(&code).unwrap(),
            work_date: day(days.0),
            known_on: day(days.1),
            cards_known_on: days.2.map(day),
        };
        let found = |lines: Vec<RateLine>| {
            let book = RateBook::try_new(lines).unwrap();
            resolve(&question, &book).map(|found| found.line_id).map_err(|error| error.reason)
        };
        let expected = told(&lines, &question);
        prop_assert_eq!(found(lines.clone()), expected.clone());
        let explained = explain(&question, &RateBook::try_new(lines.clone()).unwrap());
        if let Ok(explained) = &explained {
            let rivals = lines.iter().filter(|line| {
                line.level_key == "k1" && (line.role == "*" || line.role == role) && line.id != explained.resolved.line_id
            });
            prop_assert_eq!(explained.beaten.len(), rivals.count(), "every rival is named once");
            // Without the winner, whatever was said to be out of the race stays out of it.
            let others: Vec<RateLine> = lines.iter().filter(|line| line.id != explained.resolved.line_id).cloned().collect();
            if let Ok(next) = told(&others, &question) {
                let why = explained.beaten.iter().find(|line| line.line_id == next).map(|line| &line.why);
                let out = matches!(why, None | Some(
                    Beaten::OtherCurrency(_) | Beaten::NotKnownYet(_) | Beaten::NotBegun(_) | Beaten::Ended(_)
                        | Beaten::OtherUnit(_) | Beaten::OtherContract(_)
                ));
                prop_assert!(!out, "{} would have won, but lost by {:?}", next, why);
            }
        }
        prop_assert_eq!(explained.map(|found| found.resolved.line_id).map_err(|error| error.reason), expected.clone());
        lines.reverse();
        prop_assert_eq!(found(lines), expected, "the order of the lines decides nothing");
    }
}
