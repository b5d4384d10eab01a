//! Whose an engagement is.

use strata_contract::Whose;
use strata_contract::strata::master::v1::Engagement;

/// What the rows of a portal say of whose they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Owners {
    /// Customer, by our id.
    pub(crate) customer_id: String,
    /// Code of the legal entity that signed the contract.
    pub(crate) legal_entity_code: String,
}

impl Owners {
    /// The same, as the rules ask for it.
    pub(crate) fn row(&self) -> Whose {
        let some = |id: &String| Some(id.clone()).filter(|id| !id.is_empty()).into_iter().collect();
        Whose {
            customers: some(&self.customer_id),
            legal_entities: some(&self.legal_entity_code),
            ..Whose::default()
        }
    }
}

/// Whose an engagement is.
pub(crate) fn whose(engagement: &Engagement) -> Owners {
    let contract = engagement.contract.as_ref();
    let terms = contract.and_then(|contract| contract.terms.as_ref());
    Owners {
        customer_id: engagement.customer.as_ref().map(|who| who.id.clone()).unwrap_or_default(),
        legal_entity_code: terms.map(|terms| terms.legal_entity_code.clone()).unwrap_or_default(),
    }
}
