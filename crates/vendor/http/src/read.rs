//! Reads vendor JSON exactly: a field is there and fits, is not there, or does not fit. Nothing is guessed and no amount
//! passes through a float.

use serde_json::Value;
use strata_contract::strata::common::v1::Malformed;
use strata_kernel::{Currency, Date, Decimal, Instant, Money, parse_decimal};

/// A field that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: expected {expected}")]
pub struct Misfit {
    /// Name of the field at the vendor.
    pub field: String,
    /// What was expected there, in words of ours.
    pub expected: String,
}

impl Misfit {
    /// A field that does not fit.
    pub fn new(field: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            expected: expected.into(),
        }
    }

    /// The record that goes to quarantine for it.
    pub fn malformed(self, kind: &str, vendor_id: &str) -> Malformed {
        Malformed {
            vendor_id: vendor_id.to_owned(),
            kind: kind.to_owned(),
            field: self.field,
            expected: self.expected,
        }
    }
}

/// Reads the fields of one JSON object. Absent, null and the empty text are the same: nothing is said.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a Value);

impl<'a> Reader<'a> {
    /// The value of a field, unless nothing is said.
    pub fn value(self, field: &str) -> Option<&'a Value> {
        self.0.get(field).filter(|v| !v.is_null() && v.as_str() != Some(""))
    }

    /// A text. A whole number is taken as its digits: some vendors write ids so. One with a fraction or an exponent is no id.
    pub fn text(self, field: &str) -> Result<Option<String>, Misfit> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => {
                let digits = number.to_string();
                let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
                is_whole.then_some(Some(digits)).ok_or_else(|| Misfit::new(field, "a text"))
            }
            Some(_) => Err(Misfit::new(field, "a text")),
        }
    }

    /// An id, of ours or of the vendor's: letters, digits, `-` and `_`. Anything else is none that somebody gave, and would be looked
    /// for, kept as a reference and sent on as if it were one.
    pub fn id(self, field: &str) -> Result<Option<String>, Misfit> {
        let is_id = |text: &String| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        match self.text(field)? {
            Some(text) if !is_id(&text) => Err(Misfit::new(field, "an id: letters, digits, - and _")),
            said => Ok(said),
        }
    }

    /// True or false.
    pub fn flag(self, field: &str) -> Result<Option<bool>, Misfit> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Misfit::new(field, "true or false")),
        }
    }

    /// A calendar day: "2025-03-31".
    pub fn day(self, field: &str) -> Result<Option<Date>, Misfit> {
        self.parsed(field, "a day as 2025-03-31", |text| {
            // Without this a year of two digits would be read as one of the first century.
            (text.len() == 10).then(|| text.parse().ok()).flatten()
        })
    }

    /// An instant: RFC 3339, or with an offset without a colon.
    pub fn instant(self, field: &str) -> Result<Option<Instant>, Misfit> {
        self.parsed(field, "an instant as 2025-03-31T08:00:00Z", |text| text.parse().ok())
    }

    /// An exact decimal, from a number or from digits in a text.
    pub fn decimal(self, field: &str) -> Result<Option<Decimal>, Misfit> {
        let misfit = || Misfit::new(field, "an exact decimal");
        match self.value(field) {
            None => Ok(None),
            Some(value) => digits(value).and_then(|text| exact(&text)).map(Some).ok_or_else(misfit),
        }
    }

    /// A whole number from 0 to `most`. "480.0" is whole: some vendors write integers so.
    pub fn count(self, field: &str, most: u32) -> Result<Option<u32>, Misfit> {
        let misfit = || Misfit::new(field, format!("a whole number from 0 to {most}"));
        let Some(value) = self.decimal(field).map_err(|_| misfit())? else {
            return Ok(None);
        };
        if !value.fract().is_zero() {
            return Err(misfit());
        }
        u32::try_from(value).ok().filter(|n| *n <= most).map(Some).ok_or_else(misfit)
    }

    /// A whole number of 64 bits.
    pub fn integer(self, field: &str) -> Result<Option<i64>, Misfit> {
        let misfit = || Misfit::new(field, "a whole number");
        let Some(value) = self.decimal(field).map_err(|_| misfit())? else {
            return Ok(None);
        };
        if !value.fract().is_zero() {
            return Err(misfit());
        }
        i64::try_from(value).map(Some).map_err(|_| misfit())
    }

    /// An amount of major units, with no more decimals than its currency has.
    pub fn money(self, field: &str, currency: Currency) -> Result<Option<Money>, Misfit> {
        let Some(major) = self.decimal(field)? else {
            return Ok(None);
        };
        Money::parse(&major.normalize().to_string(), currency).map(Some).map_err(|_| {
            Misfit::new(
                field,
                format!("an amount of {currency} with at most {} decimals", currency.exponent()),
            )
        })
    }

    /// A currency code that can be billed in.
    pub fn currency(self, field: &str) -> Result<Option<Currency>, Misfit> {
        self.parsed(field, "an ISO 4217 code", |code| Currency::parse(code).ok())
    }

    fn parsed<T>(self, field: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Misfit> {
        let misfit = || Misfit::new(field, expected);
        match self.value(field) {
            None => Ok(None),
            Some(Value::String(text)) => parse(text).map(Some).ok_or_else(misfit),
            Some(_) => Err(misfit()),
        }
    }

    /// Turns "nothing is said" into a misfit.
    pub fn required<T>(field: &str, found: Result<Option<T>, Misfit>) -> Result<T, Misfit> {
        found?.ok_or_else(|| Misfit::new(field, "a value"))
    }
}

