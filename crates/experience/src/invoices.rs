//! Documents of an engagement as a portal sees them.

use strata_contract::strata::experience::delivery::v1::InvoiceSummary;
use strata_contract::strata::process::billing::v1::{Document, DocumentState, ListDocumentsRequest};
use strata_kernel::Result;

use crate::Delivery;
use crate::below::failed;
use crate::pages::{self, PAGE};

impl Delivery {
    /// Every invoice and credit memo of an engagement that is in the books, by key.
    pub(crate) async fn invoices(&self, engagement_id: &str) -> Result<Vec<InvoiceSummary>> {
        let documents = pages::all(|page_token| {
            let mut client = self.to.billing.clone();
            let request = ListDocumentsRequest {
                page_size: PAGE,
                page_token,
                engagement_id: engagement_id.to_owned(),
                ..ListDocumentsRequest::default()
            };
            async move {
                let answer = client
                    .list_documents(request)
                    .await
                    .map_err(|s| failed(s, &["engagement_id"]))?;
                let answer = answer.into_inner();
                Ok((answer.documents, answer.next_page_token))
            }
        });
        Ok(documents.await?.into_iter().filter_map(invoice).collect())
    }
}

/// None for a document that is not in the books yet: it has no number, and may still change.
fn invoice(d: Document) -> Option<InvoiceSummary> {
    let state = match DocumentState::try_from(d.state) {
        Ok(DocumentState::Unspecified | DocumentState::Released) => return None,
        Ok(DocumentState::Posted) => "posted",
        Ok(DocumentState::PartPaid) => "part_paid",
        Ok(DocumentState::Paid) => "paid",
        Ok(DocumentState::Voided) => "voided",
        // A state that a newer process tier has: the invoice is shown, its state is not guessed.
        Err(_) => "",
    };
    Some(InvoiceSummary {
        number: d.number,
        period: d.period,
        state: state.to_owned(),
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
            .map(|i| i.state)
        };
        assert_eq!(state(DocumentState::Released.into()), None);
        assert_eq!(state(DocumentState::Posted.into()).as_deref(), Some("posted"));
        assert_eq!(state(DocumentState::PartPaid.into()).as_deref(), Some("part_paid"));
        assert_eq!(state(DocumentState::Paid.into()).as_deref(), Some("paid"));
        assert_eq!(state(99).as_deref(), Some(""));
    }
}
