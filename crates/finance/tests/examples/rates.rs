//! Cases of `rate_resolution.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::rates::{
    ChainKind, ChainLevel, Markup, RateBook, RateLevel, RateLine, RateQuestion, RateUnit, Recorded, Revision, explain,
    price_by_chain, price_on, revise,
};
use strata_kernel::{Currency, Date, Instant, Result};

use crate::given::{Dec, Operation, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("resolve_rate", |given| run(given, resolve_rate)),
    ("rate_with_markup", |given| run(given, rate_with_markup)),
    ("rate_chain", |given| run(given, rate_chain)),
    ("price_revision", |given| run(given, price_revision)),
];

/// Names of contract, project, customer and entity where a case gives none: each level then has one card.
const ONLY: &str = "only";

/// A day, or an instant.
#[derive(Deserialize, Clone, Copy)]
#[serde(untagged)]
enum When {
    Day(Date),
    Instant(Instant),
}

impl When {
    fn recorded(self) -> Recorded {
        match self {
            Self::Day(day) => Recorded::On(day),
            Self::Instant(instant) => Recorded::At(instant),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Amendment {
    Is(bool),
    Number(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default)]
    id: Option<String>,
    level: String,
    #[serde(default, alias = "level_id", alias = "key")]
    level_key: Option<String>,
    role: String,
    #[serde(default)]
    org_unit: Option<String>,
    #[serde(default, alias = "scope")]
    scope_contract: Option<String>,
    #[serde(default)]
    currency: Option<String>,
    rate: Dec,
    #[serde(default)]
    unit_hours: Option<Dec>,
    #[serde(default)]
    from: Option<Date>,
    #[serde(default)]
    to: Option<Date>,
    #[serde(default, alias = "recorded_on")]
    recorded_at: Option<When>,
    #[serde(default)]
    amendment: Option<Amendment>,
    #[serde(default, rename = "override")]
    overrides: bool,
    #[serde(default)]
    retroactive: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    work_date: Date,
    role: String,
    #[serde(default)]
    contract: Option<String>,
    #[serde(default)]
    project: Option<String>,
    #[serde(default)]
    customer: Option<String>,
    #[serde(default, alias = "contracting_entity")]
    entity: Option<String>,
    #[serde(default)]
    org_unit: Option<String>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default, alias = "known_on")]
    known_at: Option<When>,
    #[serde(default)]
    cards_known_on: Option<Date>,
    rates: Vec<Line>,
}

fn key(name: &Option<String>) -> &str {
    name.as_deref().unwrap_or(ONLY)
}

impl Question {
    fn key(&self, level: RateLevel) -> &str {
        key(match level {
            RateLevel::Contract => &self.contract,
            RateLevel::Project => &self.project,
            RateLevel::Customer => &self.customer,
            RateLevel::Standard => &self.entity,
        })
    }

    /// The currency asked for; of a question without one, that of its first line.
    fn currency(&self) -> Result<Currency> {
        let named = self.currency.as_ref().or_else(|| self.rates.first()?.currency.as_ref());
        currency_of(named.map(String::as_str))
    }

    fn line(&self, index: usize, line: &Line) -> Result<RateLine> {
        let level = RateLevel::parse(&line.level)?;
        let id = line.id.clone().unwrap_or_else(|| format!("line {}", index + 1));
        Ok(RateLine {
            level,
            level_key: line.level_key.clone().unwrap_or_else(|| self.key(level).to_owned()),
            role: line.role.clone(),
            org_unit: line.org_unit.clone(),
            scope: line.scope_contract.clone(),
            currency: line
                .currency
                .as_ref()
                .map_or_else(|| self.currency(), |code| Ok(Currency::parse(code)?))?,
            rate: line.rate.0,
            unit: line
                .unit_hours
                .map_or(Ok(RateUnit::HOUR), |hours| RateUnit::of_hours(hours.0))?,
            from: line.from.unwrap_or(Date::MIN),
            to: line.to,
            recorded: line.recorded_at.map_or(Recorded::On(Date::MIN), When::recorded),
            amendment: match &line.amendment {
                None | Some(Amendment::Is(false)) => None,
                Some(Amendment::Is(true)) => Some(id.clone()),
                Some(Amendment::Number(number)) => Some(number.clone()),
            },
            overrides: line.overrides,
            retroactive: line.retroactive,
            id,
        })
    }
}

