//! Whose rows an answer holds, by what the contract says of its fields.
//!
//! Nothing is decoded: a message is walked field by field. Each message with a field that says whose it is is a row: somebody is asked
//! whether it may be shown, and it is copied or left out. A row within a row is its holder's in what it does not say itself. What this
//! build does not know is left out: it may hold rows.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use prost::bytes::{Buf, BufMut};
use prost::encoding::{DecodeContext, WireType, decode_key, encode_key, encode_varint, skip_field};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::mask::{DEEPEST, take};
use crate::rules::is_ours;
use crate::strata::options::v1::Row;
use crate::{Garbled, Policies};

/// What a row says of whose it is. A set is empty when it says nothing of that.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Whose {
    /// Customers, by our id.
    pub customers: BTreeSet<String>,
    /// Legal entities of the firm, by code.
    pub legal_entities: BTreeSet<String>,
    /// People, by employee number.
    pub people: BTreeSet<String>,
}

/// Where rows stand in the messages of every method.
#[derive(Debug, Default)]
pub struct Rows {
    /// By path: places of request and answer.
    methods: HashMap<String, (usize, usize)>,
    messages: Vec<Shape>,
}

/// The rows of one method. Cloning shares them.
#[derive(Debug, Clone)]
pub struct MethodRows {
    all: Arc<Rows>,
    request: usize,
    answer: usize,
}

/// Why an answer is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// It is one row, and may not be shown.
    Denied,
    /// The bytes are no message.
    Garbled,
}

impl From<Garbled> for Withheld {
    fn from(_: Garbled) -> Self {
        Self::Garbled
    }
}

/// What becomes of the fields of a message.
#[derive(Debug, Default)]
struct Shape {
    known: HashMap<u32, Part>,
    /// It says whose it is, itself or in a message that it holds once.
    is_row: bool,
    /// It is a row, or holds some.
    has_rows: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It says whose the row is.
    Says(Row),
    /// It belongs to the row that it stands in.
    Plain,
    /// A message that belongs to the row, and may say whose it is or hold rows.
    Within(usize),
    /// A list of rows.
    Each(usize),
}

impl Whose {
    /// What it says of one kind. None: the kind is not known.
    pub fn of_kind(&mut self, kind: Row) -> Option<&mut BTreeSet<String>> {
        match kind {
            Row::Customer => Some(&mut self.customers),
            Row::LegalEntity => Some(&mut self.legal_entities),
            Row::Person => Some(&mut self.people),
            Row::Unspecified => None,
        }
    }

    /// True when it says nothing.
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty() && self.legal_entities.is_empty() && self.people.is_empty()
    }

    /// What it says, and of what it does not say what its holder says.
    #[must_use]
    pub fn within(self, holder: &Self) -> Self {
        let of = |own: BTreeSet<String>, outer: &BTreeSet<String>| if own.is_empty() { outer.clone() } else { own };
        Self {
            customers: of(self.customers, &holder.customers),
            legal_entities: of(self.legal_entities, &holder.legal_entities),
            people: of(self.people, &holder.people),
        }
    }
}

impl std::fmt::Display for Whose {
    /// Kinds and ids, as logs may show them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |held: &BTreeSet<String>| held.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        write!(
            f,
            "customers=[{}] legal_entities=[{}] people=[{}]",
            list(&self.customers),
            list(&self.legal_entities),
            list(&self.people)
        )
    }
}

