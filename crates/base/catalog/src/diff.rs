//! What changed between two descriptor sets, as a client feels it. buf says what breaks on the wire; this also says what breaks in
//! meaning: stricter rules, other options, states and owners.

use prost_reflect::DescriptorPool;
use serde::Serialize;

use crate::facts::{Facts, RULE, facts};

/// How a client feels a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Something that was there is gone, or is another thing under the same name.
    Breaking,
    /// What was accepted may be refused now.
    Stricter,
    /// A policy is another: scope, deadline, owner, who may see it, which state may follow.
    Policy,
    /// What was refused may be accepted now.
    Looser,
    /// Something is there, or is said, that was not before.
    Added,
}

impl Class {
    /// True for what needs the architects: a client may notice it.
    pub fn needs_a_decision(self) -> bool {
        matches!(self, Self::Breaking | Self::Stricter | Self::Policy)
    }

    /// Its name, as it is printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Stricter => "stricter",
            Self::Policy => "policy",
            Self::Looser => "looser",
            Self::Added => "added",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// How a client feels it.
    pub class: Class,
    /// Full name of the element.
    pub element: String,
    /// What of it: "deadline_ms", "rule string.max_len". Empty: the element itself.
    pub aspect: String,
    /// What was said before. Empty: nothing.
    pub before: String,
    /// What is said now. Empty: nothing.
    pub after: String,
}

/// Every change from one descriptor set to another, what hurts most first, then by element.
pub fn diff(before: &DescriptorPool, after: &DescriptorPool) -> Vec<Change> {
    let (before, after) = (facts(before), facts(after));
    let mut changes = Vec::new();
    for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))) {
        let (old, new) = (before.get(key), after.get(key));
        if old == new {
            continue;
        }
        let (element, aspect) = key;
        let there = |facts: &Facts| facts.contains_key(&(element.clone(), String::new()));
        if !aspect.is_empty() && !there(&after) {
            continue; // The element is gone, which says it all.
        }
        let is_new = !there(&before);
        let class = class(aspect, old.map(String::as_str), new.map(String::as_str), is_new);
        let Some(class) = class.filter(|class| is_felt(*class, element, aspect, is_new, &before)) else {
            continue;
        };
        changes.push(Change {
            class,
            element: element.clone(),
            aspect: aspect.clone(),
            before: old.cloned().unwrap_or_default(),
            after: new.cloned().unwrap_or_default(),
        });
    }
    changes.sort_by(|a, b| (a.class, &a.element, &a.aspect).cmp(&(b.class, &b.element, &b.aspect)));
    changes
}

/// A rule on a new field is felt only when the message was there before: old clients do not send the field.
fn is_felt(class: Class, element: &str, aspect: &str, is_new: bool, before: &Facts) -> bool {
    if !is_new || aspect.is_empty() {
        return true;
    }
    let parent = element.rsplit_once('.').map_or("", |(parent, _)| parent);
    class == Class::Stricter && before.contains_key(&(parent.to_owned(), String::new()))
}

fn class(aspect: &str, old: Option<&str>, new: Option<&str>, is_new: bool) -> Option<Class> {
    if let Some(rule) = aspect.strip_prefix(RULE) {
        return rule_class(rule, old, new, is_new);
    }
    match (aspect, old, new) {
        ("", _, None) | ("number" | "type" | "request" | "response" | "subject" | "ordering_key", Some(_), _) => {
            Some(Class::Breaking)
        }
        (_, None, Some(_)) => (aspect.is_empty() || !is_new).then_some(Class::Added),
        _ => Some(Class::Policy),
    }
}

/// Rules that refuse a field which is not sent.
fn refuses_nothing(rule: &str, value: &str) -> bool {
    match rule {
        "required" => value == "true",
        "string.min_len" | "repeated.min_items" | "bytes.min_len" => value != "0",
        "enum.not_in" => value.split(", ").any(|number| number == "0"),
        _ => rule.ends_with(".pattern") || rule.ends_with(".gt") || rule.ends_with(".gte") && !value.starts_with(['0', '-']),
    }
}

fn rule_class(rule: &str, old: Option<&str>, new: Option<&str>, is_new: bool) -> Option<Class> {
    let last = rule.rsplit('.').next().unwrap_or(rule);
    // Whether a greater number accepts more. None: no number, or nobody knows.
    let greater_is_looser = match last {
        "max_len" | "max_items" | "max_pairs" | "max_bytes" | "lte" | "lt" => Some(true),
        "min_len" | "min_items" | "min_pairs" | "min_bytes" | "gte" | "gt" => Some(false),
        _ => None,
    };
    match (old, new) {
        (None, Some(value)) if is_new => refuses_nothing(rule, value).then_some(Class::Stricter),
        (None, Some("false")) | (Some("false"), None) => None,
        (None, _) => Some(Class::Stricter),
        (_, None | Some("false")) => Some(Class::Looser),
        (Some(old), Some(new)) => {
            let numbers = old.parse::<i128>().ok().zip(new.parse::<i128>().ok());
            match (greater_is_looser, numbers) {
                (Some(up), Some((old, new))) if (new > old) == up => Some(Class::Looser),
                _ => Some(Class::Stricter),
            }
        }
    }
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
