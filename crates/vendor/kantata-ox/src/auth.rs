//! Client credentials grant, or a token that is given.

use serde_json::Value;
use strata_kernel::{Instant, Result};
use strata_vendor_http::{Base, Client, Mint, Minted, Request, Secret, error_of, unanswered, unauthenticated};

/// Where tokens come from.
const TOKEN_PATH: &str = "/oauth/token";

/// Gets tokens for one account. They live until the application is revoked.
pub(crate) struct Grant {
    pub(crate) client: Client,
    pub(crate) base: Base,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) fixed: Option<Secret>,
}

impl Mint for Grant {
    async fn mint(&self, _: Instant) -> Result<Minted> {
        let secret = match &self.fixed {
            Some(token) => token.clone(),
            None => self.ask().await?,
        };
        Ok(Minted {
            secret,
            instance_url: None,
            lifetime: None,
        })
    }
}

impl Grant {
    async fn ask(&self) -> Result<Secret> {
        let request = Request::form(self.base.at(TOKEN_PATH), &[("grant_type", "client_credentials")])
            .basic(&self.client_id, self.client_secret.expose());
        let reply = self.client.send(request).await.map_err(error_of)?;
        if !reply.is_success() {
            let refused = || unauthenticated(format!("status {}: {}", reply.status, reply.excerpt()));
            return Err(unanswered(&reply).unwrap_or_else(refused));
        }
        let answer = reply.json()?;
        let token = answer.get("access_token").and_then(Value::as_str);
        token
            .map(Secret::new)
            .ok_or_else(|| unauthenticated("a token answer without access_token"))
    }
}
