//! Currencies that do not fit, and lines that make no sense.

use super::*;

#[test]
fn currencies_are_never_mixed() {
    let dollars = RateLine {
        currency: Currency::parse("USD").unwrap(),
        ..line(RateLevel::Contract, "consultant", 120, "2025-01-01", Some("2025-06-01"))
    };
    let euros = line(RateLevel::Standard, "consultant", 150, "2025-04-01", None);
    let lines = [dollars, euros];
    assert_eq!(rate(&lines, "2025-03-15"), Err(reason::RATE_CURRENCY_MISMATCH));
    assert_eq!(
        rate(&lines, "2025-05-15"),
        Ok(150),
        "a weaker level in the right currency matches"
    );
    assert_eq!(
        rate(&lines[..1], "2025-06-01"),
        Err(reason::RATE_NOT_FOUND),
        "ended in either currency"
    );
}

#[test]
fn refuses_lines_that_make_no_sense() {
    let good = line(RateLevel::Standard, "consultant", 150, "2025-01-01", None);
    let reused = RateLine {
        rate: Decimal::from(151),
        ..good.clone()
    };
    let negative = RateLine {
        rate: Decimal::from(-1),
        ..good.clone()
    };
    let empty = RateLine {
        to: Some(good.from),
        ..good.clone()
    };
    for (lines, field) in [
        (vec![good.clone(), reused], "id"),
        (vec![negative], "rate"),
        (vec![empty], "to"),
    ] {
        assert_eq!(RateBook::try_new(lines).unwrap_err().field, field);
    }
    assert_eq!(
        rate(&[good.clone(), good], "2025-02-01"),
        Ok(150),
        "the same line twice counts once"
    );
}
