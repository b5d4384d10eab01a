//! The keys of a provider.

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;

use crate::Algorithm;

/// Most keys that are taken from one set.
const MOST: usize = 20;
/// Characters of the modulus of an RSA key of 2048 bits, in base64.
const RSA_2048: usize = 342;

/// A public key, with the one algorithm it is for.
#[derive(Clone)]
pub(crate) struct Key {
    id: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) decoding: DecodingKey,
    /// The public key itself, to compare.
    written: AlgorithmParameters,
}

/// Keys of a provider, as far as they can be used.
#[derive(Default, Clone)]
pub(crate) struct KeySet(Vec<Key>);

#[derive(Deserialize)]
struct Written {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a JSON Web Key Set. Keys that cannot verify a signature of ours are left out; a set without any is an error.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(bytes).map_err(|_| "is no JSON Web Key Set".to_owned())?;
        if written.keys.len() > MOST {
            return Err(format!("has {} keys, more than {MOST}", written.keys.len()));
        }
        let keys: Vec<Key> = written.keys.into_iter().filter_map(key).collect();
        if keys.is_empty() {
            return Err("has no key that can be used: RSA of 2048 bits or more, P-256 or Ed25519".to_owned());
        }
        Ok(Self(keys))
    }

    /// The key of that id for that algorithm. A token that names none means the only one there is.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id));
        let first = fitting.next();
        if id.is_none() && fitting.next().is_some() {
            return None;
        }
        first
    }

    /// Whether both hold the same keys.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let same = |(one, two): (&Key, &Key)| one.id == two.id && one.algorithm == two.algorithm && one.written == two.written;
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(same)
    }
}

fn key(written: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(written).ok()?;
    if jwk
        .common
        .public_key_use
        .as_ref()
        .is_some_and(|of| *of != PublicKeyUse::Signature)
    {
        return None;
    }
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(rsa) if rsa.n.len() >= RSA_2048 => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => (Algorithm::ES256, KeyAlgorithm::ES256),
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    if jwk.common.key_algorithm.is_some_and(|said| said != named) {
        return None;
    }
    Some(Key {
        algorithm,
        decoding: DecodingKey::from_jwk(&jwk).ok()?,
        id: jwk.common.key_id,
        written: jwk.algorithm,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn ed(id: &str, x: u8) -> Value {
        use base64::Engine;
        let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode([x; 32]);
        json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": x})
    }

    fn set(keys: &[Value]) -> Result<KeySet, String> {
        KeySet::parse(&serde_json::to_vec(&json!({ "keys": keys })).unwrap())
    }

    #[test]
    fn a_key_is_found_by_id_and_algorithm_only() {
        let two = set(&[ed("a", 1), ed("b", 2)]).unwrap();
        assert!(two.find(Some("a"), Algorithm::EdDSA).is_some());
        assert!(two.find(Some("a"), Algorithm::RS256).is_none());
        assert!(two.find(Some("c"), Algorithm::EdDSA).is_none());
        assert!(two.find(None, Algorithm::EdDSA).is_none(), "one of two");
        assert!(set(&[ed("a", 1)]).unwrap().find(None, Algorithm::EdDSA).is_some());
        assert!(two.is_same(&two.clone()) && !two.is_same(&set(&[ed("a", 1), ed("b", 3)]).unwrap()));
    }

    #[test]
    fn what_cannot_verify_is_left_out() {
        let secret = json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "s"});
        let small = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "r"});
        let encrypts = json!({"kty": "OKP", "crv": "Ed25519", "use": "enc", "kid": "e", "x": ed("", 1)["x"]});
        let other = json!({"kty": "OKP", "crv": "Ed25519", "alg": "RS256", "kid": "o", "x": ed("", 1)["x"]});
        let strange = json!({"kty": "new"});
        for bad in [&secret, &small, &encrypts, &other, &strange] {
            assert!(set(std::slice::from_ref(bad)).is_err(), "{bad}");
        }
        let kept = set(&[secret, small, encrypts, other, strange, ed("a", 1)]).unwrap();
        assert_eq!(kept.0.len(), 1);
    }

    #[test]
    fn a_set_is_bounded() {
        let many: Vec<Value> = (0..21).map(|number| ed(&number.to_string(), number)).collect();
        assert!(set(&many).is_err() && set(&many[..20]).is_ok());
        assert!(KeySet::parse(b"<html>").is_err());
    }
}
