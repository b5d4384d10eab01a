//! Which tax a service sale carries, and how much of it a document shows. A preview: the ERP's tax wins.

use std::collections::BTreeMap;

use strata_kernel::{Decimal, Error, Money, Result};

use crate::amount::percent_of;
use crate::reason;

/// ISO 3166 codes of the member states of the European Union.
/// Source: <https://european-union.europa.eu/principles-countries-history/eu-countries_en>, 27 members
/// since 1 February 2020. Greece is `GR` here; only its VAT ids start with `EL`.
pub const EU_MEMBERS: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
    "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Note that a reverse-charge document must carry (Directive 2006/112/EC, article 226 (11a)).
pub const REVERSE_CHARGE_NOTE: &str = "reverse charge";

/// True when an ISO 3166 alpha-2 country belongs to the European Union.
pub fn is_eu_member(country: &str) -> bool {
    EU_MEMBERS.binary_search(&country).is_ok()
}

/// Treatment of a sale, by UNCL 5305 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TaxCategory {
    /// S: standard rate.
    Standard,
    /// Z: zero rated.
    ZeroRated,
    /// E: exempt.
    Exempt,
    /// AE: the buyer accounts for the tax.
    ReverseCharge,
    /// G: export outside the European Union.
    Export,
    /// O: outside the scope of tax.
    OutsideScope,
}

impl TaxCategory {
    /// The UNCL 5305 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Standard => "S",
            Self::ZeroRated => "Z",
            Self::Exempt => "E",
            Self::ReverseCharge => "AE",
            Self::Export => "G",
            Self::OutsideScope => "O",
        }
    }
}

/// The selling entity, as far as tax asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// ISO 3166 alpha-2 country.
    pub country: String,
    /// True when the entity's country belongs to the European Union for VAT.
    pub eu_member: bool,
    /// Percent of the standard rate on the tax point. Zero: the country has no such tax on services.
    pub standard_percent: Decimal,
}

/// The customer, as far as tax asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    /// ISO 3166 alpha-2 country of the bill-to address.
    pub country: String,
    /// True when the VAT id was checked and is valid.
    pub vat_id_valid: bool,
}

/// How a sale is taxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaxTreatment {
    /// Category.
    pub category: TaxCategory,
    /// Percent of the net.
    pub percent: Decimal,
}

impl TaxTreatment {
    /// What the document must say beside the tax. Empty when nothing.
    pub fn note(self) -> &'static str {
        match self.category {
            TaxCategory::ReverseCharge => REVERSE_CHARGE_NOTE,
            _ => "",
        }
    }
}

/// Treatment of a service sold by one business to another: in the same country
/// the standard rate, or outside scope where there is no such tax; between two members of the Union reverse
/// charge, which needs the buyer's valid VAT id (`TAX_REGISTRATION_MISSING`); anything else outside scope.
pub fn treatment(seller: &Seller, buyer: &Buyer) -> Result<TaxTreatment> {
    if seller.standard_percent < Decimal::ZERO {
        return Err(Error::invalid("standard_percent", "a tax percent cannot be below zero"));
    }
    let (category, percent) = if seller.country == buyer.country {
        match seller.standard_percent {
            percent if percent.is_zero() => (TaxCategory::OutsideScope, percent),
            percent => (TaxCategory::Standard, percent),
        }
    } else if seller.eu_member && is_eu_member(&buyer.country) {
        if !buyer.vat_id_valid {
            return Err(Error::precondition(
                reason::TAX_REGISTRATION_MISSING,
                format!(
                    "a sale from {} to {} needs the customer's valid VAT id",
                    seller.country, buyer.country
                ),
            ));
        }
        (TaxCategory::ReverseCharge, Decimal::ZERO)
    } else {
        (TaxCategory::OutsideScope, Decimal::ZERO)
    };
    Ok(TaxTreatment { category, percent })
}

/// One tax row of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxRow {
    /// Category and percent.
    pub treatment: TaxTreatment,
    /// Sum of the line nets it applies to.
    pub taxable: Money,
    /// Tax, rounded once on that sum.
    pub tax: Money,
}

