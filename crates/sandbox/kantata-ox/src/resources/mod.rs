//! The resources, one file each or one for a few that belong together, with the rules enforced on them.

mod expense_report_submissions;
mod expenses;
mod invoices;
mod rates;
mod stories;
mod submissions;
mod time_entries;
mod timesheet_submissions;
mod users;
mod work;
mod workspace_groups;
mod workspace_resources;
mod workspaces;

use strata_sandbox::Kind;

use crate::model::Model;
use crate::references;

/// Every resource of the API.
static ALL: &[&Model] = &[
    &workspace_groups::MODEL,
    &workspaces::MODEL,
    &stories::MODEL,
    &users::USERS,
    &users::MEMBERSHIPS,
    &rates::COST_RATES,
    &rates::RATE_CARDS,
    &workspace_resources::MODEL,
    &time_entries::MODEL,
    &timesheet_submissions::MODEL,
    &expenses::MODEL,
    &expense_report_submissions::MODEL,
    &invoices::MODEL,
    &references::MODEL,
];

/// What is stored and what it is found by. Names that begin with an underscore are ours and never printed.
pub(crate) const KINDS: &[Kind] = &[
    Kind {
        name: "workspace_groups",
        indexes: &[],
    },
    Kind {
        name: "workspaces",
        indexes: &["archived", "workspace_group_ids"],
    },
    Kind {
        name: "stories",
        indexes: &["workspace_id"],
    },
    Kind {
        name: "users",
        indexes: &["_email"],
    },
    Kind {
        name: "account_memberships",
        indexes: &["user_id"],
    },
    Kind {
        name: "cost_rates",
        indexes: &["user_id"],
    },
    Kind {
        name: "rate_cards",
        indexes: &["workspace_id"],
    },
    Kind {
        name: "workspace_resources",
        indexes: &["workspace_id", "user_id"],
    },
    Kind {
        name: "time_entries",
        indexes: &[
            "workspace_id",
            "story_id",
            "user_id",
            "date_performed",
            "timesheet_submission_id",
            "_user_day",
        ],
    },
    Kind {
        name: "timesheet_submissions",
        indexes: &["workspace_id", "user_id", "status", "start_date"],
    },
    Kind {
        name: "expenses",
        indexes: &["workspace_id", "user_id", "date", "expense_report_submission_id"],
    },
    Kind {
        name: "expense_report_submissions",
        indexes: &["workspace_id", "user_id", "status", "start_date"],
    },
    Kind {
        name: "invoices",
        indexes: &["workspace_ids"],
    },
    Kind {
        name: "external_references",
        indexes: &["_subject", "service_model_ref"],
    },
];

/// The resource of this plural name.
pub(crate) fn find(kind: &str) -> Option<&'static Model> {
    ALL.iter().copied().find(|model| model.kind == kind)
}

/// The resource external references call by this subject type.
pub(crate) fn by_subject(subject: &str) -> Option<&'static Model> {
    ALL.iter().copied().find(|model| model.subject == subject)
}

/// Whether lists of `kind` can be ordered by `field` without reading the records.
pub(crate) fn is_indexed(kind: &str, field: &str) -> bool {
    KINDS.iter().any(|known| known.name == kind && known.indexes.contains(&field))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::Filter;

    #[test]
    fn every_resource_is_stored_and_every_name_is_its_own() {
        assert_eq!(ALL.len(), KINDS.len());
        for model in ALL {
            assert!(KINDS.iter().any(|kind| kind.name == model.kind), "{} has no kind", model.kind);
        }
        for name in [
            |model: &Model| model.kind,
            |model: &Model| model.singular,
            |model: &Model| model.subject,
        ] {
            assert_eq!(ALL.iter().map(|model| name(model)).collect::<BTreeSet<_>>().len(), ALL.len());
        }
    }

    #[test]
    fn filters_and_associations_name_declared_indexes() {
        for model in ALL {
            for filter in model.filters {
                if let Filter::Any { index, .. } | Filter::AnyCase { index, .. } | Filter::Between { index, .. } = filter {
                    assert!(is_indexed(model.kind, index), "{} has no index {index}", model.kind);
                }
            }
            for many in model.many {
                assert!(is_indexed(many.kind, many.index), "{} has no index {}", many.kind, many.index);
            }
        }
    }
}
