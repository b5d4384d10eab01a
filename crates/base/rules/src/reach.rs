//! How far a principal sees.

use std::collections::BTreeSet;

use strata_contract::Whose;
use strata_contract::strata::options::v1::Row;
use strata_identity::Principal;

/// By what a row may say whose it is.
pub(crate) const KINDS: [Row; 3] = [Row::Customer, Row::LegalEntity, Row::Person];

/// How far a principal sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every row: no policy looks at whose it is.
    Every,
    /// It depends on the row, so each is asked for.
    Rows(Own),
}

/// What a principal is confined to, as a handler may filter by it. It saves rows that would be left out anyway, and decides nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// Customers, by our id. None: it is not confined by customer.
    pub customers: Option<BTreeSet<String>>,
    /// Legal entities, by code. None: it is not confined by them.
    pub legal_entities: Option<BTreeSet<String>>,
    /// People, by employee number. None: it is not confined by person.
    pub people: Option<BTreeSet<String>>,
}

/// The row that is a principal's own in these kinds, and says nothing of others: if not even this may be shown, none may.
pub fn own(principal: &Principal, kinds: impl IntoIterator<Item = Row>) -> Whose {
    let mut whose = Whose::default();
    for kind in kinds {
        if let Some(held) = whose.of_kind(kind) {
            // A row has one legal entity as a rule; the first is as good as another.
            *held = values(principal, kind).into_iter().take(1).collect();
        }
    }
    whose
}

fn values(principal: &Principal, kind: Row) -> BTreeSet<String> {
    match kind {
        Row::Customer => principal.customer.iter().cloned().collect(),
        Row::LegalEntity => principal.legal_entities.clone(),
        Row::Person => principal.employee.iter().cloned().collect(),
        Row::Unspecified => BTreeSet::new(),
    }
}

impl Own {
    pub(crate) fn confine(&mut self, kind: Row, principal: &Principal) {
        let held = Some(values(principal, kind));
        match kind {
            Row::Customer => self.customers = held,
            Row::LegalEntity => self.legal_entities = held,
            Row::Person => self.people = held,
            Row::Unspecified => {}
        }
    }
}