/// Tax of a document, by category and percent (after EN 16931): the line nets are
/// summed first, and each sum is taxed and rounded once. Line-level tax differs by cents; never mix the two.
pub fn document_tax(lines: &[(TaxTreatment, Money)]) -> Result<Vec<TaxRow>> {
    let mut sums: BTreeMap<(TaxCategory, Decimal), Money> = BTreeMap::new();
    for (treatment, net) in lines {
        let sum = sums
            .entry((treatment.category, treatment.percent))
            .or_insert(Money::zero(net.currency));
        *sum = sum.plus(*net)?;
    }
    sums.into_iter()
        .map(|((category, percent), taxable)| tax_row(TaxTreatment { category, percent }, taxable))
        .collect()
}

/// The one tax row of a document whose lines are all treated alike.
pub fn tax_row(treatment: TaxTreatment, taxable: Money) -> Result<TaxRow> {
    Ok(TaxRow {
        treatment,
        taxable,
        tax: percent_of(taxable, treatment.percent)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn seller(country: &str, percent: i64) -> Seller {
        Seller {
            country: country.to_owned(),
            eu_member: is_eu_member(country),
            standard_percent: Decimal::from(percent),
        }
    }

    fn treat(seller: &Seller, country: &str, vat_id_valid: bool) -> Result<(&'static str, String)> {
        let buyer = Buyer {
            country: country.to_owned(),
            vat_id_valid,
        };
        treatment(seller, &buyer).map(|found| (found.category.code(), found.percent.to_string()))
    }

    #[test]
    fn members_are_sorted_and_complete() {
        assert!(EU_MEMBERS.is_sorted(), "the look-up searches a sorted list");
        for (country, member) in [
            ("GR", true),
            ("HR", true),
            ("GB", false),
            ("CH", false),
            ("EL", false),
            ("", false),
        ] {
            assert_eq!(is_eu_member(country), member, "{country}");
        }
    }

    #[test]
    fn treats_services_by_seller_and_buyer() {
        let (german, american, british) = (seller("DE", 19), seller("US", 0), seller("GB", 20));
        assert_eq!(treat(&german, "DE", false).unwrap(), ("S", "19".into()));
        assert_eq!(treat(&german, "FR", true).unwrap(), ("AE", "0".into()));
        assert_eq!(treat(&german, "CH", true).unwrap(), ("O", "0".into()));
        assert_eq!(treat(&american, "US", false).unwrap(), ("O", "0".into()));
        assert_eq!(treat(&american, "DE", false).unwrap(), ("O", "0".into()));
        assert_eq!(treat(&british, "GB", false).unwrap(), ("S", "20".into()));
        assert_eq!(
            treat(&german, "FR", false).unwrap_err().reason,
            reason::TAX_REGISTRATION_MISSING
        );
        assert_eq!(
            treatment(
                &german,
                &Buyer {
                    country: "FR".into(),
                    vat_id_valid: true
                }
            )
            .unwrap()
            .note(),
            "reverse charge"
        );
    }

    #[test]
    fn taxes_the_sum_not_the_lines() {
        let eur = Currency::parse("EUR").unwrap();
        let standard = TaxTreatment {
            category: TaxCategory::Standard,
            percent: Decimal::from(19),
        };
        let exempt = TaxTreatment {
            category: TaxCategory::Exempt,
            percent: Decimal::ZERO,
        };
        // 19 % of 0.03 is 0.0057: a cent for each of three lines, two cents for their sum.
        let line = (standard, Money::new(3, eur));
        let rows = document_tax(&[line, (exempt, Money::new(500, eur)), line, line]).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].taxable.minor, rows[0].tax.minor), (9, 2));
        assert_eq!((rows[1].taxable.minor, rows[1].tax.minor), (500, 0));
        let mirror = tax_row(standard, Money::new(-9, eur)).unwrap();
        assert_eq!(mirror.tax.minor, -2);
    }
}
