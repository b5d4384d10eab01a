//! Record types as data: which fields a record has, what they may hold, what refers to it.

mod parties;
mod postings;
mod setup;

use strata_sandbox::Kind;

/// Labels NetSuite shows for the ids of an enumeration.
pub(crate) type Choices = &'static [(&'static str, &'static str)];

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// A string.
    Text,
    /// A string `YYYY-MM-DD`.
    Day,
    /// `true` or `false`.
    Flag,
    /// A JSON number without fraction.
    Whole,
    /// A JSON number, kept digit for digit.
    Number,
    /// A string `H:MM`, negative to take back.
    Hours,
    /// `{"refName": "USD"}`, an ISO 4217 code.
    Currency,
    /// A string with an ISO 4217 code.
    CurrencyCode,
    /// `{"id": ..}` or `{"externalId": ..}` of a record of this type.
    Ref(&'static str),
    /// `{"id": ..}` of an invoice or credit memo, which share one numbering.
    Document,
    /// `{"id": ..}` of an enumeration.
    Choice(Choices),
    /// `{"items": [..]}`.
    Sublist(&'static [Field]),
}

/// Who fills a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filled {
    /// The client must.
    Must,
    /// The client may.
    May,
    /// NetSuite does; a client that sends it is treated as if it had sent an unknown field.
    Computed,
}

/// A field of a record or of a sublist line.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) filled: Filled,
}

/// Rules beyond the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// None.
    Plain,
    /// Exchange rate.
    Rate,
    /// Accounting period.
    Period,
    /// Time entry: dated, not a ledger posting.
    Time,
    /// Invoice or credit memo; the text starts its numbers.
    Document(&'static str),
    /// Payment of documents.
    Payment,
    /// Journal: debits and credits.
    Journal,
}

impl Rule {
    /// Posted once and never edited.
    pub(crate) fn is_posting(self) -> bool {
        matches!(self, Self::Document(_) | Self::Payment | Self::Journal)
    }
}

/// A record type.
#[derive(Debug)]
pub(crate) struct RecordType {
    /// Name in the address.
    pub(crate) name: &'static str,
    /// Kind of document in the store. Invoices, credit memos and journals share one, so that their ids are distinct.
    pub(crate) kind: &'static str,
    /// Fields beside `id`, `externalId` and the stamps, which every record has.
    pub(crate) fields: &'static [Field],
    pub(crate) rule: Rule,
    /// Field that other records show as `refName`.
    pub(crate) label: &'static str,
    /// Indexed field that no two records share.
    pub(crate) unique: Option<&'static str>,
    /// Prefix of the number given when the client leaves the `unique` field out.
    pub(crate) numbered: Option<&'static str>,
    /// Kinds and indexes in which other records refer to this one.
    pub(crate) used_by: &'static [(&'static str, &'static str)],
}

/// Internal field of the kind [`TRANSACTION`]: which record type it is. Fields that start with `_` are never shown.
pub(crate) const DISCRIMINATOR: &str = "_type";
/// Kind that holds invoices, credit memos and journals.
pub(crate) const TRANSACTION: &str = "transaction";
/// Kind that holds asynchronous jobs.
pub(crate) const JOB: &str = "asyncJob";

/// Every record type served.
pub(crate) static TYPES: &[&[RecordType]] = &[setup::TYPES, parties::TYPES, postings::TYPES];

/// Kinds of document in the store.
pub(crate) static KINDS: &[Kind] = &[
    Kind {
        name: "subsidiary",
        indexes: &["externalId", "name"],
    },
    Kind {
        name: "department",
        indexes: &["externalId", "subsidiary.id"],
    },
    Kind {
        name: "salesTaxItem",
        indexes: &["externalId", "subsidiary.id"],
    },
    Kind {
        name: "currencyRate",
        indexes: &["externalId", "_pairDay"],
    },
    Kind {
        name: "customrecord_receipt_limit",
        indexes: &["externalId", "custrecord_currency"],
    },
    Kind {
        name: "customrecord_transfer_rate",
        indexes: &["externalId", "custrecord_delivering.id", "custrecord_contracting.id"],
    },
    Kind {
        name: "accountingPeriod",
        indexes: &["externalId", "periodName", "closed", "allLocked"],
    },
    Kind {
        name: "taskItemStatus",
        indexes: &["externalId", "period.id", "subsidiary.id"],
    },
    Kind {
        name: "account",
        indexes: &["externalId", "acctNumber"],
    },
    Kind {
        name: "customer",
        indexes: &["externalId", "entityId", "subsidiary.id"],
    },
    Kind {
        name: "salesOrder",
        indexes: &["externalId", "entity.id", "subsidiary.id", "otherRefNum"],
    },
    Kind {
        name: "job",
        indexes: &["externalId", "entityId", "parent.id", "subsidiary.id", "department.id"],
    },
    Kind {
        name: "employee",
        indexes: &["externalId", "entityId", "subsidiary.id", "department.id"],
    },
    Kind {
        name: "timeBill",
        indexes: &["externalId", "employee.id", "customer.id", "tranDate", "custcol_work_date"],
    },
    Kind {
        name: TRANSACTION,
        indexes: &[
            "externalId",
            DISCRIMINATOR,
            "tranId",
            "tranDate",
            "entity.id",
            "subsidiary.id",
            "otherRefNum",
            "custbody_period",
            "_jobs",
            "_taxes",
            "_accounts",
        ],
    },
    Kind {
        name: "customerPayment",
        indexes: &["externalId", "customer.id"],
    },
    Kind {
        name: JOB,
        indexes: &["idempotencyKey"],
    },
];

/// The record type of this name, as in an address.
pub(crate) fn find(name: &str) -> Option<&'static RecordType> {
    TYPES.iter().copied().flatten().find(|known| known.name == name)
}

impl RecordType {
    /// The field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

const fn field(name: &'static str, shape: Shape, filled: Filled) -> Field {
    Field { name, shape, filled }
}
const fn must(name: &'static str, shape: Shape) -> Field {
    field(name, shape, Filled::Must)
}
const fn may(name: &'static str, shape: Shape) -> Field {
    field(name, shape, Filled::May)
}
const fn computed(name: &'static str, shape: Shape) -> Field {
    field(name, shape, Filled::Computed)
}
