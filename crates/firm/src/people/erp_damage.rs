//! What somebody does to the time in NetSuite by hand, past the platform.

use reqwest::Method;
use serde_json::{Value, json};
use strata_kernel::Date;

use super::erp::{Erp, RECORD};
use super::erp_read::quoted;
use super::numbers::text;
use super::session::Call;
use crate::{Error, Result};

/// Fields of a time record that a copy takes over.
const COPIED: [&str; 11] = [
    "tranDate",
    "hours",
    "isBillable",
    "memo",
    "custcol_billable_minutes",
    "custcol_bill_amount",
    "custcol_bill_currency",
    "custcol_cost_amount",
    "custcol_cost_currency",
    "employee",
    "customer",
];

/// A time record of an entry.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    /// NetSuite's id.
    pub(crate) id: String,
    /// Key of whoever made it through the API. Empty: made by hand.
    pub(crate) key: String,
}

impl Posted {
    /// The version of the entry that it posts. None: it takes one back, or was made by hand.
    pub(crate) fn version(&self) -> Option<u32> {
        self.key.rsplit_once(":v")?.1.parse().ok()
    }
}

impl Erp {
    /// The records of an entry, by what is written beside them.
    pub(crate) async fn time_of(&self, reference: &str, day: Date) -> Result<Vec<Posted>> {
        let query = format!(
            "SELECT id, externalid FROM timebill WHERE trandate = TO_DATE('{day}', 'YYYY-MM-DD') AND memo = '{}' ORDER BY id",
            quoted(reference)
        );
        let rows = self.query(&query).await?;
        let posted = |row: &Value| Posted {
            id: text(row.get("id")),
            key: text(row.get("externalid")),
        };
        Ok(rows.iter().map(posted).collect())
    }

    /// Deletes a time record.
    pub(crate) async fn delete_time(&self, id: &str) -> Result<()> {
        let mut call = Call::get(format!("{RECORD}/timeBill/{id}"));
        call.method = Method::DELETE;
        match self.session.send(&call).await {
            // Gone already: an answer before was lost.
            Ok(_) | Err(Error::Refused { status: 404, .. }) => Ok(()),
            Err(failed) => Err(failed),
        }
    }

    /// Makes a second record of the same work.
    pub(crate) async fn copy_time(&self, id: &str) -> Result<()> {
        let record = self.record("timeBill", id).await?;
        let mut body = json!({});
        for field in COPIED {
            match record.get(field) {
                None | Some(Value::Null) => {}
                Some(Value::Object(reference)) => body[field] = json!({"id": reference.get("id")}),
                Some(value) => body[field] = value.clone(),
            }
        }
        let call = Call::write(Method::POST, format!("{RECORD}/timeBill"), &body);
        self.session.send(&call).await.map(|_| ())
    }

    /// Writes other hours over those of a record.
    pub(crate) async fn change_hours(&self, id: &str, minutes: u32) -> Result<()> {
        let hours = format!("{}:{:02}", minutes / 60, minutes % 60);
        let call = Call::write(Method::PATCH, format!("{RECORD}/timeBill/{id}"), &json!({ "hours": hours }));
        self.session.send(&call).await.map(|_| ())
    }
}
