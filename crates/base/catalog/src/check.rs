//! What the architects ask of contracts beyond lint: what a machine can see of it.

use prost_reflect::{DescriptorPool, FileDescriptor};
use serde::Serialize;
use strata_contract::rules::{self, is_ours, option};

use crate::diff::{Class, diff};

/// Tiers whose records have a system of record. Experience shapes what others own.
const WITH_OWNERS: [&str; 4] = ["strata.common.", "strata.master.", "strata.system.", "strata.process."];

/// Something that has to be mended, or decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Name of the rule: "policy", "stable-imports-unstable", "imports-other-version", "record-owner", "breaking", "stricter", "changed".
    pub rule: &'static str,
    /// Full name of the element, or the file.
    pub element: String,
    /// What is wrong, in words.
    pub text: String,
}

/// Every finding in the contracts of ours, by rule and element. With the contracts of a release: also what changed since then so that a
/// client may notice it.
pub fn check(pool: &DescriptorPool, released: Option<&DescriptorPool>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = rules::faults(pool)
        .into_iter()
        .map(|fault| finding("policy", &fault.element, fault.text))
        .collect();
    for file in pool.files().filter(|file| is_ours(file.package_name())) {
        imports(&file, &mut findings);
        owners(pool, &file, &mut findings);
    }
    for change in released.map(|released| diff(released, pool)).unwrap_or_default() {
        let rule = match change.class {
            Class::Breaking => "breaking",
            Class::Stricter => "stricter",
            Class::Policy => "changed",
            Class::Looser | Class::Added => continue,
        };
        let what = if change.aspect.is_empty() {
            change.before.as_str()
        } else {
            change.aspect.as_str()
        };
        let text = match (change.before.as_str(), change.after.as_str()) {
            ("", after) => format!("{what} is new: {after}"),
            (before, "") => format!("{what} is gone; it was {before}"),
            (before, after) => format!("{what} was {before}, is {after}"),
        };
        findings.push(finding(rule, &change.element, text));
    }
    findings.sort_by(|a, b| (a.rule, &a.element).cmp(&(b.rule, &b.element)));
    findings
}

fn finding(rule: &'static str, element: &str, text: String) -> Finding {
    Finding {
        rule,
        element: element.to_owned(),
        text,
    }
}

/// What is promised must not stand on what may change freely, and no version on another one of the same contract: it could not go, or
/// would be changed by what is meant for the other.
fn imports(file: &FileDescriptor, findings: &mut Vec<Finding>) {
    let (area, version) = versioned(file.package_name());
    for import in file.dependencies() {
        let (other_area, other) = versioned(import.package_name());
        if area == other_area && version != other {
            let text = format!(
                "is {version}, and imports {} of the same contract; {version} has its own messages",
                import.name()
            );
            findings.push(finding("imports-other-version", file.name(), text));
        }
    }
    if is_unstable(file.package_name()) {
        return;
    }
    for import in file.dependencies().filter(|import| is_unstable(import.package_name())) {
        let text = format!("is stable, and imports {}, which may change freely", import.name());
        findings.push(finding("stable-imports-unstable", file.name(), text));
    }
}

/// `strata.x` and `v2` of `strata.x.v2`.
fn versioned(package: &str) -> (&str, &str) {
    package.rsplit_once('.').unwrap_or((package, ""))
}

/// True for packages like `strata.x.v2alpha1` and `strata.x.v1beta1`.
fn is_unstable(package: &str) -> bool {
    let (_, version) = versioned(package);
    version.starts_with('v') && (version.contains("alpha") || version.contains("beta"))
}

