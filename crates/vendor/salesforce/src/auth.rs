//! Client credentials grant.

use serde_json::Value;
use strata_kernel::{Instant, Result};
use strata_vendor_http::{Base, Client, Mint, Minted, Request, Secret, error_of, unanswered, unauthenticated};

/// Where tokens come from.
const TOKEN_PATH: &str = "/services/oauth2/token";
/// Hosts a token may be sent to beside the configured one: a token answer names the host of the org's instance.
const VENDOR_DOMAINS: [&str; 2] = [".salesforce.com", ".force.com"];

/// Mints tokens for one org.
pub(crate) struct Grant {
    pub(crate) client: Client,
    pub(crate) base: Base,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
}

impl Mint for Grant {
    async fn mint(&self, _: Instant) -> Result<Minted> {
        let request = Request::form(self.base.at(TOKEN_PATH), &[("grant_type", "client_credentials")])
            .basic(&self.client_id, self.client_secret.expose());
        let reply = self.client.send(request).await.map_err(error_of)?;
        if !reply.is_success() {
            // 400 and 401 carry {"error","error_description"}: wrong key, wrong secret, grant not allowed.
            let refused = || unauthenticated(format!("status {}: {}", reply.status, reply.excerpt()));
            return Err(unanswered(&reply).unwrap_or_else(refused));
        }
        let answer = reply.json()?;
        let text = |field: &str| answer.get(field).and_then(Value::as_str).map(str::to_owned);
        let secret = text("access_token").ok_or_else(|| unauthenticated("a token answer without access_token"))?;
        Ok(Minted {
            secret: Secret::new(secret),
            instance_url: text("instance_url").map(|url| self.trusted(&url)).transpose()?,
            // The answer says no lifetime: it is the org's session policy. A 401 tells.
            lifetime: None,
        })
    }
}

impl Grant {
    /// A token goes only to a host of the vendor, or to the one it was asked from.
    fn trusted(&self, url: &str) -> Result<String> {
        let strange = |detail: &str| unauthenticated(format!("instance_url {url}: {detail}"));
        let instance = Base::parse("instance_url", url).map_err(|cause| strange(&cause.message))?;
        let known = instance.host() == self.base.host()
            || VENDOR_DOMAINS.iter().any(|domain| instance.host().ends_with(domain))
            || (instance.is_loopback() && self.base.is_loopback());
        if known {
            Ok(instance.at(""))
        } else {
            Err(strange("is not a host of the vendor"))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_vendor_http::Limits;

    use super::*;

    #[test]
    fn a_token_goes_only_to_the_vendor() {
        let grant = Grant {
            client: Client::new("salesforce", Limits::default()).unwrap(),
            base: Base::parse("base_url", "https://firm.my.salesforce.com").unwrap(),
            client_id: "strata".into(),
            client_secret: Secret::new("s"),
        };
        assert_eq!(
            grant.trusted("https://eu7.salesforce.com/").unwrap(),
            "https://eu7.salesforce.com"
        );
        for strange in [
            "https://salesforce.com.evil.example",
            "http://eu7.salesforce.com",
            "https://127.0.0.1",
            "x",
        ] {
            assert_eq!(
                grant.trusted(strange).unwrap_err().reason,
                "VENDOR_UNAUTHENTICATED",
                "{strange}"
            );
        }
    }
}
