#![allow(clippy::unwrap_used)]
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use strata_identity::Scopes;

use super::*;

fn set(held: &[&str]) -> BTreeSet<String> {
    held.iter().map(|one| (*one).to_owned()).collect()
}

fn person(customer: Option<&str>, entities: &[&str], employee: Option<&str>, roles: &[&str]) -> Arc<Principal> {
    Arc::new(Principal {
        subject: "eva".to_owned(),
        kind: CallerKind::Person,
        roles: set(roles),
        scopes: Scopes::all(),
        tenant: None,
        customer: customer.map(str::to_owned),
        legal_entities: set(entities),
        employee: employee.map(str::to_owned),
    })
}

fn row(customers: &[&str], entities: &[&str], people: &[&str]) -> Whose {
    Whose {
        customers: set(customers),
        legal_entities: set(entities),
        people: set(people),
    }
}

/// Rules with a file of a folder beside the built-in ones.
fn with(name: &str, text: &str) -> Result<Rules, RulesError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    Rules::load(Some(folder.path()))
}

#[test]
fn who_is_confined_in_no_way_is_asked_about_no_row() {
    let rules = Rules::built_in();
    for free in [
        person(None, &[], None, &["finance"]),
        person(None, &[], Some("EM-1"), &["delivery"]),
        Principal::development(),
        Principal::platform(),
    ] {
        assert_eq!(rules.reach(&free), Reach::Every, "{free:?}");
    }
}

#[test]
fn who_is_confined_knows_by_what() {
    let rules = Rules::built_in();
    let own = |principal: Arc<Principal>| match rules.reach(&principal) {
        Reach::Rows(own) => own,
        Reach::Every => panic!("{principal:?} sees everything"),
    };
    let customer = own(person(Some("cus_a"), &[], None, &[]));
    assert_eq!(
        customer,
        Own {
            customers: Some(set(&["cus_a"])),
            ..Own::default()
        }
    );
    let entities = own(person(None, &["DE01", "US01"], None, &[]));
    assert_eq!(entities.legal_entities, Some(set(&["DE01", "US01"])));
    assert_eq!((entities.customers, entities.people), (None, None));
    let consultant = own(person(None, &[], Some("EM-1"), &["consultant"]));
    assert_eq!(consultant.people, Some(set(&["EM-1"])));
    assert_eq!((consultant.customers, consultant.legal_entities), (None, None));
    // A role that sees its own, and no number that says what that is.
    let nobody = own(person(None, &[], None, &["consultant"]));
    assert_eq!(nobody.people, Some(set(&[])));
}

#[test]
fn a_row_is_shown_to_whose_it_is() {
    let rules = Rules::built_in();
    let nothing = row(&[], &[], &[]);
    for (who, mine, others, by) in [
        (
            person(Some("cus_a"), &[], None, &[]),
            vec![row(&["cus_a"], &[], &[]), row(&["cus_a"], &["US01"], &["EM-1"])],
            vec![
                row(&["cus_b"], &[], &[]),
                row(&["cus_a", "cus_b"], &[], &[]),
                row(&[], &["US01"], &[]),
                nothing.clone(),
            ],
            "customer-own-rows",
        ),
        (
            person(None, &["US01", "DE01"], None, &[]),
            vec![row(&["cus_b"], &["US01"], &[]), row(&[], &["US01", "DE01"], &[])],
            vec![row(&[], &["FR01"], &[]), row(&[], &["US01", "FR01"], &[]), nothing.clone()],
            "legal-entity-own-rows",
        ),
        (
            person(None, &[], Some("EM-1"), &["consultant"]),
            vec![row(&[], &[], &["EM-1"])],
            vec![row(&[], &[], &["EM-2"]), row(&["cus_a"], &["US01"], &[]), nothing.clone()],
            "consultant-own-rows",
        ),
        (
            person(None, &[], None, &["consultant"]),
            vec![],
            vec![row(&[], &[], &["EM-1"]), nothing.clone()],
            "consultant-own-rows",
        ),
    ] {
        for row in mine {
            let verdict = rules.may_read(&who, &row);
            assert!(
                verdict.allowed && verdict.policies == ["everybody-reads"],
                "{who:?} {row}: {verdict:?}"
            );
        }
        for row in others {
            let verdict = rules.may_read(&who, &row);
            assert!(!verdict.allowed && verdict.policies == [by], "{who:?} {row}: {verdict:?}");
        }
    }
}

#[test]
fn nobody_approves_their_own() {
    let rules = Rules::built_in();
    let eva = person(None, &[], Some("EM-1"), &["administrator"]);
    for (proposers, by) in [
        (vec!["eva"], Some("own-approval")),
        (vec!["max", "eva"], Some("own-approval")),
        (vec!["EM-1"], Some("own-approval-by-employee-number")),
        (vec!["max"], None),
        (vec![""], None),
        (vec![], None),
    ] {
        let verdict = rules.may_approve(&eva, proposers.iter().copied());
        assert_eq!(verdict.allowed, by.is_none(), "{proposers:?}");
        assert_eq!(verdict.policies, [by.unwrap_or("everybody-approves")]);
    }
}

