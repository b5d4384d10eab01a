//! Ids that follow from what they name: the same cause makes the same id, so a repeat finds what it made before.

use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// An id "`prefix`_" + 20 letters (100 bits) that follows from `parts`. Parts are length-prefixed,
/// so `["ab", "c"]` and `["a", "bc"]` differ.
pub fn derive_id(prefix: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let bytes = hash.finalize();
    let mut out = String::with_capacity(prefix.len() + 21);
    out.push_str(prefix);
    out.push('_');
    let (mut bits, mut have) = (0u32, 0u32);
    let mut source = bytes.iter();
    for _ in 0..20 {
        if have < 5 {
            bits = (bits << 8) | u32::from(*source.next().unwrap_or(&0));
            have += 8;
        }
        have -= 5;
        let index = (bits >> have) & 31;
        out.push(char::from(ALPHABET[index as usize]));
    }
    out
}

/// SHA-256 of a body, in hex: what "the same body" means.
pub fn digest(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_parts_same_id_and_borders_matter() {
        let id = derive_id("eng", &["salesforce", "006"]);
        assert_eq!(id, derive_id("eng", &["salesforce", "006"]));
        assert_eq!(id.len(), 24);
        assert_ne!(derive_id("x", &["ab", "c"]), derive_id("x", &["a", "bc"]));
    }
}
