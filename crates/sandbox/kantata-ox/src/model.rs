//! What a resource is made of.

use chrono::{DateTime, Utc};
use serde_json::Value;
use strata_sandbox::{Body, Record, Tx, View};

use crate::answer::{Refusal, Violation};
use crate::{input, times};

/// What a field holds and how it is read from a request and printed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Type {
    Text,
    Bool,
    /// A whole number: minutes, subunits of a currency.
    Int,
    /// `2026-03-02`.
    Date,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// The id of a record of this kind: a number inside, a text in answers.
    Id(&'static str),
    /// Ids of records of this kind.
    Ids(&'static str),
    /// The number of something that is not a resource here, such as a receipt's attachment.
    Number,
    /// Role rates: `[{"role_name", "rate_in_cents"}]`.
    Rates,
    /// An instant, kept as milliseconds.
    Instant,
}

/// Who may set a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Only the rules. What a request says is ignored.
    Computed,
    /// A create.
    Once,
    /// A create or update.
    Any,
}

/// A field of a resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) holds: Type,
    pub(crate) access: Access,
    /// Printed only when the request asks to include this association.
    pub(crate) include: Option<&'static str>,
    /// What requests call it, where that differs from what answers call it.
    pub(crate) request_name: &'static str,
}

impl Field {
    /// A field requests may set at any time and answers always carry.
    pub(crate) const fn new(name: &'static str, holds: Type) -> Self {
        Self {
            name,
            holds,
            access: Access::Any,
            include: None,
            request_name: name,
        }
    }

    pub(crate) const fn computed(self) -> Self {
        Self {
            access: Access::Computed,
            ..self
        }
    }

    pub(crate) const fn once(self) -> Self {
        Self {
            access: Access::Once,
            ..self
        }
    }

    pub(crate) const fn included_by(self, association: &'static str) -> Self {
        Self {
            include: Some(association),
            ..self
        }
    }

    pub(crate) const fn requested_as(self, name: &'static str) -> Self {
        Self {
            request_name: name,
            ..self
        }
    }
}

/// Records of another kind that point here. Their ids are printed when the association is included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Many {
    pub(crate) include: &'static str,
    /// Name of the printed field: a list, unless it ends in `_id`.
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    /// Index of that kind which holds ids of ours.
    pub(crate) index: &'static str,
}

/// A query parameter that narrows a list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Filter {
    /// Any of these texts or ids, separated by commas, in an index.
    Any { param: &'static str, index: &'static str },
    /// As `Any`, without regard to case: the index holds lower case.
    AnyCase { param: &'static str, index: &'static str },
    /// `from:to` in an index, both inclusive.
    Between { param: &'static str, index: &'static str },
    /// Present means this value, whatever is written behind the equals sign: a quirk of the vendor.
    Present {
        param: &'static str,
        field: &'static str,
        value: bool,
    },
    /// Exactly this text or number, in a field that is not indexed.
    Equals { param: &'static str, field: &'static str },
    /// `true` or `false`.
    Bool { param: &'static str, field: &'static str },
}

/// What the default filters hide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hides {
    Nothing,
    /// Archived records, unless `include_archived=true`.
    Archived,
    /// Records of archived workspaces, unless `from_archived_workspaces=true`.
    FromArchivedWorkspaces,
}

/// A rule, run inside the write it judges. It may correct `new`, write other records, note violations, or refuse.
pub(crate) type Rule = fn(&mut Change<'_, '_>) -> Result<(), Refusal>;

/// A resource.
#[derive(Debug)]
pub(crate) struct Model {
    /// Plural name: path, collection key and kind in the store.
    pub(crate) kind: &'static str,
    /// Singular name: the wrapper of request bodies.
    pub(crate) singular: &'static str,
    /// Subject type in external references and custom field values.
    pub(crate) subject: &'static str,
    pub(crate) fields: &'static [Field],
    pub(crate) many: &'static [Many],
    pub(crate) filters: &'static [Filter],
    /// The text field `search` and `matching` look into.
    pub(crate) search: Option<&'static str>,
    /// Order of a list when the request names none: field and direction.
    pub(crate) order: &'static str,
    pub(crate) hides: Hides,
    /// Judges a create; `None`: cannot be created by a request of its own.
    pub(crate) create: Option<Rule>,
    /// Runs once the new record has its id.
    pub(crate) created: Option<Rule>,
    /// Judges an update; `None`: cannot be updated.
    pub(crate) update: Option<Rule>,
    /// Judges a delete; `None`: cannot be deleted.
    pub(crate) delete: Option<Rule>,
    /// `PUT /{kind}/{id}/{name}`.
    pub(crate) actions: &'static [(&'static str, Rule)],
    /// Adds computed fields to an answer.
    pub(crate) extra: Option<fn(&View<'_>, &Record, &mut Body)>,
}

