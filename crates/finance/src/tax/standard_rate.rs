//! Standard rates of value added tax and its like by country and day.

use strata_kernel::{Date, Decimal};

/// Country, first day as `(year, month, day)`, and rate in tenths of a percent from that day on.
/// Rows of a country go from old to new, and begin in 2020. Zero: the country has no such tax on services.
///
/// Each rate was compared with a published one (in 2025): member states of the European Union, Switzerland, Norway and
/// the United Kingdom with the tables of "VAT rates 2025 in the European Union" (vat-solutions.com, easytax.co),
/// Australia with PwC, "Worldwide Tax Summaries, Value-added tax (VAT) rates", New Zealand with Inland Revenue (15 %
/// since 1 October 2010), Japan with "Japan raises Consumption Tax to 10%" (vatcalc.com), India with "Country-wise VAT
/// rates" (GST on services), the United States with OECD, "Consumption Tax Trends" (the only member without a VAT).
/// Changes: Germany and Ireland 2020 and 2021 (vatupdate.com, "Global VAT rate changes as of Jan 1, 2021"); Luxembourg
/// 2023 and 2024 (law of 26 October 2022, circular 812-1); Switzerland 2024 (vatupdate.com, "Swiss VAT rate changes for
/// 2024"); Estonia 2024 and 2025 (Tax and Customs Board); Finland 2024 and Slovakia 2025 (vat-solutions.com); Romania
/// 2025 (law 141/2025); Singapore 2023 and 2024 (IRAS, "GST rate change for businesses"). A country whose rate no
/// publication confirmed is left out.
const RATES: &[(&str, (i32, u32, u32), u32)] = &[
    ("AT", (2020, 1, 1), 200),
    ("AU", (2020, 1, 1), 100),
    ("BE", (2020, 1, 1), 210),
    ("BG", (2020, 1, 1), 200),
    ("CH", (2020, 1, 1), 77),
    ("CH", (2024, 1, 1), 81),
    ("CY", (2020, 1, 1), 190),
    ("CZ", (2020, 1, 1), 210),
    ("DE", (2020, 1, 1), 190),
    ("DE", (2020, 7, 1), 160),
    ("DE", (2021, 1, 1), 190),
    ("DK", (2020, 1, 1), 250),
    ("EE", (2020, 1, 1), 200),
    ("EE", (2024, 1, 1), 220),
    ("EE", (2025, 7, 1), 240),
    ("ES", (2020, 1, 1), 210),
    ("FI", (2020, 1, 1), 240),
    ("FI", (2024, 9, 1), 255),
    ("FR", (2020, 1, 1), 200),
    ("GB", (2020, 1, 1), 200),
    ("GR", (2020, 1, 1), 240),
    ("HR", (2020, 1, 1), 250),
    ("HU", (2020, 1, 1), 270),
    ("IE", (2020, 1, 1), 230),
    ("IE", (2020, 9, 1), 210),
    ("IE", (2021, 3, 1), 230),
    ("IN", (2020, 1, 1), 180),
    ("IT", (2020, 1, 1), 220),
    ("JP", (2020, 1, 1), 100),
    ("LT", (2020, 1, 1), 210),
    ("LU", (2020, 1, 1), 170),
    ("LU", (2023, 1, 1), 160),
    ("LU", (2024, 1, 1), 170),
    ("LV", (2020, 1, 1), 210),
    ("MT", (2020, 1, 1), 180),
    ("NL", (2020, 1, 1), 210),
    ("NO", (2020, 1, 1), 250),
    ("NZ", (2020, 1, 1), 150),
    ("PL", (2020, 1, 1), 230),
    ("PT", (2020, 1, 1), 230),
    ("RO", (2020, 1, 1), 190),
    ("RO", (2025, 8, 1), 210),
    ("SE", (2020, 1, 1), 250),
    ("SG", (2020, 1, 1), 70),
    ("SG", (2023, 1, 1), 80),
    ("SG", (2024, 1, 1), 90),
    ("SI", (2020, 1, 1), 220),
    ("SK", (2020, 1, 1), 200),
    ("SK", (2025, 1, 1), 230),
    ("US", (2020, 1, 1), 0),
];

/// Standard percent of a country (ISO 3166 alpha-2) on a tax point, or the newest known when none is given.
/// Zero where there is no such tax on services. None: not known here, or before 2020.
///
/// Percents are exact, with one decimal. Sources: see the table.
pub fn standard_percent(country: &str, tax_point: Option<Date>) -> Option<Decimal> {
    let begun = |(year, month, day): (i32, u32, u32)| {
        let first = Date::from_ymd_opt(year, month, day);
        tax_point.is_none_or(|point| first.is_some_and(|first| first <= point))
    };
    RATES
        .iter()
        .rfind(|(code, from, _)| *code == country && begun(*from))
        .map(|(_, _, tenths)| Decimal::new(i64::from(*tenths), 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::tax::EU_MEMBERS;

    #[test]
    fn rows_are_sorted_dates_and_every_member_has_one() {
        assert!(RATES.is_sorted_by(|left, right| (left.0, left.1) < (right.0, right.1)));
        for (country, (year, month, day), _) in RATES {
            assert!(Date::from_ymd_opt(*year, *month, *day).is_some(), "{country}");
        }
        for member in EU_MEMBERS {
            assert!(
                standard_percent(member, None).is_some_and(|percent| percent > Decimal::ZERO),
                "{member}"
            );
        }
    }

    #[test]
    fn the_tax_point_decides() {
        let on = |country, day: &str| standard_percent(country, Some(day.parse().unwrap()));
        assert_eq!(on("DE", "2020-06-30"), Some(Decimal::from(19)));
        assert_eq!(on("DE", "2020-07-01"), Some(Decimal::from(16)));
        assert_eq!(on("FI", "2025-01-01"), Some(Decimal::new(255, 1)));
        assert_eq!(on("DE", "2019-12-31"), None);
        assert_eq!(standard_percent("XX", None), None);
        assert_eq!(standard_percent("US", None), Some(Decimal::ZERO));
    }
}
