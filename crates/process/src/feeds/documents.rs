//! Documents in the books, as after a payment.

use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::Result;
use strata_rpc::error;

use super::feed::{Feed, Page, Store, seen};
use crate::billing::{self, ledger::Lookup};
use crate::core::{Core, Systems};

/// Name of the feed.
pub(crate) const NAME: &str = "erp-documents";

/// Documents.
pub(super) struct Documents;

impl Feed for Documents {
    const NAME: &'static str = NAME;
    type Item = erp::PostedDocument;

    fn system(systems: &Systems) -> &str {
        &systems.erp
    }

    fn fitting(item: &Self::Item) -> Vec<(&'static str, &str)> {
        vec![("document", item.id.as_str())]
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = erp::ListDocumentChangesRequest { cursor, page_size: 0 };
        let page = core
            .clients
            .erp
            .clone()
            .list_document_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.documents,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let (system, now) = (core.systems().await?.erp.clone(), core.now());
        Ok(Box::new(move |c| {
            let mut changed = 0;
            // A document without a key was made by people in the ERP: not ours to follow.
            for posted in items.iter().filter(|document| !document.key.is_empty()) {
                let held = billing::of_document(posted);
                changed += u64::from(billing::apply(c, posted, Some(&held), Lookup::Feed, &system, now)?);
            }
            Ok(changed)
        }))
    }
}
