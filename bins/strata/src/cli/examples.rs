//! Calls to paste, for whoever wants to look around in a running installation.

use std::net::SocketAddr;

use serde::Serialize;
use serde_json::{Value, json};

use crate::installation::Addresses;
use crate::vendor::Role;

const DELIVERY: &str = "strata.experience.delivery.v2.DeliveryService";
const BILLING: &str = "strata.process.billing.v1.BillingService";

/// One call, for both tools.
#[derive(Debug, Serialize)]
pub(super) struct Example {
    /// What it shows.
    pub(super) shows: &'static str,
    /// For grpcurl.
    pub(super) grpcurl: String,
    /// For buf.
    pub(super) buf: String,
}

/// A few calls worth making. `engagement` is the name of a real one.
pub(super) fn examples(addresses: &Addresses, engagement: Option<&str>) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut add = |role: Role, shows, service: &str, method: &str, body: Value| {
        if let Some(address) = addresses.of(role) {
            examples.push(Example {
                shows,
                grpcurl: grpcurl(address, service, method, &body),
                buf: buf(address, service, method, &body),
            });
        }
    };
    let page = json!({"page_size": 5});
    add(Role::Experience, "engagements", DELIVERY, "ListEngagements", page.clone());
    if let Some(name) = engagement {
        let body = json!({"parent": name});
        add(Role::Experience, "the story of one", DELIVERY, "ListTimelineEntries", body);
    }
    add(Role::Process, "invoices and credit memos", BILLING, "ListDocuments", page);
    examples
}

fn grpcurl(address: SocketAddr, service: &str, method: &str, body: &Value) -> String {
    format!("grpcurl -plaintext -d '{body}' {address} {service}/{method}")
}

fn buf(address: SocketAddr, service: &str, method: &str, body: &Value) -> String {
    format!("buf curl --protocol grpc --http2-prior-knowledge -d '{body}' http://{address}/{service}/{method}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn examples_name_methods_that_exist_and_the_server_that_has_them() {
        let servers = [("experience", "127.0.0.1:7440"), ("process", "127.0.0.1:7430")];
        let addresses = Addresses {
            servers: servers.map(|(name, at)| (name.to_owned(), at.parse().unwrap())).into(),
            sandboxes: Default::default(),
        };
        let examples = examples(&addresses, Some("engagements/eng_0"));
        assert_eq!(examples.len(), 3);
        for Example { grpcurl, buf, .. } in &examples {
            let method = grpcurl.rsplit(' ').next().unwrap();
            assert!(strata_contract::method_policy(&format!("/{method}")).is_some(), "{method}");
            assert!(buf.ends_with(method), "{buf}");
            let port = if method.contains("process") { ":7430" } else { ":7440" };
            assert!(grpcurl.contains(port) && buf.contains(port), "{grpcurl}");
        }
        assert!(examples[1].grpcurl.contains(r#"-d '{"parent":"engagements/eng_0"}'"#));
    }
}