fn digits(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// Reads a decimal exactly, "1.25E7" too: some vendors write large numbers so. None: not a number, or not exact in 28 digits.
pub fn exact(text: &str) -> Option<Decimal> {
    let Some((mantissa, exponent)) = text.trim().split_once(['e', 'E']) else {
        return parse_decimal(text).ok();
    };
    let value = parse_decimal(mantissa).ok()?;
    let exponent: i32 = exponent.parse().ok()?;
    let power = |n: i32| (0..n).try_fold(Decimal::ONE, |power, _| power.checked_mul(Decimal::TEN));
    if !(-27..=27).contains(&exponent) {
        return None;
    }
    if exponent >= 0 {
        return value.checked_mul(power(exponent)?);
    }
    let scaled = value.checked_div(power(-exponent)?)?;
    // The division rounds when 28 digits do not suffice; then it does not lead back.
    (scaled.checked_mul(power(-exponent)?) == Some(value)).then_some(scaled)
}

/// The JSON number of an exact decimal, digit by digit.
pub fn number(value: Decimal) -> Value {
    // With arbitrary precision a number is its own text; a decimal's text is always a JSON number.
    serde_json::from_str(&value.to_string()).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read<T>(json: &str, f: impl Fn(Reader<'_>, &str) -> T) -> T {
        let value: Value = serde_json::from_str(&format!("{{\"f\":{json}}}")).unwrap();
        f(Reader(&value), "f")
    }

    #[test]
    fn amounts_are_read_digit_by_digit() {
        let usd = Currency::parse("USD").unwrap();
        let jpy = Currency::parse("JPY").unwrap();
        for (json, minor) in [
            ("0.1", 10),
            ("120000.50", 12_000_050),
            ("1.25E7", 1_250_000_000),
            ("\"-3.10\"", -310),
            ("7.100", 710),
        ] {
            assert_eq!(read(json, |r, f| r.money(f, usd)).unwrap().unwrap().minor, minor, "{json}");
        }
        assert_eq!(
            read("90071992547409.93", |r, f| r.money(f, usd)).unwrap().unwrap().minor,
            9_007_199_254_740_993
        );
        for bad in ["1.005", "\"x\"", "true", "1e99"] {
            assert!(read(bad, |r, f| r.money(f, usd)).is_err(), "{bad}");
        }
        assert!(read("1.5", |r, f| r.money(f, jpy)).is_err());
        assert_eq!(read("null", |r, f| r.money(f, usd)), Ok(None));
    }

    #[test]
    fn days_and_instants() {
        assert_eq!(
            read("\"2025-02-28\"", |r, f| r.day(f)).unwrap().unwrap().to_string(),
            "2025-02-28"
        );
        for bad in ["\"2025-02-30\"", "\"25-02-28\"", "\"2025-02-28T00:00:00Z\"", "7"] {
            assert!(read(bad, |r, f| r.day(f)).is_err(), "{bad}");
        }
        for good in [
            "\"2025-03-31T08:00:00.000+0000\"",
            "\"2025-03-31T00:00:00-08:00\"",
            "\"2025-03-31T08:00:00Z\"",
        ] {
            assert_eq!(
                read(good, |r, f| r.instant(f)).unwrap().unwrap().timestamp(),
                1_743_408_000,
                "{good}"
            );
        }
    }

    #[test]
    fn counts_are_whole_and_bounded() {
        assert_eq!(read("480.0", |r, f| r.count(f, 480)), Ok(Some(480)));
        for bad in ["481", "-1", "0.5", "\"many\""] {
            assert!(read(bad, |r, f| r.count(f, 480)).is_err(), "{bad}");
        }
        assert_eq!(read("9007199254740993", |r, f| r.integer(f)), Ok(Some(9_007_199_254_740_993)));
    }

    #[test]
    fn whole_numbers_are_texts_and_others_are_none() {
        assert_eq!(
            read("90071992547409931", |r, f| r.text(f)).unwrap().unwrap(),
            "90071992547409931"
        );
        for bad in ["1e400", "7.0", "true", "[]", "{}"] {
            assert!(read(bad, |r, f| r.text(f)).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_written_is_what_was_meant() {
        assert_eq!(number(Decimal::new(-310, 2)).to_string(), "-3.10");
        assert_eq!(exact("5e-3").unwrap(), Decimal::new(5, 3));
        assert_eq!(exact("0.1234567890123456789012345678e-9"), None);
    }
}