impl Model {
    /// A resource that can be created, updated and deleted freely; declarations override what differs.
    pub(crate) const PLAIN: Self = Self {
        kind: "",
        singular: "",
        subject: "",
        fields: &[],
        many: &[],
        filters: &[],
        search: None,
        order: "created_at:asc",
        hides: Hides::Nothing,
        create: Some(no_rule),
        created: None,
        update: Some(no_rule),
        delete: Some(no_rule),
        actions: &[],
        extra: None,
    };
}

/// For what is always allowed.
pub(crate) fn no_rule(_: &mut Change<'_, '_>) -> Result<(), Refusal> {
    Ok(())
}

/// A write under judgement.
pub(crate) struct Change<'t, 'a> {
    pub(crate) tx: &'t mut Tx<'a>,
    /// Stamp of every record this change writes.
    pub(crate) at: DateTime<Utc>,
    /// The simulated time.
    pub(crate) now: DateTime<Utc>,
    /// The record's id; 0 until it has one.
    pub(crate) id: u64,
    /// The record as it was; `None` when creating.
    pub(crate) old: Option<Body>,
    /// The record as it shall be.
    pub(crate) new: Body,
    /// What the request said.
    pub(crate) input: &'t Body,
    pub(crate) violations: Vec<Violation>,
}

impl Change<'_, '_> {
    /// Notes a violation; the rest of the rules still run, so that an answer names everything at once.
    pub(crate) fn violates(&mut self, field: &str, message: impl Into<String>) {
        self.violations.push(Violation {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// Notes a violation for each of these fields that is blank and not already in doubt.
    pub(crate) fn require(&mut self, fields: &[&str]) {
        for field in fields {
            let blank = match self.new.get(*field) {
                None | Some(Value::Null) => true,
                Some(Value::String(text)) => text.trim().is_empty(),
                Some(Value::Array(list)) => list.is_empty(),
                Some(_) => false,
            };
            if blank && !self.violations.iter().any(|v| v.field == *field) {
                self.violates(field, format!("{} can't be blank", input::title(field)));
            }
        }
    }

    /// Gives a field its value where the request left it out.
    pub(crate) fn default(&mut self, field: &str, value: impl Into<Value>) {
        if self.new.get(field).is_none_or(Value::is_null) {
            self.new.insert(field.to_owned(), value.into());
        }
    }

    pub(crate) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.new.insert(field.to_owned(), value.into());
    }

    /// The record the field points to.
    pub(crate) fn pointed(&self, field: &str, kind: &str) -> Option<Body> {
        self.tx.get(kind, id(&self.new, field)?)
    }

    /// Whether an update gives the field another value.
    pub(crate) fn alters(&self, field: &str) -> bool {
        let value = |body: &Body| body.get(field).filter(|v| !v.is_null()).cloned();
        self.old.as_ref().is_some_and(|old| value(old) != value(&self.new))
    }

    /// Notes a violation when the second date comes before the first.
    pub(crate) fn require_order(&mut self, first: &str, last: &str) {
        let date = |field| text(&self.new, field).and_then(times::date);
        if let (Some(from), Some(to)) = (date(first), date(last))
            && to < from
        {
            self.violates(
                last,
                format!("{} must not be before {}", input::title(last), input::title(first)),
            );
        }
    }

    /// Rewrites another record in the same write, moving its `updated_at`.
    pub(crate) fn edit(&mut self, kind: &str, id: u64, edit: impl FnOnce(&mut Body)) {
        if let Some(mut body) = self.tx.get(kind, id) {
            edit(&mut body);
            self.tx.put(kind, id, body, self.at);
        }
    }
}

/// A text field.
pub(crate) fn text<'b>(body: &'b Body, field: &str) -> Option<&'b str> {
    body.get(field).and_then(Value::as_str)
}

/// A field holding an id.
pub(crate) fn id(body: &Body, field: &str) -> Option<u64> {
    body.get(field).and_then(Value::as_u64)
}

/// A whole number.
pub(crate) fn int(body: &Body, field: &str) -> Option<i64> {
    body.get(field).and_then(Value::as_i64)
}

/// A field that is there and true.
pub(crate) fn is(body: &Body, field: &str) -> bool {
    body.get(field).and_then(Value::as_bool).unwrap_or(false)
}

/// A field holding several ids.
pub(crate) fn ids(body: &Body, field: &str) -> Vec<u64> {
    body.get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .collect()
}
