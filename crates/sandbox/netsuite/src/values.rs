//! Exact values: decimals out of JSON numbers, currencies, durations, dates.

use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Number, Value};

/// Active currencies of ISO 4217 with two minor digits.
const TWO: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC \
CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW \
KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR \
PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS \
VED VES WST XCD XCG YER ZAR ZMW ZWG";
/// Active currencies of ISO 4217 without minor digits.
const NONE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Active currencies of ISO 4217 with three minor digits.
const THREE: &str = "BHD IQD JOD KWD LYD OMR TND";
/// Numbers at or above 10^15 are refused, so that products of amount, rate and percent stay in the range of a decimal.
const TOO_LARGE: Decimal = Decimal::from_parts(0xA4C6_8000, 0x0003_8D7E, 0, false, 0);

/// Minor digits of an ISO 4217 currency; `None` for a code that is none.
pub(crate) fn minor_digits(code: &str) -> Option<u32> {
    let named = |list: &str| list.split(' ').any(|known| known == code);
    match code {
        _ if named(TWO) => Some(2),
        _ if named(NONE) => Some(0),
        _ if named(THREE) => Some(3),
        _ => None,
    }
}

/// The exact decimal a JSON number writes; `None` when it has more digits than an exact decimal holds or is out of range.
pub(crate) fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    let value = match text.contains(['e', 'E']) {
        true => Decimal::from_scientific(&text).ok()?,
        false => Decimal::from_str_exact(&text).ok()?,
    };
    (value.abs() < TOO_LARGE).then_some(value)
}

/// As [`decimal`], for a stored value; nothing stored counts as zero.
pub(crate) fn stored_decimal(value: Option<&Value>) -> Decimal {
    value.and_then(Value::as_number).and_then(decimal).unwrap_or_default()
}

/// A JSON number with exactly the digits of `value`.
pub(crate) fn number(value: Decimal) -> Value {
    // A decimal prints as digits with at most one point, which is a JSON number.
    Number::from_str(&value.to_string()).map_or(Value::Null, Value::Number)
}

/// `value` rounded half away from zero to `digits` behind the point, printed with exactly so many.
pub(crate) fn round(value: Decimal, digits: u32) -> Decimal {
    let mut rounded = value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(digits);
    rounded
}

/// Whether `value` needs no more than `digits` behind the point.
pub(crate) fn fits(value: Decimal, digits: u32) -> bool {
    value.normalize().scale() <= digits
}

/// Signed minutes of a duration: `"7:30"` is 450, `"-0:45"` is -45.
pub(crate) fn minutes(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (hours, rest) = digits.split_once(':')?;
    let plain = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        (lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i64>().ok())?
    };
    let (hours, rest) = (plain(hours, 1..=5)?, plain(rest, 2..=2)?);
    (rest < 60).then_some(sign * (hours * 60 + rest))
}

/// A calendar day written `YYYY-MM-DD`.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    // The parser alone would also take signs and missing zeros.
    let shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-') && !text.starts_with('-');
    shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())?
}

/// The text of `body[name]`.
pub(crate) fn text<'a>(body: &'a strata_sandbox::Body, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str()
}

/// The id a stored reference points to.
pub(crate) fn reference(body: &strata_sandbox::Body, name: &str) -> Option<u64> {
    body.get(name)?.get("id")?.as_str()?.parse().ok()
}

/// The code of a stored currency.
pub(crate) fn currency<'a>(body: &'a strata_sandbox::Body, name: &str) -> Option<&'a str> {
    body.get(name)?.get("refName")?.as_str()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    #[test]
    fn minor_digits_follow_the_standard() {
        assert_eq!(
            ["USD", "JPY", "KWD", "XXX", "usd", ""].map(minor_digits),
            [Some(2), Some(0), Some(3), None, None, None]
        );
    }

    #[test]
    fn amounts_keep_their_digits_and_halves_leave_zero() {
        let parsed: Value = serde_json::from_str("1125.10").unwrap();
        assert_eq!(number(decimal(parsed.as_number().unwrap()).unwrap()).to_string(), "1125.10");
        for (raw, digits, rounded) in [
            ("2.345", 2, "2.35"),
            ("-2.345", 2, "-2.35"),
            ("0.5", 0, "1"),
            ("7", 3, "7.000"),
        ] {
            assert_eq!(round(exact(raw), digits).to_string(), rounded);
        }
        assert!(fits(exact("1.10"), 1) && !fits(exact("1.11"), 1));
    }

    #[test]
    fn numbers_that_cannot_be_exact_are_none() {
        let read = |text: &str| decimal(&Number::from_str(text).unwrap());
        assert_eq!(read("1.5e3"), Some(exact("1500")));
        assert_eq!(read("0.00000000000000000000000000001"), None);
        assert_eq!(read("1e30"), None);
        assert_eq!(read("1000000000000000"), None);
        assert_eq!(read("-999999999999999.99"), Some(exact("-999999999999999.99")));
    }

    #[test]
    fn durations_are_signed_minutes() {
        for (text, expected) in [
            ("7:30", Some(450)),
            ("-0:45", Some(-45)),
            ("0:00", Some(0)),
            ("7:60", None),
            ("7.5", None),
            ("+1:00", None),
            ("1:5", None),
            (":30", None),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
        }
    }

    #[test]
    fn days_are_calendar_days() {
        assert!(day("2028-02-29").is_some());
        assert!(
            ["2027-02-29", "2026-1-05", "20260105", "+026-01-05"]
                .iter()
                .all(|text| day(text).is_none())
        );
    }
}