impl Rows {
    /// As the contracts say it.
    pub fn new(policies: &Policies) -> Arc<Self> {
        let types: Vec<MessageDescriptor> = policies.pool().all_messages().collect();
        let index: HashMap<&str, usize> = types.iter().enumerate().map(|(at, held)| (held.full_name(), at)).collect();
        let part = |field: &FieldDescriptor| {
            let said = policies
                .field(field.full_name())
                .map_or(Row::Unspecified, |policy| policy.row());
            let part = match field.kind() {
                Kind::Message(below) if is_ours(below.full_name()) && field.is_list() => Part::Each(index[below.full_name()]),
                Kind::Message(below) if is_ours(below.full_name()) => Part::Within(index[below.full_name()]),
                Kind::String if said != Row::Unspecified => Part::Says(said),
                _ => Part::Plain,
            };
            (field.number(), part)
        };
        let shape = |held: &MessageDescriptor| Shape {
            known: held.fields().map(|field| part(&field)).collect(),
            ..Shape::default()
        };
        let mut messages: Vec<Shape> = types.iter().map(shape).collect();
        settle(&mut messages);
        let mut methods = HashMap::new();
        let services = policies.pool().services().filter(|service| is_ours(service.full_name()));
        for method in services.flat_map(|service| service.methods().collect::<Vec<_>>()) {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let at = |held: MessageDescriptor| index[held.full_name()];
            methods.insert(path, (at(method.input()), at(method.output())));
        }
        Arc::new(Self { methods, messages })
    }

    /// The rows of a method, by its path. None: not one of our methods.
    pub fn of(self: &Arc<Self>, path: &str) -> Option<MethodRows> {
        let (request, answer) = *self.methods.get(path)?;
        let all = Arc::clone(self);
        Some(MethodRows { all, request, answer })
    }
}

/// Works out which messages are rows and which hold some, until nothing more is found.
fn settle(messages: &mut [Shape]) {
    loop {
        let before: Vec<(bool, bool)> = messages.iter().map(|shape| (shape.is_row, shape.has_rows)).collect();
        for shape in &mut *messages {
            for part in shape.known.values() {
                let (is_row, has_rows) = match *part {
                    Part::Says(_) => (true, true),
                    Part::Plain => (false, false),
                    Part::Within(below) => before[below],
                    Part::Each(below) => (false, before[below].1),
                };
                shape.is_row |= is_row;
                shape.has_rows |= has_rows;
            }
        }
        if messages
            .iter()
            .map(|shape| (shape.is_row, shape.has_rows))
            .eq(before.iter().copied())
        {
            break;
        }
    }
    let settled: Vec<(bool, bool)> = messages.iter().map(|shape| (shape.is_row, shape.has_rows)).collect();
    for part in messages.iter_mut().flat_map(|shape| shape.known.values_mut()) {
        *part = match *part {
            // Elements that say nothing of themselves belong to the row that holds them.
            Part::Each(below) if !settled[below].0 && settled[below].1 => Part::Within(below),
            Part::Each(below) | Part::Within(below) if !settled[below].1 => Part::Plain,
            part => part,
        };
    }
}

impl MethodRows {
    /// True when a request of the method may name whose rows are asked for.
    pub fn are_asked_for(&self) -> bool {
        self.all.messages[self.request].has_rows
    }

    /// Whose rows a request names, wherever it does.
    ///
    /// # Errors
    /// When the bytes are no message.
    pub fn asked_for(&self, request: &[u8]) -> Result<Whose, Garbled> {
        let mut whose = Whose::default();
        self.all.scan(self.request, request, true, &mut whose, DEEPEST)?;
        Ok(whose)
    }

    /// The answer with the rows that may be shown. An answer that is one row may be shown or not; one that holds no rows is asked for as a
    /// row that says nothing.
    ///
    /// # Errors
    /// When it may not be shown, or the bytes are no message. Then nothing of them may be sent.
    pub fn keep(&self, answer: &[u8], may: &mut dyn FnMut(&Whose) -> bool) -> Result<Vec<u8>, Withheld> {
        let shape = &self.all.messages[self.answer];
        let nobody = Whose::default();
        let mut out = Vec::with_capacity(answer.len());
        if shape.is_row || !shape.has_rows {
            let kept = self.all.row(self.answer, answer, &nobody, may, &mut out, DEEPEST)?;
            return if kept { Ok(out) } else { Err(Withheld::Denied) };
        }
        self.all.copy(self.answer, answer, &nobody, may, &mut out, DEEPEST)?;
        Ok(out)
    }
}

