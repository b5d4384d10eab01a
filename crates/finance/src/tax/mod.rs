//! Which tax a service sale carries, and how much of it a document shows. A preview: the ERP's tax wins.

mod chain;
mod document;
mod inclusive;
mod line;
mod rounding;
mod standard_rate;
mod treatment;

pub use chain::{ChainRow, ChainTax, TaxAmount, chain};
pub use document::{TaxRow, document_tax, tax_by_line, tax_row};
pub use inclusive::{Inclusive, split_gross};
pub use line::{EqualLines, TaxSum, document_method, line_method, tax_on_quantity, tax_per_unit};
pub use rounding::{Calculation, CodedLine, RoundedTax, RoundingBy, TaxBase, TaxCode, TaxRoundingRule, rounded_tax};
pub use standard_rate::standard_percent;
pub use treatment::{Buyer, EU_MEMBERS, Seller, Service, is_eu_member, preview_treatment, treatment};

use strata_kernel::{Decimal, Error, Result};

/// Note that a reverse-charge document must carry (Directive 2006/112/EC, article 226 (11a)).
pub const REVERSE_CHARGE_NOTE: &str = "reverse charge";

/// Treatment of a sale, by UNCL 5305 code as EN 16931 restricts it (BT-151). [`treatment`] answers with the first
/// six; the others come on documents that others wrote.
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
    /// K: supply of goods to a business in another member state.
    IntraCommunity,
    /// L: general indirect tax of the Canary Islands.
    CanaryIslands,
    /// M: tax on production, services and import of Ceuta and Melilla.
    CeutaAndMelilla,
    /// B: the public buyer pays the tax to the state itself (Italy).
    SplitPayment,
}

impl TaxCategory {
    /// Every category.
    pub const ALL: [Self; 10] = [
        Self::Standard,
        Self::ZeroRated,
        Self::Exempt,
        Self::ReverseCharge,
        Self::Export,
        Self::OutsideScope,
        Self::IntraCommunity,
        Self::CanaryIslands,
        Self::CeutaAndMelilla,
        Self::SplitPayment,
    ];

    /// The UNCL 5305 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Standard => "S",
            Self::ZeroRated => "Z",
            Self::Exempt => "E",
            Self::ReverseCharge => "AE",
            Self::Export => "G",
            Self::OutsideScope => "O",
            Self::IntraCommunity => "K",
            Self::CanaryIslands => "L",
            Self::CeutaAndMelilla => "M",
            Self::SplitPayment => "B",
        }
    }

    /// Reads a code. Any other is `INVALID_FIELD`.
    pub fn parse(code: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|category| category.code() == code)
            .ok_or_else(|| Error::invalid("category", format!("\"{code}\" is no tax category")))
    }

    /// True when the document carries tax under it.
    pub fn is_taxed(self) -> bool {
        matches!(
            self,
            Self::Standard | Self::CanaryIslands | Self::CeutaAndMelilla | Self::SplitPayment
        )
    }
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

    /// Refuses (`INVALID_FIELD`) a percent below zero, and one above zero where the category carries no tax.
    /// Source: EN 16931 BR-Z-05, BR-E-05, BR-AE-05, BR-G-05, BR-IC-05, BR-O-05.
    pub fn check(self) -> Result<()> {
        if self.percent < Decimal::ZERO {
            return Err(Error::invalid("percent", "a tax percent cannot be below zero"));
        }
        if self.percent > Decimal::ZERO && !self.category.is_taxed() {
            return Err(Error::invalid(
                "percent",
                format!("category {} carries no tax, so not {} %", self.category.code(), self.percent),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn codes_read_back() {
        for category in TaxCategory::ALL {
            assert_eq!(TaxCategory::parse(category.code()).unwrap(), category);
        }
        assert_eq!(TaxCategory::parse("s").unwrap_err().field, "category");
    }

    #[test]
    fn no_tax_where_the_category_has_none() {
        for category in TaxCategory::ALL {
            let of = |percent| TaxTreatment { category, percent }.check().is_ok();
            assert!(of(Decimal::ZERO) && !of(Decimal::NEGATIVE_ONE), "{}", category.code());
            assert_eq!(of(Decimal::ONE), category.is_taxed(), "{}", category.code());
        }
    }
}
