use strata_contract::POOL;

use super::*;
use crate::altered::altered;

const SERVICE: &str = "strata/process/billing/v1/billing_service.proto";
const METHOD: &str = "strata.process.billing.v1.BillingService.ApproveMilestone";

fn changes(file: &str, words: &[(&str, &str)]) -> Vec<(Class, String, String)> {
    let found = diff(&POOL, &altered(file, words));
    found.into_iter().map(|c| (c.class, c.element, c.aspect)).collect()
}

fn one(class: Class, element: &str, aspect: &str) -> Vec<(Class, String, String)> {
    vec![(class, element.to_owned(), aspect.to_owned())]
}

#[test]
fn the_same_contracts_do_not_differ() {
    assert_eq!(diff(&POOL, &POOL), []);
    assert_eq!(diff(&POOL, &altered(SERVICE, &[])), []);
}

#[test]
fn another_option_is_a_change_of_policy() {
    let scope = &[("scope: \"process.billing.approve\"", "scope: \"process.billing.write\"")];
    assert_eq!(changes(SERVICE, scope), one(Class::Policy, METHOD, "scope"));
    let states = &[("next: [\"MILESTONE_STATE_BILLED\"]", "next: [\"MILESTONE_STATE_PLANNED\"]")];
    let billing = "strata/process/billing/v1/billing.proto";
    let value = "strata.process.billing.v1.MilestoneState.MILESTONE_STATE_APPROVED";
    assert_eq!(changes(billing, states), one(Class::Policy, value, "next"));
    let seen = &[(
        "(strata.options.v1.field).sensitivity = SENSITIVITY_LABOUR_COST",
        "(strata.options.v1.field).sensitivity = SENSITIVITY_PUBLIC",
    )];
    let cost = "strata.process.billing.v1.ProjectActuals.cost";
    assert_eq!(changes(billing, seen), one(Class::Policy, cost, "sensitivity"));
}

#[test]
fn a_stricter_rule_is_told_from_a_looser_one() {
    let field = "strata.process.billing.v1.ApproveMilestoneRequest.request_id";
    let from = "string request_id = 1 [(buf.validate.field).string = {\n    min_len: 1\n    max_len: 128";
    let to = |min: u8, max: u8| {
        format!("string request_id = 1 [(buf.validate.field).string = {{\n    min_len: {min}\n    max_len: {max}")
    };
    let rule = "rule string.max_len";
    assert_eq!(changes(SERVICE, &[(from, &to(1, 64))]), one(Class::Stricter, field, rule));
    assert_eq!(changes(SERVICE, &[(from, &to(1, 255))]), one(Class::Looser, field, rule));
    assert_eq!(
        changes(SERVICE, &[(from, &to(2, 128))]),
        one(Class::Stricter, field, "rule string.min_len")
    );
}

#[test]
fn a_new_field_is_welcome_unless_it_must_be_sent() {
    let with = |rule: &str| {
        format!(
            "string approver = 3 [(buf.validate.field).string = {{\n    min_len: 1\n    max_len: 128\n  }}];\n  // Why.\n  string reason = 9{rule}"
        )
    };
    let from = "string approver = 3 [(buf.validate.field).string = {\n    min_len: 1\n    max_len: 128\n  }]";
    let field = "strata.process.billing.v1.ApproveMilestoneRequest.reason";
    let optional = with(" [(buf.validate.field).string.max_len = 500]");
    assert_eq!(changes(SERVICE, &[(from, &optional)]), one(Class::Added, field, ""));
    let needed = with(" [(buf.validate.field).string.min_len = 3]");
    let mut both = one(Class::Stricter, field, "rule string.min_len");
    both.extend(one(Class::Added, field, ""));
    assert_eq!(changes(SERVICE, &[(from, &needed)]), both);
}

#[test]
fn what_is_gone_breaks_and_says_so_once() {
    let reason = "strata/error/v1/reason.proto";
    let found = changes(reason, &[("REASON_TOO_MANY_CALLS = 93", "REASON_CALLS_TOO_MANY = 93")]);
    let breaking: Vec<_> = found.iter().filter(|(class, ..)| *class == Class::Breaking).collect();
    assert_eq!(breaking.len(), 1, "{found:?}");
    assert_eq!(breaking[0].1, "strata.error.v1.Reason.REASON_TOO_MANY_CALLS");
}
