//! Secrets of a vendor's section are references, as everywhere: `file:/path` or `env:NAME`.
//!
//! The adapters take plain credentials. What stands between is this deserializer, which hands every value on as it is, and for
//! the keys of secrets what their reference leads to.

use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use strata_settings::Secret;

/// Keys that hold a secret, in every vendor's section.
const KEYS: [&str; 4] = ["client_secret", "access_token", "private_key_pem", "refresh_token"];

/// Reads a section whose secrets are references.
pub(super) fn resolved<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(Resolving(deserializer))
}

struct Resolving<T>(T);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Resolving<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Resolving(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Resolving<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Entries { map, is_secret: false })
    }
}

struct Entries<A> {
    map: A,
    /// The key read last is that of a secret.
    is_secret: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(key) = self.map.next_key::<String>()? else {
            return Ok(None);
        };
        self.is_secret = KEYS.contains(&key.as_str());
        seed.deserialize(IntoDeserializer::<A::Error>::into_deserializer(key))
            .map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        if !self.is_secret {
            return self.map.next_value_seed(seed);
        }
        let secret: Secret = self.map.next_value()?;
        seed.deserialize(Text::<A::Error>(secret.reveal().to_owned().into_deserializer()))
    }
}

/// A text that may also be asked for as an optional one.
struct Text<E>(StringDeserializer<E>);

impl<'de, E: Error> Deserializer<'de> for Text<E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
