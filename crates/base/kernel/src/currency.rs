//! ISO 4217 codes and their minor units.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use serde::Deserialize;

/// Codes with numbers and exponents: ISO 4217 list one, maintained by SIX. The file says its source.
const TABLE: &str = include_str!("../data/iso4217_minor_units.json");

/// A currency that can be billed in: three letters and the number of decimals of its minor unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: [u8; 3],
    exponent: u8,
}

/// A code that is not in the table, or has no minor unit (gold, special drawing rights).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a currency that can be billed in")]
pub struct UnknownCurrency(pub String);

impl From<UnknownCurrency> for crate::Error {
    fn from(cause: UnknownCurrency) -> Self {
        Self {
            reason: "CURRENCY_UNSUPPORTED",
            ..Self::invalid("currency_code", cause.to_string())
        }
    }
}

impl Currency {
    /// Reads an upper-case code.
    pub fn parse(code: &str) -> Result<Self, UnknownCurrency> {
        let unknown = || UnknownCurrency(code.to_owned());
        let exponent = exponents().get(code).copied().flatten().ok_or_else(unknown)?;
        let code = code.as_bytes().try_into().map_err(|_| unknown())?;
        Ok(Self { code, exponent })
    }

    /// Decimals of a code's minor unit as ISO 4217 lists them. None: the code is listed without a minor unit
    /// (gold, special drawing rights), so it cannot be billed in. A code that is not listed is refused.
    pub fn listed_exponent(code: &str) -> Result<Option<u32>, UnknownCurrency> {
        let listed = exponents().get(code).ok_or_else(|| UnknownCurrency(code.to_owned()))?;
        Ok(listed.map(u32::from))
    }

    /// Three upper-case letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("???")
    }

    /// Decimals of the minor unit: 2 for USD, 0 for JPY, 3 for KWD, 4 for CLF.
    pub fn exponent(self) -> u32 {
        u32::from(self.exponent)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

fn exponents() -> &'static HashMap<String, Option<u8>> {
    #[derive(Deserialize)]
    struct File {
        currencies: HashMap<String, Row>,
    }
    #[derive(Deserialize)]
    struct Row {
        exponent: Option<u8>,
    }
    static EXPONENTS: OnceLock<HashMap<String, Option<u8>>> = OnceLock::new();
    EXPONENTS.get_or_init(|| {
        let file: File = serde_json::from_str(TABLE).expect("the embedded table is checked by a test");
        file.currencies.into_iter().map(|(code, row)| (code, row.exponent)).collect()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn knows_decimals_and_refuses_what_has_none() {
        for (code, exponent) in [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)] {
            assert_eq!(Currency::parse(code).unwrap().exponent(), exponent);
        }
        for code in ["XAU", "XDR", "usd", "", "ABC"] {
            assert!(Currency::parse(code).is_err(), "{code}");
        }
    }

    #[test]
    fn lists_codes_without_a_minor_unit() {
        assert_eq!(Currency::listed_exponent("KWD"), Ok(Some(3)));
        assert_eq!(Currency::listed_exponent("XAU"), Ok(None));
        assert_eq!(Currency::listed_exponent("ABC"), Err(UnknownCurrency("ABC".to_owned())));
    }
}
