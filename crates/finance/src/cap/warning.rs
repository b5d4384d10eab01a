//! How near what is billed has come to a cap.

use strata_kernel::{Error, Money, Result};

/// The levels, in percent of the cap, that what is billed has reached, the lowest first and each once. A cap of nothing has none.
///
/// Refuses amounts of different currencies.
pub fn levels_reached(cap: Money, billed: Money, levels: &[u32]) -> Result<Vec<u32>> {
    if cap.currency != billed.currency {
        return Err(Error::invalid(
            "currency",
            "a cap and what is billed under it are in one currency",
        ));
    }
    if cap.minor <= 0 {
        return Ok(Vec::new());
    }
    let reached = |level: &u32| i128::from(billed.minor) * 100 >= i128::from(cap.minor) * i128::from(*level);
    let mut reached: Vec<u32> = levels.iter().copied().filter(reached).collect();
    reached.sort_unstable();
    reached.dedup();
    Ok(reached)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::Currency;

    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::parse(code).unwrap())
    }

    #[test]
    fn a_level_is_reached_to_the_minor_unit() {
        let reached = |billed| levels_reached(money(1001, "EUR"), money(billed, "EUR"), &[100, 80, 80]).unwrap();
        assert_eq!(reached(800), Vec::<u32>::new(), "79.92 percent");
        assert_eq!(reached(801), [80]);
        assert_eq!(reached(1000), [80]);
        assert_eq!(reached(1001), [80, 100]);
        assert_eq!(reached(-5), Vec::<u32>::new());
        assert_eq!(reached(i64::MAX), [80, 100]);
    }

    #[test]
    fn a_cap_of_nothing_warns_of_nothing() {
        assert_eq!(levels_reached(money(0, "EUR"), money(0, "EUR"), &[80]), Ok(Vec::new()));
        assert_eq!(
            levels_reached(money(1, "EUR"), money(1, "USD"), &[80]).unwrap_err().field,
            "currency"
        );
    }
}
