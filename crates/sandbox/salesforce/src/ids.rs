//! Record ids: 15 case-sensitive characters, and three more that say which of the 15 are upper case.

use crate::errors::ApiError;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
/// The part of an id that names the instance a record was made on.
const INSTANCE: &str = "5g0";
/// Length of the running number in an id.
const NUMBER_LEN: usize = 9;

/// The 18-character id of record `number` of the object with this key prefix. Ids of one object sort as their numbers do.
pub(crate) fn id18(prefix: &str, number: u64) -> String {
    let mut digits = [b'0'; NUMBER_LEN];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        // The remainder is below 62, so it always fits.
        *digit = DIGITS[usize::try_from(rest % 62).unwrap_or_default()];
        rest /= 62;
    }
    let mut id = format!("{prefix}{INSTANCE}");
    id.extend(digits.iter().map(|&d| char::from(d)));
    let suffix = suffix(&id);
    id + &suffix
}

fn suffix(id15: &str) -> String {
    let letter = |five: &[u8]| {
        let bits = five.iter().enumerate().filter(|(_, c)| c.is_ascii_uppercase());
        char::from(SUFFIX[bits.fold(0, |sum, (i, _)| sum | (1 << i))])
    };
    id15.as_bytes().chunks(5).map(letter).collect()
}

/// Reads an id of 15 or 18 characters of the object with this key prefix; gives the record number.
/// `None`: not an id of that object.
pub(crate) fn number(prefix: &str, id: &str) -> Option<u64> {
    if !id.is_ascii() || !matches!(id.len(), 15 | 18) {
        return None;
    }
    let (id15, given) = id.split_at(15);
    if !(given.is_empty() || given == suffix(id15)) {
        return None;
    }
    let digits = id15.strip_prefix(prefix)?.strip_prefix(INSTANCE)?;
    let mut number: u64 = 0;
    for digit in digits.bytes() {
        let value = DIGITS.iter().position(|&d| d == digit)?;
        number = number.checked_mul(62)?.checked_add(u64::try_from(value).ok()?)?;
    }
    Some(number)
}

/// The refusal of an id that is none, or is of another object.
pub(crate) fn malformed(field: &str, id: &str) -> ApiError {
    ApiError::bad("MALFORMED_ID", format!("{field}: id value of incorrect type: {id}")).on(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_the_vendor_s_documentation_gets_its_suffix() {
        assert_eq!(suffix("001xx000003DGb2"), "AAG");
        assert_eq!(suffix("006xx000001Sv6g"), "AAC");
    }

    #[test]
    fn ids_read_back_and_sort_as_their_numbers_do() {
        let ids: Vec<_> = [1, 9, 61, 62, 3_843, 1_000_000].map(|n| id18("006", n)).into();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.len() == 18));
        assert_eq!(number("006", &ids[5]), Some(1_000_000));
        assert_eq!(number("006", &ids[5][..15]), Some(1_000_000));
    }

    #[test]
    fn case_matters_and_so_does_the_object() {
        let id = id18("001", 3_000);
        assert_eq!(number("006", &id), None);
        assert_ne!(id, id.to_lowercase());
        assert_eq!(number("001", &id.to_lowercase()), None);
        assert_eq!(number("001", "001"), None);
    }
}
