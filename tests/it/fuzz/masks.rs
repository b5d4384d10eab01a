//! Redaction of bytes that are almost an answer: what it lets through is a message, and hiding twice hides nothing more.

use prost::Message;
use prost_reflect::{DynamicMessage, MethodDescriptor};
use strata_contract::{Mask, Masks, Policies};

use super::requests::filled;
use super::{kept, run};
use crate::dynamic;

#[test]
fn a_changed_answer_is_masked_or_not_sent() {
    let policies = Policies::built_in();
    let audiences = [policies.hidden(true, |_| false), policies.hidden(false, |_| true)];
    let masks = audiences.map(|hidden| Masks::new(&policies, &hidden));
    let methods = dynamic::methods();
    let mut masked: Vec<(Mask, &MethodDescriptor)> = Vec::new();
    for method in &methods {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        masked.extend(masks.iter().filter_map(|masks| masks.of(&path)).map(|mask| (mask, method)));
    }
    assert!(masked.len() > 40, "{}", masked.len());
    let mut seeds: Vec<(usize, Vec<u8>)> = Vec::new();
    for (at, (_, method)) in masked.iter().enumerate() {
        seeds.push((at, filled(&method.output(), 5).encode_to_vec()));
        seeds.extend(kept("masks").into_iter().map(|bytes| (at, bytes)));
    }
    run(6_000, &seeds, |at, bytes| {
        let (mask, method) = &masked[*at];
        let is_message = |bytes: &[u8]| DynamicMessage::decode(method.output(), bytes).is_ok();
        match mask.apply(&bytes) {
            Err(_) if is_message(&bytes) => Err(format!("{} is a message, and not sent", method.full_name())),
            Ok(once) if is_message(&bytes) && !is_message(&once) => Err(format!("{} is no message any more", method.full_name())),
            Ok(once) if mask.apply(&once).as_ref() != Ok(&once) => Err(format!("{} is not masked in one go", method.full_name())),
            _ => Ok(()),
        }
    });
}
