//! How large a request may be, as its contract says it: by what the method costs, and by the longest list that it takes.

use prost_reflect::{DescriptorPool, FieldDescriptor, MessageDescriptor, MethodDescriptor, Value};

use crate::rules::{is_ours, option};
use crate::strata::options::v1::{MethodPolicy, RateClass};

/// A command: the change of one record.
const COMMAND: usize = 256 * 1024;
/// A request for records, or for what is computed of them.
const READ: usize = 1024 * 1024;
/// A change of many records, or of one that holds many. Above it a list is sent in parts.
const BULK: usize = 4 * 1024 * 1024;
/// Items up to which a record does not hold many.
const MANY: u64 = 200;

/// Bytes that the request of a method may have at most: 4 MiB when it is of the class BULK, or of the class WRITE with lists that the
/// contract lets grow beyond 200 items; 256 KiB when it is of the class WRITE otherwise; 1 MiB for all others.
pub fn largest_request(method: &MethodDescriptor) -> usize {
    let pool = method.parent_pool();
    let policy = option(&method.options(), pool, "method");
    let policy: MethodPolicy = policy.and_then(|policy| policy.transcode_to().ok()).unwrap_or_default();
    match policy.rate_class() {
        RateClass::Bulk => BULK,
        RateClass::Write if items(&method.input(), pool, &mut Vec::new()) > MANY => BULK,
        RateClass::Write => COMMAND,
        RateClass::Read | RateClass::Report | RateClass::Stream | RateClass::Unspecified => READ,
    }
}

/// Items that the lists of a message may hold altogether. A list without a bound, and a message in itself, may hold any number. Messages
/// of others (times, masks) are small.
fn items(message: &MessageDescriptor, pool: &DescriptorPool, within: &mut Vec<String>) -> u64 {
    if !is_ours(message.full_name()) {
        return 0;
    }
    if within.iter().any(|name| name == message.full_name()) {
        return u64::MAX;
    }
    within.push(message.full_name().to_owned());
    let of_field = |field: FieldDescriptor| {
        let inner = field.kind().as_message().map_or(0, |inner| items(inner, pool, within));
        if field.is_list() || field.is_map() {
            most(&field, pool).saturating_mul(inner.max(1))
        } else {
            inner
        }
    };
    let all = message.fields().map(of_field).fold(0, u64::saturating_add);
    within.pop();
    all
}

/// Items that a list may hold, as `buf.validate` says it.
fn most(field: &FieldDescriptor, pool: &DescriptorPool) -> u64 {
    let said = || {
        let extension = pool.get_extension_by_name("buf.validate.field")?;
        let rules = field.options().get_extension(&extension).as_message().cloned()?;
        let (of, bound) = if field.is_map() {
            ("map", "max_pairs")
        } else {
            ("repeated", "max_items")
        };
        let rules = rules.get_field_by_name(of)?.as_message().cloned()?;
        let has_bound = rules.has_field_by_name(bound);
        rules
            .get_field_by_name(bound)
            .filter(|_| has_bound)
            .as_deref()
            .and_then(Value::as_u64)
    };
    said().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{POOL, Policies};

    #[test]
    fn a_command_is_small_and_what_holds_many_is_not() {
        let largest = |path: &str| Policies::built_in().largest_request(path).unwrap();
        for (path, bytes) in [
            ("/strata.process.exception.v1.ExceptionService/SkipException", COMMAND),
            ("/strata.process.billing.v1.BillingService/ApproveMilestone", COMMAND),
            ("/strata.system.erp.v1.ErpService/PostDocument", BULK),
            ("/strata.system.erp.v1.ErpService/PostTime", BULK),
            ("/strata.master.v1.EngagementService/ListEngagements", READ),
        ] {
            assert_eq!(largest(path), bytes, "{path}");
        }
        assert_eq!(Policies::built_in().largest_request("/grpc.health.v1.Health/Check"), None);
    }

    /// The bound of a field's own rule, as `string.max_len`.
    fn bound(field: &FieldDescriptor, of: &str, name: &str) -> Option<u64> {
        let extension = POOL.get_extension_by_name("buf.validate.field")?;
        let rules = field.options().get_extension(&extension).as_message().cloned()?;
        let rules = rules.get_field_by_name(of)?.as_message().cloned()?;
        let value = rules.get_field_by_name(name).filter(|_| rules.has_field_by_name(name))?;
        value
            .as_u64()
            .or_else(|| value.as_u32().map(u64::from))
            .or_else(|| value.as_i32().and_then(|value| value.try_into().ok()))
    }

    #[test]
    fn keys_and_pages_are_bounded_wherever_they_are_sent() {
        let requests = POOL.all_messages().filter(|message| message.name().ends_with("Request"));
        let (mut keys, mut pages) = (0, 0);
        for field in requests
            .filter(|message| is_ours(message.full_name()))
            .flat_map(|message| message.fields().collect::<Vec<_>>())
        {
            let most = match field.name() {
                "key" | "request_id" => bound(&field, "string", "max_len").map(|most| (most, 128, &mut keys)),
                "page_size" => ["int32", "uint32"]
                    .iter()
                    .find_map(|of| bound(&field, of, "lte"))
                    .map(|most| (most, 1000, &mut pages)),
                _ => continue,
            };
            let (most, allowed, count) = most.unwrap_or_else(|| panic!("{} has no bound", field.full_name()));
            assert!(most <= allowed, "{}: {most}", field.full_name());
            *count += 1;
        }
        assert!(keys > 20 && pages > 10, "{keys} keys, {pages} pages");
    }
}