#[test]
fn a_folder_adds_policies_and_replaces_files() {
    let walled = with(
        "wall.cedar",
        r#"@id("wall") forbid (principal, action == Strata::Action::"read", resource)
           when { resource.customers.contains("cus_a") };"#,
    )
    .unwrap();
    let free = person(None, &[], None, &[]);
    // A policy that names a row makes the decision depend on the row: nobody is waved through any more.
    assert!(matches!(walled.reach(&free), Reach::Rows(_)));
    assert_eq!(walled.may_read(&free, &row(&["cus_a"], &[], &[])).policies, ["wall"]);
    assert!(walled.may_read(&free, &row(&["cus_b"], &[], &[])).allowed);

    let loose = with("own-time.cedar", "// Consultants see what their scopes show them.").unwrap();
    assert_eq!(loose.reach(&person(None, &[], None, &["consultant"])), Reach::Every);
    assert!(matches!(loose.reach(&person(Some("cus_a"), &[], None, &[])), Reach::Rows(_)));
}

#[test]
fn without_a_policy_that_allows_nothing_is_allowed() {
    let shut = with("everybody.cedar", "").unwrap();
    let free = person(None, &[], None, &[]);
    let verdict = shut.may_read(&free, &row(&["cus_a"], &[], &[]));
    assert_eq!((verdict.allowed, verdict.policies.len()), (false, 0));
    assert!(!shut.may_approve(&free, []).allowed);
}

#[test]
fn a_policy_that_cannot_be_used_is_named_with_file_and_line() {
    let good = "@id(\"a\")\npermit (principal, action, resource);\n";
    for (text, line, words) in [
        ("\n\npermit (principal, action, resource)", 3, ""),
        ("// no name\n\npermit (principal, action, resource);", 3, "@id"),
        (
            "@id(\"x\")\nforbid (principal, action, resource)\nwhen { resource.colour == \"red\" };",
            3,
            "colour",
        ),
        (
            "@id(\"x\")\nforbid (principal in Strata::Team::\"a\", action, resource);",
            2,
            "Team",
        ),
        (
            "@id(\"customer-own-rows\")\npermit (principal, action, resource);",
            1,
            "customer-own-rows",
        ),
        (
            "@id(\"t\")\npermit (principal == ?principal, action, resource);",
            1,
            "?principal",
        ),
    ] {
        let refused = with("own.cedar", text).unwrap_err();
        let RulesError::Policy {
            file,
            line: at,
            text: said,
        } = &refused
        else {
            panic!("{refused}")
        };
        assert!(file.ends_with("own.cedar") || words == "customer-own-rows", "{refused}");
        assert_eq!(*at, line, "{refused}");
        assert!(said.contains(words), "{refused}");
    }
    with("own.cedar", good).unwrap();
    let nowhere = Rules::load(Some(Path::new("/nowhere/at/all"))).unwrap_err();
    assert!(nowhere.to_string().contains("/nowhere/at/all"), "{nowhere}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// A second reading of the three rules, in Rust.
    #[test]
    fn the_policies_say_what_they_are_said_to_say(
        customer in proptest::option::of("[ab]"),
        entities in proptest::collection::btree_set("[uvw]", 0..3),
        employee in proptest::option::of("[mn]"),
        is_consultant: bool,
        customers in proptest::collection::btree_set("[ab]", 0..3),
        legal_entities in proptest::collection::btree_set("[uvw]", 0..3),
        people in proptest::collection::btree_set("[mn]", 0..3),
    ) {
        let roles: &[&str] = if is_consultant { &["consultant"] } else { &[] };
        let held: Vec<&str> = entities.iter().map(String::as_str).collect();
        let who = person(customer.as_deref(), &held, employee.as_deref(), roles);
        let row = Whose { customers, legal_entities, people };
        let is_customers = customer.as_ref().is_none_or(|own| row.customers == [own.clone()].into());
        let is_entities = entities.is_empty() || !row.legal_entities.is_empty() && row.legal_entities.is_subset(&entities);
        let is_persons = !is_consultant || employee.as_ref().is_some_and(|own| row.people == [own.clone()].into());
        let rules = Rules::built_in();
        prop_assert_eq!(rules.may_read(&who, &row).allowed, is_customers && is_entities && is_persons);
        let is_free = customer.is_none() && entities.is_empty() && !is_consultant;
        prop_assert_eq!(rules.reach(&who) == Reach::Every, is_free);
    }
}

#[test]
fn a_caller_that_is_not_confined_costs_a_call_little() {
    let rules = Rules::built_in();
    let free = person(None, &[], None, &["finance", "controller"]);
    rules.reach(&free);
    let quickest = |mut work: Box<dyn FnMut()>| {
        let rounds = (0..20).map(|_| {
            let begin = Instant::now();
            (0..200).for_each(|_| work());
            begin.elapsed() / 200
        });
        rounds.min().unwrap()
    };
    let own = row(&["cus_a"], &["US01"], &[]);
    let (once, each) = (rules.clone(), rules.clone());
    let confined = person(Some("cus_a"), &[], None, &[]);
    let reached = quickest(Box::new(move || assert_eq!(once.reach(&free), Reach::Every)));
    let decided = quickest(Box::new(move || assert!(each.may_read(&confined, &own).allowed)));
    println!("a caller that sees everything {reached:?}, a decision {decided:?}");
    assert!(reached < Duration::from_micros(10), "{reached:?}");
}
