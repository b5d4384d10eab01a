//! Page tokens: a changed one is refused, or means the same.

use strata_rpc::page;

use super::{kept, run};

const FILTER: &str = "delivery.engagements";

#[test]
fn a_changed_page_token_begins_nowhere_else() {
    let keys = ["eng_0123456789abcdefghjk", "2025-01-06\u{1f}TE-1", "", "ü"];
    let mut seeds: Vec<(Option<&str>, Vec<u8>)> = keys
        .iter()
        .map(|key| (Some(*key), page::encode(key, FILTER).into_bytes()))
        .collect();
    seeds.extend(kept("page_tokens").into_iter().map(|bytes| (None, bytes)));
    run(4_000, &seeds, |key, bytes| {
        let Ok(token) = String::from_utf8(bytes) else { return Ok(()) };
        match page::decode(&token, FILTER) {
            Ok(None) if token.is_empty() => Ok(()),
            Ok(Some(read)) if *key == Some(read.as_str()) => Ok(()),
            Ok(other) => Err(format!("is read as {other:?}")),
            Err(refused) if refused.field == "page_token" => Ok(()),
            Err(other) => Err(other.to_string()),
        }
    });
}