fn resolve_rate(given: Question) -> Result<Value> {
    let lines = given.rates.iter().enumerate().map(|(index, line)| given.line(index, line));
    let mut book = RateBook::try_new(lines.collect::<Result<Vec<_>>>()?)?;
    if let Some(When::Instant(moment)) = given.known_at {
        book = book.known_at(moment);
    }
    let found = explain(
        &RateQuestion {
            contract: key(&given.contract),
            project: key(&given.project),
            customer: key(&given.customer),
            entity: key(&given.entity),
            role: &given.role,
            org_unit: given.org_unit.as_deref(),
            currency: given.currency()?,
            work_date: given.work_date,
            known_on: given.known_at.map_or(Date::MAX, |known| known.recorded().day()),
            cards_known_on: given.cards_known_on,
        },
        &book,
    )?;
    Ok(json!({
        "rate": found.resolved.rate.to_string(),
        "level": found.resolved.level.as_str(),
        "line": found.resolved.line_id,
        "currency": found.currency.code(),
        "why": found.in_words(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkupLine {
    from: Date,
    #[serde(default)]
    to: Option<Date>,
    percent: Dec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkupQuestion {
    work_date: Date,
    base_rate: Dec,
    markups: Vec<MarkupLine>,
}

fn rate_with_markup(given: MarkupQuestion) -> Result<Value> {
    let markups: Vec<Markup> = given
        .markups
        .iter()
        .map(|line| Markup {
            from: line.from,
            to: line.to,
            percent: line.percent.0,
        })
        .collect();
    let marked = strata_finance::rates::rate_with_markup(given.base_rate.0, &markups, given.work_date)?;
    Ok(json!({"markup_percent": marked.percent.to_string(), "rate": marked.rate.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    level: String,
    #[serde(default)]
    rate: Option<Dec>,
    #[serde(default)]
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chain {
    minutes: i64,
    levels: Vec<Level>,
    #[serde(default)]
    currency: Option<String>,
}

fn rate_chain(given: Chain) -> Result<Value> {
    let level = |level: &Level| {
        Ok(ChainLevel {
            name: level.level.clone(),
            rate: level.rate.map(|rate| rate.0),
            kind: ChainKind::parse(level.kind.as_deref().unwrap_or("hourly"))?,
        })
    };
    let levels = given.levels.iter().map(level).collect::<Result<Vec<_>>>()?;
    let currency = currency_of(given.currency.as_deref())?;
    let price = price_by_chain(&levels, given.minutes, currency)?;
    Ok(json!({"amount": price.amount.to_string(), "level": price.level}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevisionLine {
    from: Date,
    percent: Dec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revised {
    price: Dec,
    #[serde(default)]
    revision: Option<RevisionLine>,
    #[serde(default)]
    revisions: Vec<RevisionLine>,
    periods: Vec<Date>,
    #[serde(default)]
    currency: Option<String>,
}

fn price_revision(given: Revised) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let revisions: Vec<Revision> = given
        .revision
        .iter()
        .chain(&given.revisions)
        .map(|line| Revision {
            from: line.from,
            percent: line.percent.0,
        })
        .collect();
    let versions = revise(given.price.money_in(currency)?, &revisions)?;
    let prices = given.periods.iter().map(|day| Ok(price_on(&versions, *day)?.to_string()));
    Ok(json!({"prices": prices.collect::<Result<Vec<_>>>()?}))
}
