//! Documents in the books, as after a payment.

use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::Result;
use strata_rpc::error;

use super::place::{Place, quarantine, release};
use crate::billing::apply;
use crate::core::Core;

const FEED: &str = "erp-documents";

pub(super) async fn pull(core: &Core) -> Result<u64> {
    let mut count = 0;
    loop {
        let place = Place::load(core, FEED).await?;
        let request = erp::ListDocumentChangesRequest {
            cursor: place.cursor.clone(),
            page_size: 0,
        };
        let page = core
            .clients
            .erp
            .clone()
            .list_document_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        let Some(next) = place.after(&page, &page.next_cursor) else {
            return Ok(count);
        };
        let (system, now, more) = (core.systems().await?.erp.clone(), core.now(), page.more);
        count += core
            .db
            .write(move |c| {
                quarantine(c, &system, &page.malformed, now)?;
                release(c, "document", page.documents.iter().map(|document| &document.id), now)?;
                let mut changed = 0;
                // A document without a key was made by people in the ERP: not ours to follow.
                for posted in page.documents.iter().filter(|document| !document.key.is_empty()) {
                    changed += u64::from(apply(c, posted, &system, now)?);
                }
                next.store(c)?;
                Ok(changed)
            })
            .await?;
        core.tell();
        if !more {
            return Ok(count);
        }
    }
}
