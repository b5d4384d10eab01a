//! Documents of an engagement as a portal sees them.

use strata_contract::strata::experience::delivery::v2 as pb;
use strata_contract::strata::process::billing::v1::{Document, DocumentState, ListDocumentsRequest};
use strata_kernel::Result;

use crate::Delivery;
use crate::below::failed;
use crate::whose::Owners;

const FIELDS: [&str; 3] = ["engagement_id", "page_size", "page_token"];

impl Delivery {
    /// A page of the invoices and credit memos of an engagement that the caller may see, and that are in the books, by key. The page token is billing's own. A page is
    /// shorter by the documents that are not in the books yet.
    pub(crate) async fn invoices(
        &self,
        whose: Owners,
        engagement_id: &str,
        page_size: i32,
        page_token: String,
    ) -> Result<pb::ListInvoicesResponse> {
        let request = ListDocumentsRequest {
            page_size,
            page_token,
            engagement_id: engagement_id.to_owned(),
            ..ListDocumentsRequest::default()
        };
        let answer = self.to.billing.clone().list_documents(request).await;
        let page = answer.map_err(|s| failed(s, &FIELDS))?.into_inner();
        Ok(pb::ListInvoicesResponse {
            invoices: page.documents.into_iter().filter_map(invoice).collect(),
            next_page_token: page.next_page_token,
            customer_id: whose.customer_id,
            legal_entity_code: whose.legal_entity_code,
        })
    }
}

/// None for a document that is not in the books yet: it has no number, and may still change.
pub(crate) fn invoice(d: Document) -> Option<pb::Invoice> {
    let state = match DocumentState::try_from(d.state) {
        Ok(DocumentState::Unspecified | DocumentState::Released) => return None,
        Ok(DocumentState::Posted) => pb::InvoiceState::Posted,
        Ok(DocumentState::PartPaid) => pb::InvoiceState::PartPaid,
        Ok(DocumentState::Paid) => pb::InvoiceState::Paid,
        Ok(DocumentState::Voided) => pb::InvoiceState::Voided,
        // A state that a newer process tier has: the invoice is shown, its state is not guessed.
        Err(_) => pb::InvoiceState::Unspecified,
    };
    let kind = match d.credit_memo {
        true => pb::InvoiceType::CreditMemo,
        false => pb::InvoiceType::Invoice,
    };
    Some(pb::Invoice {
        key: d.key,
        r#type: kind.into(),
        number: d.number,
        period: d.period,
        state: state.into(),
        issue_date: d.issue_date,
        due_date: d.due_date,
        gross: d.gross,
        open: d.open,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_the_books_is_an_invoice() {
        let state = |state: i32| {
            invoice(Document {
                state,
                ..Document::default()
            })
            .map(|i| i.state())
        };
        assert_eq!(state(DocumentState::Released.into()), None);
        assert_eq!(state(DocumentState::Posted.into()), Some(pb::InvoiceState::Posted));
        assert_eq!(state(DocumentState::PartPaid.into()), Some(pb::InvoiceState::PartPaid));
        assert_eq!(state(DocumentState::Paid.into()), Some(pb::InvoiceState::Paid));
        assert_eq!(state(99), Some(pb::InvoiceState::Unspecified));
    }
}
