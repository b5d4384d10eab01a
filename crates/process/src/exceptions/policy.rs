//! What becomes of an exception, by its cause. The contract says it, beside each value of `strata.error.v1.Reason`.

use std::collections::HashMap;
use std::sync::LazyLock;

use strata_contract::POOL;
use strata_contract::strata::options::v1::CausePolicy;
use strata_contract::strata::process::exception::v1 as pb;

use super::Owner;

/// What becomes of an exception of one cause.
#[derive(Debug)]
pub(crate) struct Policy {
    /// Who mends it. None: whoever keeps the record at fault.
    pub(super) owner: Option<Owner>,
    pub(super) severity: pb::Severity,
    /// Hours to mend it.
    pub(super) due_hours: i64,
    /// What people may do, in the contract's order.
    pub(super) actions: Vec<pb::ExceptionAction>,
    /// Which edits they may make.
    pub(super) edits: Vec<String>,
    pub(super) next_step: String,
}

/// A cause that the contract says nothing of: the integration team looks at it within a day.
static UNKNOWN: LazyLock<Policy> = LazyLock::new(|| Policy {
    owner: None,
    severity: pb::Severity::Block,
    due_hours: 24,
    actions: vec![pb::ExceptionAction::Retry, pb::ExceptionAction::Assign],
    edits: Vec::new(),
    next_step: String::new(),
});

static POLICIES: LazyLock<HashMap<String, Policy>> = LazyLock::new(read);

/// The policy of a cause, by its name without prefix.
pub(crate) fn of(cause: &str) -> &'static Policy {
    POLICIES.get(cause).unwrap_or(&UNKNOWN)
}

/// Every cause with what the contract says of it.
fn said() -> Vec<(String, CausePolicy)> {
    let extension = POOL.get_extension_by_name("strata.options.v1.cause");
    let reasons = POOL.get_enum_by_name("strata.error.v1.Reason");
    let (Some(extension), Some(reasons)) = (extension, reasons) else {
        return Vec::new();
    };
    let values = reasons.values().filter(|value| value.number() != 0);
    let policy = |value: prost_reflect::EnumValueDescriptor| {
        let options = value.options();
        let held = options.get_extension(&extension);
        let held = held.as_message().and_then(|message| message.transcode_to().ok());
        let name = value.name().strip_prefix("REASON_").unwrap_or_default().to_owned();
        (name, held.unwrap_or_default())
    };
    values.map(policy).collect()
}

fn read() -> HashMap<String, Policy> {
    let policy = |said: CausePolicy| Policy {
        owner: Owner::ALL
            .into_iter()
            .find(|owner| said.owner.strip_prefix("OWNER_ROLE_") == Some(owner.as_str())),
        severity: pb::Severity::from_str_name(&said.severity).unwrap_or(pb::Severity::Block),
        due_hours: i64::from(said.due_hours),
        actions: said
            .actions
            .iter()
            .filter_map(|name| pb::ExceptionAction::from_str_name(name))
            .collect(),
        edits: said.edits,
        next_step: said.next_step,
    };
    said().into_iter().map(|(cause, said)| (cause, policy(said))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_cause_says_all_of_it_in_names_that_exist() {
        let edits = POOL
            .get_message_by_name("strata.process.exception.v1.EditAndRetryExceptionRequest")
            .unwrap();
        let edits: Vec<String> = edits
            .oneofs()
            .flat_map(|oneof| oneof.fields().map(|field| field.name().to_owned()).collect::<Vec<_>>())
            .collect();
        assert_eq!(edits, ["receipt", "project", "date"]);
        let said = said();
        assert!(said.len() > 40, "{}", said.len());
        for (cause, said) in said {
            let policy = of(&cause);
            assert_eq!(policy.owner.is_none(), said.owner.is_empty(), "{cause}: {}", said.owner);
            assert!(
                pb::Severity::from_str_name(&said.severity).is_some(),
                "{cause}: {}",
                said.severity
            );
            assert_eq!(policy.actions.len(), said.actions.len(), "{cause}: {:?}", said.actions);
            assert!(policy.due_hours > 0 && !policy.next_step.is_empty(), "{cause}");
            assert!(
                policy.edits.iter().all(|edit| edits.contains(edit)),
                "{cause}: {:?}",
                policy.edits
            );
            let may_edit = policy.actions.contains(&pb::ExceptionAction::EditAndRetry);
            assert_eq!(may_edit, !policy.edits.is_empty(), "{cause}");
        }
    }

    #[test]
    fn each_page_of_the_errors_says_what_the_contract_says() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
        for (cause, _) in said() {
            let page = std::fs::read_to_string(folder.join(format!("{cause}.md"))).unwrap_or_default();
            assert!(
                page.contains(&line(of(&cause))),
                "docs/errors/{cause}.md lacks: {}",
                line(of(&cause))
            );
        }
    }

    /// A policy as the pages say it.
    fn line(policy: &Policy) -> String {
        let owner = match policy.owner {
            Some(Owner::Finance) => "finance",
            Some(Owner::Pmo) => "PMO",
            Some(Owner::Sales) => "sales",
            Some(Owner::Integration) => "integration team",
            None => "whoever keeps the record",
        };
        let word = |name: &str| name.rsplit("_").next().unwrap_or_default().to_lowercase();
        let actions: Vec<String> = policy
            .actions
            .iter()
            .map(|action| match action {
                pb::ExceptionAction::EditAndRetry => "edit and retry".to_owned(),
                other => word(other.as_str_name()),
            })
            .collect();
        let mut line = format!(
            "Owner: {owner}. Severity: {}. Due: {} hours. Allowed: {}.",
            word(policy.severity.as_str_name()),
            policy.due_hours,
            actions.join(", ")
        );
        if !policy.edits.is_empty() {
            line.push_str(&format!(" Editable: {}.", policy.edits.join(", ")));
        }
        line
    }
}
