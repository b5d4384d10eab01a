//! Rounded parts that add up to a rounded total.

use strata_kernel::Result;

use crate::allocate::allocate_exact;
use crate::ratio::{Ratio, overflow};

/// Splits `total`, the rounded sum of `parts`, over the parts in whole units that add up to it.
///
/// Parts of one sign share the total by their size, by largest remainder. Beside parts of the other sign the
/// total may be far smaller than they are, and shares of it would magnify its rounding: then each part is
/// floored, and what is left of the total goes out by largest remainder, ties to the lowest index.
/// Parts of opposite signs give the exact mirror.
pub(crate) fn spread(total: i64, parts: &[Ratio]) -> Result<Vec<i64>> {
    let (sizes, den) = Ratio::over_one_denominator(parts)?;
    let mirrored = total < 0 || (total == 0 && sizes.iter().find(|size| **size != 0).is_some_and(|size| *size < 0));
    let sign = if mirrored { -1 } else { 1 };
    let sizes = sizes
        .into_iter()
        .map(|size| size.checked_mul(sign).ok_or_else(overflow))
        .collect::<Result<Vec<i128>>>()?;
    if sizes.iter().all(|size| *size == 0) {
        return Ok(vec![0; sizes.len()]);
    }
    if sizes.iter().all(|size| *size >= 0) {
        return allocate_exact(total, &sizes);
    }
    let mut spread: Vec<i128> = sizes.iter().map(|size| size.div_euclid(den)).collect();
    let mut rests: Vec<_> = sizes
        .iter()
        .enumerate()
        .map(|(index, size)| (std::cmp::Reverse(size.rem_euclid(den)), index))
        .collect();
    rests.sort_unstable();
    let left = spread
        .iter()
        .try_fold(i128::from(total) * sign, |left, part| left.checked_sub(*part))
        .ok_or_else(overflow)?;
    // Rounding moves the sum by less than one unit, so at most as many units are left as parts have a rest.
    for (_, index) in rests.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(part) = spread.get_mut(index) {
            *part += 1;
        }
    }
    spread
        .into_iter()
        .map(|part| i64::try_from(part * sign).map_err(|_| overflow()))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason;

    fn parts(texts: &[&str]) -> Vec<Ratio> {
        let read = |text: &&str| Ratio::decimal(strata_kernel::parse_decimal(text).unwrap());
        texts.iter().map(read).collect()
    }

    #[test]
    fn parts_add_up_and_mirror() {
        let cases: [(i64, &[&str], &[i64]); 6] = [
            (849, &["424.2", "424.2"], &[425, 424]),
            (-849, &["-424.2", "-424.2"], &[-425, -424]),
            (1, &["-10.4", "11.4"], &[-10, 11]),
            (-1, &["10.4", "-11.4"], &[10, -11]),
            (0, &["-5.5", "5.5"], &[-6, 6]),
            (0, &["0", "0"], &[0, 0]),
        ];
        for (total, given, expected) in cases {
            assert_eq!(spread(total, &parts(given)).unwrap(), expected, "{total} over {given:?}");
        }
        assert_eq!(spread(0, &[]).unwrap(), Vec::<i64>::new());
    }

    #[test]
    fn what_does_not_fit_one_denominator_is_refused() {
        let huge = parts(&["79228162514264337593543950335", "0.0000000000000000000000000001"]);
        assert_eq!(spread(1, &huge).unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }
}
