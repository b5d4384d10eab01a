//! Leaves fields out of a message on the wire, by what the contract says of their sensitivity.
//!
//! Nothing is decoded: a message is walked field by field, what may be seen is copied as it is, and only what holds something hidden
//! somewhere below is looked into. What this build does not know is copied for whoever sees what says nothing of itself, and left
//! out for others.

use std::collections::HashMap;
use std::sync::Arc;

use prost::bytes::{Buf, BufMut};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::Policies;
use crate::rules::is_ours;
use crate::strata::options::v1::Sensitivity;

/// How deep messages may lie in each other: prost's own limit.
pub(crate) const DEEPEST: u32 = 100;

/// What is left out of the answers of every method, for one kind of caller.
#[derive(Debug, Default)]
pub struct Masks {
    /// By path. Methods whose answers hold nothing hidden are not here.
    methods: HashMap<String, usize>,
    messages: Vec<Fields>,
}

/// What becomes of the fields of a message.
#[derive(Debug, Default)]
struct Fields {
    known: HashMap<u32, Rule>,
    drops_unknown: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// It is left out.
    Drop,
    /// It is copied.
    Copy,
    /// It is a message that holds something hidden: see there.
    Within(usize),
}

/// The mask of one method. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Mask {
    all: Arc<Masks>,
    message: usize,
}

/// Bytes that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Garbled;

impl Masks {
    /// What is left out when fields of some sensitivities are hidden: see [`Policies::hidden`].
    pub fn new(policies: &Policies, hidden: &[Sensitivity]) -> Arc<Self> {
        let types: Vec<MessageDescriptor> = policies.pool().all_messages().collect();
        let index: HashMap<&str, usize> = types
            .iter()
            .enumerate()
            .map(|(at, held)| (held.full_name(), 2 * at))
            .collect();
        let draft = Draft { policies, hidden, index };
        let within = |held: &MessageDescriptor| [false, true].map(|is_shown| draft.fields(held, is_shown));
        let mut messages: Vec<Fields> = types.iter().flat_map(within).collect();
        let hides = hides(&messages);
        for rule in messages.iter_mut().flat_map(|fields| fields.known.values_mut()) {
            if matches!(rule, Rule::Within(below) if !hides[*below]) {
                *rule = Rule::Copy;
            }
        }
        let mut methods = HashMap::new();
        let services = policies.pool().services();
        for method in services.flat_map(|service| service.methods().collect::<Vec<_>>()) {
            let answer = draft.index[method.output().full_name()];
            if is_ours(method.full_name()) && hides[answer] {
                methods.insert(format!("/{}/{}", method.parent_service().full_name(), method.name()), answer);
            }
        }
        Arc::new(Self { methods, messages })
    }

    /// The mask of a method, by its path. None: its answers are sent as they are.
    pub fn of(self: &Arc<Self>, path: &str) -> Option<Mask> {
        let message = *self.methods.get(path)?;
        Some(Mask {
            all: Arc::clone(self),
            message,
        })
    }
}

impl Mask {
    /// The message without what is hidden.
    ///
    /// # Errors
    /// When the bytes are no message. Then nothing of them may be sent.
    pub fn apply(&self, message: &[u8]) -> Result<Vec<u8>, Garbled> {
        let mut out = Vec::with_capacity(message.len());
        self.all.walk(self.message, message, &mut out, DEEPEST)?;
        Ok(out)
    }
}

/// Which messages hold something hidden, themselves or below.
fn hides(messages: &[Fields]) -> Vec<bool> {
    let mut hides: Vec<bool> = messages.iter().map(|fields| fields.drops_unknown).collect();
    loop {
        let before = hides.clone();
        for (at, fields) in messages.iter().enumerate() {
            hides[at] |= fields.known.values().any(|rule| match rule {
                Rule::Drop => true,
                Rule::Copy => false,
                Rule::Within(below) => before[*below],
            });
        }
        if hides == before {
            return hides;
        }
    }
}

/// What masks are made from.
struct Draft<'a> {
    policies: &'a Policies,
    hidden: &'a [Sensitivity],
    /// Place of each type within a field that says nothing. Behind it: within one that says who sees it.
    index: HashMap<&'a str, usize>,
}

impl Draft<'_> {
    /// `is_shown`: the field that holds the message says who sees it, and so speaks for what in it says nothing.
    fn fields(&self, held: &MessageDescriptor, is_shown: bool) -> Fields {
        Fields {
            known: held
                .fields()
                .map(|field| (field.number(), self.rule(&field, is_shown)))
                .collect(),
            drops_unknown: !is_shown && self.hides(Sensitivity::Unspecified),
        }
    }

    fn rule(&self, field: &FieldDescriptor, is_shown: bool) -> Rule {
        let policy = self.policies.field(field.full_name());
        let said = policy.map_or(Sensitivity::Unspecified, |policy| policy.sensitivity());
        let is_said = said != Sensitivity::Unspecified;
        let is_shown = is_shown || is_said;
        match field.kind() {
            _ if is_said && self.hides(said) => Rule::Drop,
            Kind::Message(below) if is_ours(below.full_name()) => {
                Rule::Within(self.index[below.full_name()] + usize::from(is_shown))
            }
            // A message of somebody else's, as a date, says nothing of itself: whoever holds it does.
            _ if is_shown || !self.hides(said) => Rule::Copy,
            _ => Rule::Drop,
        }
    }

    fn hides(&self, sensitivity: Sensitivity) -> bool {
        self.hidden.contains(&sensitivity)
    }
}

impl Masks {
    fn walk(&self, at: usize, mut left: &[u8], out: &mut Vec<u8>, deep: u32) -> Result<(), Garbled> {
        let fields = &self.messages[at];
        while left.has_remaining() {
            let begin = left;
            let (number, wire) = decode_key(&mut left).map_err(|_| Garbled)?;
            let rule = match fields.known.get(&number) {
                Some(rule) => *rule,
                None if fields.drops_unknown => Rule::Drop,
                None => Rule::Copy,
            };
            match rule {
                Rule::Within(below) if wire == WireType::LengthDelimited => {
                    let deep = deep.checked_sub(1).ok_or(Garbled)?;
                    let inner = take(&mut left)?;
                    let mut kept = Vec::with_capacity(inner.len());
                    self.walk(below, inner, &mut kept, deep)?;
                    encode_key(number, wire, out);
                    encode_varint(kept.len() as u64, out);
                    out.put_slice(&kept);
                }
                rule => {
                    skip_field(wire, number, &mut left, DecodeContext::default()).map_err(|_| Garbled)?;
                    // A message that comes as something else than a message is not looked into, and not sent.
                    if rule == Rule::Copy {
                        let used = begin.len() - left.len();
                        out.put_slice(begin.get(..used).ok_or(Garbled)?);
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a length says is there.
pub(crate) fn take<'a>(left: &mut &'a [u8]) -> Result<&'a [u8], Garbled> {
    let len = decode_varint(left).map_err(|_| Garbled)?;
    let len = usize::try_from(len).map_err(|_| Garbled)?;
    let (inner, rest) = left.split_at_checked(len).ok_or(Garbled)?;
    *left = rest;
    Ok(inner)
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
