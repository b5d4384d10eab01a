//! What an object's field table can say.

/// A table of the org.
#[derive(Debug)]
pub(crate) struct Object {
    /// API name; custom ones end in `__c`.
    pub(crate) name: &'static str,
    /// First three characters of its record ids.
    pub(crate) prefix: &'static str,
    /// Its own fields; [`SYSTEM`] come on top.
    pub(crate) fields: &'static [Field],
    /// Fields that are found without reading every record.
    pub(crate) indexes: &'static [&'static str],
}

/// A column.
#[derive(Debug)]
pub(crate) struct Field {
    /// API name.
    pub(crate) name: &'static str,
    /// What its values look like.
    pub(crate) kind: FieldKind,
    /// Must have a value at all times.
    pub(crate) required: bool,
    /// Set by the vendor only.
    pub(crate) read_only: bool,
    /// Records can be addressed by it.
    pub(crate) external_id: bool,
}

/// What values of a field look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// The record's own id.
    Id,
    /// Text of at most so many characters.
    Text(usize),
    /// An email address.
    Email,
    /// True or false, never null.
    Bool,
    /// A whole number.
    Int,
    /// A decimal number with a meaning: `currency`, `percent` or `double`.
    Decimal(&'static str),
    /// A calendar day.
    Date,
    /// An instant.
    DateTime,
    /// One of these values.
    Picklist(&'static [&'static str]),
    /// A value of a list that anybody may add to.
    OpenPicklist,
    /// Several values joined by `;`.
    MultiPicklist,
    /// The code of an active currency.
    Currency,
    /// The id of a record of the named object.
    Reference(&'static str),
}

impl FieldKind {
    /// The vendor's name of the type, as `describe` says it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Text(_) => "string",
            Self::Email => "email",
            Self::Bool => "boolean",
            Self::Int => "int",
            Self::Decimal(label) => label,
            Self::Date => "date",
            Self::DateTime => "dateTime",
            Self::Picklist(_) | Self::OpenPicklist | Self::Currency => "picklist",
            Self::MultiPicklist => "multipicklist",
            Self::Reference(_) => "reference",
        }
    }
}

impl Field {
    pub(crate) const fn new(name: &'static str, kind: FieldKind) -> Self {
        Self {
            name,
            kind,
            required: false,
            read_only: false,
            external_id: false,
        }
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    pub(crate) const fn external_id(mut self) -> Self {
        self.external_id = true;
        self
    }
}

/// Fields every object has.
pub(crate) static SYSTEM: [Field; 6] = [
    Field::new("Id", FieldKind::Id).read_only(),
    Field::new("IsDeleted", FieldKind::Bool).read_only(),
    Field::new("CreatedDate", FieldKind::DateTime).read_only(),
    Field::new("LastModifiedDate", FieldKind::DateTime).read_only(),
    Field::new("SystemModstamp", FieldKind::DateTime).read_only(),
    Field::new("OwnerId", FieldKind::Reference("User")),
];

impl Object {
    /// All fields, the vendor's own first.
    pub(crate) fn all_fields(&self) -> impl Iterator<Item = &'static Field> {
        SYSTEM.iter().chain(self.fields)
    }

    /// The field of this name, in any case, as the vendor matches names.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.all_fields().find(|f| f.name.eq_ignore_ascii_case(name))
    }

    /// Whether an administrator made it.
    pub(crate) fn is_custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    /// Whether records are found by this field without reading them all.
    pub(crate) fn is_indexed(&self, field: &Field) -> bool {
        self.indexes.contains(&field.name)
    }
}
