//! Billing proposals: lines that the ERP can post, of sources that no other proposal has.

use std::collections::BTreeSet;

use strata_kernel::{Error, Result};

use crate::reason;
use crate::tax::TaxCategory;

/// What a proposal line refers to. Empty texts: not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineReferences<'a> {
    /// How the line is taxed. None: not decided.
    pub tax_category: Option<TaxCategory>,
    /// Cost center of the entity.
    pub cost_center: &'a str,
    /// The project's id in the ERP.
    pub erp_project: &'a str,
    /// The customer's id in the ERP.
    pub erp_customer: &'a str,
}

/// Lets a line be proposed that the ERP can post.
///
/// A customer that the ERP does not know is `CUSTOMER_NOT_LINKED`; a missing tax category, cost center or ERP project is
/// `PROJECT_MISSING_ERP_STRUCTURE`, with its field.
/// Source: what an invoice line must carry, EN 16931 BR-CO-04 (tax category) and BG-7 (buyer).
pub fn check_line(line: &LineReferences<'_>) -> Result<()> {
    if line.erp_customer.is_empty() {
        let message = "the customer has no number in the ERP; link it first";
        return Err(Error::precondition(reason::CUSTOMER_NOT_LINKED, message).at("erp_customer"));
    }
    let missing = [
        ("tax_category", line.tax_category.is_none()),
        ("cost_center", line.cost_center.is_empty()),
        ("erp_project", line.erp_project.is_empty()),
    ];
    match missing.into_iter().find(|(_, is_missing)| *is_missing) {
        None => Ok(()),
        Some((field, _)) => {
            let message = format!("the line has no {field}; complete the project in the ERP");
            Err(Error::precondition(reason::PROJECT_MISSING_ERP_STRUCTURE, message).at(field))
        }
    }
}

/// Lets a proposal have sources (time, expenses, milestones) that are on no other proposal which is not discarded, and
/// each once. A source that is taken is `TIME_ALREADY_INVOICED`.
/// Source: the platform's transition table, guard of `approve`; ERPNext refuses a time log that is billed the same way.
pub fn check_sources(sources: &[&str], on_other_proposals: &BTreeSet<&str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    let taken = sources
        .iter()
        .find(|source| on_other_proposals.contains(*source) || !seen.insert(**source));
    match taken {
        None => Ok(()),
        Some(source) => Err(Error::precondition(
            reason::TIME_ALREADY_INVOICED,
            format!("\"{source}\" is on a proposal already; discard that one first"),
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_names_what_the_erp_asks_for() {
        let whole = LineReferences {
            tax_category: Some(TaxCategory::Standard),
            cost_center: "CC-1",
            erp_project: "P-1",
            erp_customer: "C-1",
        };
        assert_eq!(check_line(&whole), Ok(()));
        let refused = |line: LineReferences<'_>| check_line(&line).map_err(|error| (error.reason, error.field)).unwrap_err();
        let structure = |field: &str| (reason::PROJECT_MISSING_ERP_STRUCTURE, field.to_owned());
        assert_eq!(
            refused(LineReferences {
                tax_category: None,
                ..whole
            }),
            structure("tax_category")
        );
        assert_eq!(
            refused(LineReferences {
                cost_center: "",
                ..whole
            }),
            structure("cost_center")
        );
        assert_eq!(
            refused(LineReferences {
                erp_project: "",
                ..whole
            }),
            structure("erp_project")
        );
        let nobody = LineReferences {
            erp_customer: "",
            ..whole
        };
        assert_eq!(refused(nobody).0, reason::CUSTOMER_NOT_LINKED);
    }

    #[test]
    fn a_source_is_on_one_proposal() {
        let others = BTreeSet::from(["t1"]);
        let check = |sources: &[&str]| check_sources(sources, &others).map_err(|error| error.reason);
        assert_eq!(check(&["t2", "t3"]), Ok(()));
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&["t2", "t1"]), Err(reason::TIME_ALREADY_INVOICED));
        assert_eq!(check(&["t2", "t2"]), Err(reason::TIME_ALREADY_INVOICED));
    }
}
