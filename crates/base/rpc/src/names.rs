//! From the path of a method to the name of its span.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

static NAMES: LazyLock<HashMap<&'static str, String>> =
    LazyLock::new(|| strata_contract::methods().map(|(path, _)| (path, derive(path))).collect());

/// `tier.area.verb` of `/strata.tier.area.v1.Service/Verb`.
pub(crate) fn span_name(path: &str) -> Cow<'static, str> {
    match NAMES.get(path) {
        Some(name) => Cow::Borrowed(name.as_str()),
        None => Cow::Owned(derive(path)),
    }
}

/// Whether a path is one of the health service, which is open to everybody.
pub(crate) fn is_health(path: &str) -> bool {
    path.starts_with("/grpc.health.v1.Health/")
}

/// Whether a path is one of reflection, which shows contracts to whoever is known.
pub(crate) fn is_reflection(path: &str) -> bool {
    path.starts_with("/grpc.reflection.v1.ServerReflection/") || path.starts_with("/grpc.reflection.v1alpha.ServerReflection/")
}

/// The method as the rpc conventions write it: without the leading slash.
pub(crate) fn method(path: &str) -> &str {
    path.trim_start_matches('/')
}

fn derive(path: &str) -> String {
    let (service, verb) = method(path).rsplit_once('/').unwrap_or(("", method(path)));
    let mut parts: Vec<&str> = service.split('.').collect();
    let noun = parts.pop().unwrap_or_default();
    parts.retain(|part| *part != "strata" && !is_version(part));
    let mut name = parts.join(".");
    if parts.len() < 2 {
        name = format!("{name}.{}", snake(noun.trim_end_matches("Service")));
    }
    format!("{name}.{}", snake(verb)).trim_start_matches('.').to_owned()
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_tier_area_verb() {
        assert_eq!(span_name("/strata.system.crm.v1.CrmService/GetSale"), "system.crm.get_sale");
        assert_eq!(
            span_name("/strata.master.v1.EngagementService/GetEngagement"),
            "master.engagement.get_engagement"
        );
        assert_eq!(span_name("/strata.dev.v1.ControlService/SetTime"), "dev.control.set_time");
        assert_eq!(span_name("/grpc.health.v1.Health/Check"), "grpc.health.check");
        assert_eq!(span_name("/favicon.ico"), "favicon.ico");
    }
}
