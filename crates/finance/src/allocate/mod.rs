//! Splitting an amount so that the parts add up to it exactly: by weights, or in even parts with a residual.

mod residual;

pub use residual::{residual_last, running_residual};

use strata_kernel::{Decimal, Error, Result};

use crate::ratio::{Ratio, gcd, overflow};

/// Splits `total` minor units by weights: each share of the absolute value is
/// floored, what is left goes out one by one by largest remainder, ties to the lowest index, and the sign is
/// restored. The parts always add up to `total`, and the parts of a credit mirror those of its invoice.
///
/// Weights below zero, and weights that are all zero or none (there is nobody to give the amount to), are
/// `INVALID_FIELD`; products beyond 128 bits are `AMOUNT_OVERFLOW`.
/// Source: `Money::allocate` of moneyphp, but for amounts below zero, which there do not mirror those above.
pub fn allocate(total: i64, weights: &[i64]) -> Result<Vec<i64>> {
    let weights: Vec<i128> = weights.iter().copied().map(i128::from).collect();
    allocate_exact(total, &weights)
}

/// [`allocate`] by weights with decimals: percents, shares, stand-alone prices. They are taken exactly, so
/// 0.33 and 0.67 share like 33 and 67. Refuses as [`allocate`] does.
pub fn allocate_by(total: i64, weights: &[Decimal]) -> Result<Vec<i64>> {
    let exact: Vec<Ratio> = weights.iter().copied().map(Ratio::decimal).collect();
    let (weights, _) = Ratio::over_one_denominator(&exact)?;
    allocate_exact(total, &weights)
}

/// [`allocate`] by weights beyond 64 bits, which exact quotients over one denominator have.
pub(crate) fn allocate_exact(total: i64, weights: &[i128]) -> Result<Vec<i64>> {
    if weights.iter().any(|weight| *weight < 0) {
        return Err(Error::invalid("weights", "a weight cannot be below zero"));
    }
    let common = weights.iter().copied().fold(0, gcd).max(1);
    let weights: Vec<i128> = weights.iter().map(|weight| weight / common).collect();
    let sum = weights
        .iter()
        .try_fold(0_i128, |sum, weight| sum.checked_add(*weight))
        .ok_or_else(overflow)?;
    if sum == 0 {
        return Err(Error::invalid("weights", "at least one weight must be above zero"));
    }
    let size = i128::from(total.unsigned_abs());
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let product = size.checked_mul(*weight).ok_or_else(overflow)?;
        parts.push(product / sum);
        remainders.push((std::cmp::Reverse(product % sum), index));
    }
    let left = size - parts.iter().sum::<i128>();
    remainders.sort_unstable();
    // The remainders add up to `left` times the sum, and each is smaller: fewer units are left than weights.
    for (_, index) in remainders.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[index] += 1;
    }
    let sign = i128::from(total.signum());
    parts
        .into_iter()
        .map(|part| i64::try_from(part * sign).map_err(|_| overflow()))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn largest_remainder_then_lowest_index() {
        let cases: [(i64, &[i64], &[i64]); 7] = [
            (100, &[1, 1, 1], &[34, 33, 33]),
            (7, &[1, 2, 3], &[1, 2, 4]),
            (1, &[1, 1], &[1, 0]),
            (-10, &[1, 1, 1], &[-4, -3, -3]),
            (-5, &[7, 3], &[-4, -1]),
            (0, &[0, 4], &[0, 0]),
            (i64::MIN, &[1], &[i64::MIN]),
        ];
        for (total, weights, parts) in cases {
            assert_eq!(allocate(total, weights).unwrap(), parts, "{total} by {weights:?}");
        }
    }

    #[test]
    fn weights_may_have_decimals() {
        let by = |total, weights: &[&str]| {
            let weights = weights.iter().map(|text| strata_kernel::parse_decimal(text).unwrap());
            allocate_by(total, &weights.collect::<Vec<_>>())
        };
        assert_eq!(by(1, &["0.33", "0.66"]).unwrap(), [0, 1]);
        assert_eq!(by(-100, &["33.3", "33.3", "33.4"]).unwrap(), [-33, -33, -34]);
        assert_eq!(by(10_000, &["7", "0.5", "2.5"]).unwrap(), [7_000, 500, 2_500]);
        for weights in [&[][..], &["0.0"], &["1", "-0.1"]] {
            assert_eq!(by(5, weights).unwrap_err().field, "weights", "{weights:?}");
        }
    }

    #[test]
    fn refuses_to_give_to_nobody() {
        for weights in [&[][..], &[0, 0], &[3, -1]] {
            assert_eq!(allocate(5, weights).unwrap_err().field, "weights", "{weights:?}");
        }
    }
}