impl Rows {
    /// Writes a row when it may be shown. False: it may not.
    fn row(
        &self,
        at: usize,
        bytes: &[u8],
        holder: &Whose,
        may: &mut dyn FnMut(&Whose) -> bool,
        out: &mut Vec<u8>,
        deep: u32,
    ) -> Result<bool, Garbled> {
        let mut own = Whose::default();
        self.scan(at, bytes, false, &mut own, deep)?;
        let whose = own.within(holder);
        if !may(&whose) {
            return Ok(false);
        }
        self.copy(at, bytes, &whose, may, out, deep)?;
        Ok(true)
    }

    /// Collects what a message says of whose it is. A field that stands there twice counts twice: all of it has to be the caller's.
    fn scan(&self, at: usize, mut left: &[u8], in_lists: bool, whose: &mut Whose, deep: u32) -> Result<(), Garbled> {
        while left.has_remaining() {
            let (number, wire) = decode_key(&mut left).map_err(|_| Garbled)?;
            let part = self.messages[at].known.get(&number).copied();
            match part {
                Some(Part::Says(kind)) => {
                    let said = text(&mut left, wire)?;
                    if let Some(held) = whose.of_kind(kind).filter(|_| !said.is_empty()) {
                        held.insert(said.to_owned());
                    }
                }
                Some(Part::Within(below)) => self.scan(below, inner(&mut left, wire)?, in_lists, whose, deeper(deep)?)?,
                Some(Part::Each(below)) if in_lists => self.scan(below, inner(&mut left, wire)?, true, whose, deeper(deep)?)?,
                _ => skip_field(wire, number, &mut left, DecodeContext::default()).map_err(|_| Garbled)?,
            }
        }
        Ok(())
    }

    /// Copies a message that may be shown, without the rows in it that may not.
    fn copy(
        &self,
        at: usize,
        mut left: &[u8],
        whose: &Whose,
        may: &mut dyn FnMut(&Whose) -> bool,
        out: &mut Vec<u8>,
        deep: u32,
    ) -> Result<(), Garbled> {
        while left.has_remaining() {
            let begin = left;
            let (number, wire) = decode_key(&mut left).map_err(|_| Garbled)?;
            let part = self.messages[at].known.get(&number).copied();
            let mut kept = Vec::new();
            let is_kept = match part {
                Some(Part::Within(below)) => {
                    self.copy(below, inner(&mut left, wire)?, whose, may, &mut kept, deeper(deep)?)?;
                    true
                }
                Some(Part::Each(below)) => self.row(below, inner(&mut left, wire)?, whose, may, &mut kept, deeper(deep)?)?,
                known => {
                    skip_field(wire, number, &mut left, DecodeContext::default()).map_err(|_| Garbled)?;
                    if known.is_some() {
                        let used = begin.len() - left.len();
                        out.put_slice(begin.get(..used).ok_or(Garbled)?);
                    }
                    continue;
                }
            };
            if is_kept {
                encode_key(number, wire, out);
                encode_varint(kept.len() as u64, out);
                out.put_slice(&kept);
            }
        }
        Ok(())
    }
}

fn deeper(deep: u32) -> Result<u32, Garbled> {
    deep.checked_sub(1).ok_or(Garbled)
}

fn inner<'a>(left: &mut &'a [u8], wire: WireType) -> Result<&'a [u8], Garbled> {
    if wire != WireType::LengthDelimited {
        return Err(Garbled);
    }
    take(left)
}

fn text<'a>(left: &mut &'a [u8], wire: WireType) -> Result<&'a str, Garbled> {
    std::str::from_utf8(inner(left, wire)?).map_err(|_| Garbled)
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
