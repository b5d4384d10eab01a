//! Shapes of the vendor's answers.

use serde::Deserialize;
use serde_json::Value;

/// Answer of a query, or of one query within a composite call.
#[derive(Debug, Deserialize)]
pub(crate) struct QueryPage {
    pub(crate) records: Vec<Value>,
    /// False: there is a next page, and the answer names it.
    pub(crate) done: bool,
    /// Records on all pages.
    #[serde(rename = "totalSize")]
    pub(crate) total: Option<usize>,
    /// Path of the next page, to be followed as it is.
    #[serde(rename = "nextRecordsUrl")]
    pub(crate) next: Option<String>,
}

/// Answer of a composite call.
#[derive(Debug, Deserialize)]
pub(crate) struct Composite {
    #[serde(rename = "compositeResponse")]
    pub(crate) parts: Vec<CompositePart>,
}

/// Answer of one request within a composite call.
#[derive(Debug, Deserialize)]
pub(crate) struct CompositePart {
    pub(crate) body: Value,
    #[serde(rename = "httpStatusCode")]
    pub(crate) status: u16,
    #[serde(rename = "referenceId")]
    pub(crate) reference: String,
}

/// One entry of the array that a refusal is.
#[derive(Debug, Deserialize)]
pub(crate) struct Complaint {
    #[serde(rename = "errorCode", default)]
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) fields: Vec<String>,
}
