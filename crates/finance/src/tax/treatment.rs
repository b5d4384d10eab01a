//! Which tax a sale carries, from who sells to whom.

use strata_kernel::{Date, Decimal, Error, Result};

use super::standard_rate::standard_percent as known_percent;
use super::{TaxCategory, TaxTreatment};
use crate::reason;

/// ISO 3166 codes of the member states of the European Union.
/// Source: <https://european-union.europa.eu/principles-countries-history/eu-countries_en>, 27 members
/// since 1 February 2020. Greece is `GR` here; only its VAT ids start with `EL`.
pub const EU_MEMBERS: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
    "PL", "PT", "RO", "SE", "SI", "SK",
];

/// True when an ISO 3166 alpha-2 country belongs to the European Union.
///
/// Source: see [`EU_MEMBERS`].
pub fn is_eu_member(country: &str) -> bool {
    EU_MEMBERS.binary_search(&country).is_ok()
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

/// What is sold, as far as tax asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// A service to a business, taxed where the customer is established
    /// (Directive 2006/112/EC, article 44). Services tied to land, events or transport are not: articles 46 to 59.
    GeneralB2b,
}

impl Service {
    /// Reads "general_b2b". Services that other places tax are `INVALID_FIELD`: their treatment is for a person.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "general_b2b" => Ok(Self::GeneralB2b),
            _ => Err(Error::invalid(
                "service",
                format!("the tax of \"{word}\" is decided by a person"),
            )),
        }
    }
}

/// The customer, as far as tax asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    /// ISO 3166 alpha-2 country of the bill-to address.
    pub country: String,
    /// True when the VAT id was checked and is valid.
    pub vat_id_valid: bool,
}

/// Treatment of a service sold by one business to another: in the same country
/// the standard rate, or outside scope where there is no such tax; between two members of the Union reverse
/// charge, which needs the buyer's valid VAT id (`TAX_REGISTRATION_MISSING`); anything else outside scope.
///
/// A percent below zero is `INVALID_FIELD`; nothing is rounded. Source: Directive 2006/112/EC, articles 44 (place of
/// supply), 96 and 97 (standard rate), 196 (reverse charge) and 226 (11a).
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

/// [`treatment`] where only countries are known. `standard_percent` is the entity's own, from its tax codes; when it
/// is not given, the rate that the country has on the tax point stands in, or the newest one without a tax point.
/// It is asked for at home only: a country whose rate is not known here is then `INVALID_FIELD`.
///
/// Otherwise refuses as [`treatment`] does. Source: Directive 2006/112/EC, articles 44, 63, 93 and 96: the rate in
/// force when the tax becomes chargeable.
pub fn preview_treatment(
    seller_country: &str,
    standard_percent: Option<Decimal>,
    tax_point: Option<Date>,
    buyer: &Buyer,
) -> Result<TaxTreatment> {
    let abroad = seller_country != buyer.country;
    let percent = standard_percent
        .or_else(|| known_percent(seller_country, tax_point))
        .or(abroad.then_some(Decimal::ZERO))
        .ok_or_else(|| {
            Error::invalid(
                "standard_percent",
                format!("no standard rate of \"{seller_country}\" is known for the day; take it from the tax codes"),
            )
        })?;
    let seller = Seller {
        country: seller_country.to_owned(),
        eu_member: is_eu_member(seller_country),
        standard_percent: percent,
    };
    treatment(&seller, buyer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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
    fn a_preview_knows_the_rate_at_home() {
        let preview = |seller: &str, buyer: &str, percent| {
            let buyer = Buyer {
                country: buyer.to_owned(),
                vat_id_valid: true,
            };
            preview_treatment(seller, percent, None, &buyer).map(|found| (found.category.code(), found.percent.to_string()))
        };
        assert_eq!(preview("DE", "DE", None).unwrap(), ("S", "19.0".into()));
        assert_eq!(preview("DE", "DE", Some(Decimal::from(7))).unwrap(), ("S", "7".into()));
        assert_eq!(preview("US", "US", None).unwrap().0, "O");
        assert_eq!(preview("XX", "DE", None).unwrap().0, "O");
        assert_eq!(preview("XX", "XX", None).unwrap_err().field, "standard_percent");
        assert_eq!(Service::parse("general_b2b").unwrap(), Service::GeneralB2b);
        assert_eq!(Service::parse("event_admission").unwrap_err().field, "service");
    }
}
