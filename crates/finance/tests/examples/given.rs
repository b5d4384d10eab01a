//! Reading what a case gives, and saying what came out.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use strata_kernel::{Currency, Decimal, Error, Money, Result};

/// Runs one operation: what came out, or why the case cannot be read.
pub(crate) type Operation = fn(&Value) -> Result<Value, String>;

/// Reads what is given, runs the rule, and turns its refusal into the answer that cases expect.
pub(crate) fn run<G: DeserializeOwned>(given: &Value, rule: impl FnOnce(G) -> Result<Value>) -> Result<Value, String> {
    Ok(rule(read(given)?).unwrap_or_else(|refusal| json!({"error": refusal.reason, "why": refusal.to_string()})))
}

/// Reads what is given as it is written, else with counts that are written as text taken for numbers.
fn read<G: DeserializeOwned>(given: &Value) -> Result<G, String> {
    let as_written = G::deserialize(given);
    as_written.or_else(|why| G::deserialize(&with_counts(given)).map_err(|_| why.to_string()))
}

fn with_counts(given: &Value) -> Value {
    match given {
        Value::String(text) => text.parse::<i64>().map_or_else(|_| given.clone(), Value::from),
        Value::Array(items) => items.iter().map(with_counts).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), with_counts(value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => given.clone(),
    }
}

/// An exact decimal, written as text or as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dec(pub(crate) Decimal);

impl<'de> Deserialize<'de> for Dec {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let number = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text));
        number
            .map(Dec)
            .map_err(|_| serde::de::Error::custom(format!("{text} is no exact decimal")))
    }
}

impl Dec {
    /// The amount in the currency that cases without one are in: two decimals. More decimals are refused.
    pub(crate) fn money(self) -> Result<Money> {
        self.money_in(two_decimals())
    }

    /// The amount in a currency. More decimals than it has are refused.
    pub(crate) fn money_in(self, currency: Currency) -> Result<Money> {
        Money::parse(&self.0.to_string(), currency)
    }
}

/// The currency that a case names, or the one of cases that name none.
pub(crate) fn currency_of(code: Option<&str>) -> Result<Currency> {
    Ok(code.map_or_else(|| Ok(two_decimals()), Currency::parse)?)
}

/// A count that the rule takes as an unsigned number.
pub(crate) fn count(field: &str, value: i64) -> Result<u32> {
    u32::try_from(value).map_err(|_| Error::invalid(field, "this is no count"))
}

/// The currency of cases that name none.
pub(crate) fn two_decimals() -> Currency {
    Currency::parse("USD").unwrap()
}
