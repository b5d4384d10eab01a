//! Exceptions by due time.

use chrono::NaiveDateTime;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1 as pb;
use strata_kernel::{Error, Instant, Result};
use strata_rpc::page::Page;
use strata_store::both;

use super::show::message;
use crate::core::Core;
use crate::store::rows::ExceptionRow;
use crate::store::{lite, pg};

/// How a due time is written in a token: as exact as it is stored.
const STAMP: &str = "%Y-%m-%dT%H:%M:%S%.f";

/// Which exceptions are asked for. What is empty leaves nothing out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) state: String,
    pub(crate) cause: String,
    pub(crate) owner_role: String,
    pub(crate) assignee: String,
    pub(crate) engagement: String,
    /// Open ones that were due before this instant.
    pub(crate) overdue: Option<NaiveDateTime>,
}

/// The filter that a request asks for.
pub(crate) fn filter(asked: &pb::ExceptionFilter, now: Instant) -> Filter {
    let plain = |name: &str, prefix: &str| {
        let name = name.strip_prefix(prefix).unwrap_or_default();
        if name == "UNSPECIFIED" { "" } else { name }.to_owned()
    };
    Filter {
        state: plain(asked.state().as_str_name(), "EXCEPTION_STATE_"),
        cause: plain(Reason::as_str_name(&asked.cause()), "REASON_"),
        owner_role: plain(asked.owner_role().as_str_name(), "OWNER_ROLE_"),
        assignee: asked.assignee.clone(),
        engagement: asked.engagement_id.clone(),
        overdue: asked.overdue.then(|| now.naive_utc()),
    }
}

/// A page, those due first before the others.
pub(crate) async fn list(core: &Core, asked: pb::ListExceptionsRequest) -> Result<pb::ListExceptionsResponse> {
    let (page_size, page_token) = (asked.page_size, asked.page_token.clone());
    let asked = pb::ExceptionFilter {
        state: asked.state,
        engagement_id: asked.engagement_id,
        cause: asked.cause,
        owner_role: asked.owner_role,
        assignee: asked.assignee,
        overdue: asked.overdue,
    };
    let page = Page::ask(page_size, &page_token, &format!("{asked:?}"))?;
    let (filter, after, limit) = (filter(&asked, core.now()), place(page.after())?, page.limit());
    let mut rows = core
        .db
        .read(move |c| both!(c, exceptions::list(&filter, after.as_ref(), limit)))
        .await?;
    let next_page_token = page.cut(&mut rows, key);
    Ok(pb::ListExceptionsResponse {
        exceptions: rows.iter().map(message).collect(),
        next_page_token,
    })
}

fn key(row: &ExceptionRow) -> String {
    format!("{}|{}", row.due_at.format(STAMP), row.id)
}

/// The due time and id behind which a page begins.
fn place(key: &str) -> Result<Option<(NaiveDateTime, String)>> {
    if key.is_empty() {
        return Ok(None);
    }
    let place = key.split_once('|').and_then(|(due, id)| {
        let due = NaiveDateTime::parse_from_str(due, STAMP).ok()?;
        Some((due, id.to_owned()))
    });
    match place {
        Some(place) => Ok(Some(place)),
        None => Err(Error::invalid("page_token", "is of another version; begin again without it")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_was() {
        for due in ["2025-01-06T09:00:00", "2025-01-06T09:00:00.000001"] {
            let held = place(&format!("{due}|exc_1")).unwrap().unwrap();
            assert_eq!((held.0.format(STAMP).to_string(), held.1.as_str()), (due.to_owned(), "exc_1"));
        }
        assert!(place("yesterday|exc_1").is_err());
    }
}
