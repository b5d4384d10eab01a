//! The method policies, read once from the descriptor set.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use crate::POOL;
pub use crate::strata::options::v1::MethodPolicy;

static POLICIES: LazyLock<HashMap<String, MethodPolicy>> = LazyLock::new(read);

/// Policy of a method by its path, `/package.Service/Method`. None: not one of our methods.
pub fn method_policy(path: &str) -> Option<&'static MethodPolicy> {
    POLICIES.get(path)
}

/// Every method of ours with its policy, by path.
pub fn methods() -> impl Iterator<Item = (&'static str, &'static MethodPolicy)> {
    POLICIES.iter().map(|(path, policy)| (path.as_str(), policy))
}

static SCOPES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| methods().map(|(_, policy)| policy.scope.as_str()).collect());

/// Every scope that a method asks for, in order.
pub fn scopes() -> impl Iterator<Item = &'static str> {
    SCOPES.iter().copied()
}

fn read() -> HashMap<String, MethodPolicy> {
    let extension = POOL
        .get_extension_by_name("strata.options.v1.method")
        .expect("options.proto is part of the set");
    let mut table = HashMap::new();
    for service in POOL.services().filter(|s| s.full_name().starts_with("strata.")) {
        for method in service.methods() {
            let options = method.options();
            let value = options.get_extension(&extension);
            let policy = value
                .as_message()
                .and_then(|m| m.transcode_to::<MethodPolicy>().ok())
                .unwrap_or_default();
            table.insert(format!("/{}/{}", service.full_name(), method.name()), policy);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_says_scope_idempotency_and_deadline() {
        assert!(methods().count() > 40);
        for (path, policy) in methods() {
            assert!(
                !policy.scope.is_empty() && policy.idempotency != 0 && policy.deadline_ms > 0,
                "{path}"
            );
        }
    }
}