/// A record without a system of record is one that two systems may both change. Events say who answers for them otherwise, and what
/// stands beside a service is a request or an answer.
fn owners(pool: &DescriptorPool, file: &FileDescriptor, findings: &mut Vec<Finding>) {
    let with_owners = WITH_OWNERS.iter().any(|tier| file.package_name().starts_with(tier));
    if !with_owners || file.name().ends_with("_service.proto") || file.name().ends_with("/value.proto") {
        return;
    }
    for message in file.messages() {
        let is_said = ["record", "event"]
            .iter()
            .any(|name| option(&message.options(), pool, name).is_some());
        if !is_said {
            let text = "says no system of record; set (strata.options.v1.record).owner".to_owned();
            findings.push(finding("record-owner", message.full_name(), text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::altered::{UNSTABLE, altered};

    fn rules_of(findings: &[Finding]) -> Vec<(&str, &str)> {
        findings.iter().map(|found| (found.rule, found.element.as_str())).collect()
    }

    #[test]
    fn our_own_contracts_are_clean() {
        assert_eq!(check(&strata_contract::commented(), Some(&strata_contract::commented())), []);
    }

    #[test]
    fn what_is_missing_is_found() {
        let method = "strata.process.billing.v1.BillingService.ApproveMilestone";
        let file = "strata/process/billing/v1/billing_service.proto";
        let pool = altered(file, &[("criticality: CRITICALITY_FINANCIAL", "")]);
        assert_eq!(rules_of(&check(&pool, None)), [("policy", method)]);
        let pool = altered(
            "strata/process/billing/v1/event.proto",
            &[("owner: \"finance\"", ""), ("subject: \"key\"", "subject: \"cay\"")],
        );
        let event = "strata.process.billing.v1.DocumentChanged";
        assert_eq!(rules_of(&check(&pool, None)), [("policy", event), ("policy", event)]);
        let pool = altered(
            "strata/system/hr/v1/hr.proto",
            &[("option (strata.options.v1.record) = {owner: \"hr\"};", "")],
        );
        assert_eq!(
            rules_of(&check(&pool, None)),
            [("record-owner", "strata.system.hr.v1.Worker")]
        );
    }

    #[test]
    fn what_is_stable_does_not_import_what_is_not() {
        let (file, options) = (
            "strata/process/billing/v1/event.proto",
            "import \"strata/options/v1/options.proto\";",
        );
        let both = format!("import \"{UNSTABLE}\";\n{options}");
        let found = check(&altered(file, &[(options, &both)]), None);
        assert_eq!(rules_of(&found), [("stable-imports-unstable", file)]);
    }

    #[test]
    fn a_version_stands_on_no_other_of_the_same_contract() {
        let (file, imported) = (
            "strata/experience/delivery/v2/delivery.proto",
            "import \"strata/options/v1/options.proto\";",
        );
        let both = format!("import \"strata/experience/delivery/v1/delivery.proto\";\n{imported}");
        let found = check(&altered(file, &[(imported, &both)]), None);
        assert_eq!(rules_of(&found), [("imports-other-version", file)]);
        // Another contract may be imported in whichever version it has.
        let other = format!("import \"strata/process/billing/v1/billing.proto\";\n{imported}");
        assert_eq!(check(&altered(file, &[(imported, &other)]), None), []);
    }

    #[test]
    fn a_deprecated_method_names_its_day_and_its_successor() {
        let file = "strata/process/billing/v1/billing_service.proto";
        let mark = |more: &str| {
            let to = format!(
                "option deprecated = true;\n    option (strata.options.v1.method) = {{{more} scope: \"process.billing.approve\""
            );
            altered(
                file,
                &[(
                    "option (strata.options.v1.method) = {\n      scope: \"process.billing.approve\"",
                    &to,
                )],
            )
        };
        assert_eq!(check(&mark(""), None).len(), 2);
        let good = "sunset: \"2027-06-30\" successor: \"strata.process.billing.v1.BillingService.ListDocuments\"";
        assert_eq!(check(&mark(good), None), []);
        let no_day = good.replace("06-30", "06-31");
        assert_eq!(check(&mark(&no_day), None).len(), 1);
    }
}
