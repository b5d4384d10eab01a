//! OAuth 2.0 with a refresh token that does not expire. The SOAP services take the access token too.

use std::time::Duration;

use serde::Deserialize;
use strata_kernel::{Instant, Result};
use strata_vendor_http::{Client, Mint, Minted, Request, Secret, error_of, throttled, unauthenticated, unavailable};

use crate::config::Config;
use crate::fields::TOKEN_LIFE_SECONDS;

/// Trades the refresh token for access tokens.
pub(crate) struct Refresh {
    http: Client,
    url: String,
    client_id: String,
    client_secret: Secret,
    refresh_token: Secret,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Secret,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl Refresh {
    pub(crate) fn new(config: &Config, http: Client, url: String) -> Self {
        Self {
            http,
            url,
            client_id: config.client_id.clone(),
            client_secret: config.client_secret.clone(),
            refresh_token: config.refresh_token.clone(),
        }
    }
}

impl Mint for Refresh {
    async fn mint(&self, _: Instant) -> Result<Minted> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", self.refresh_token.expose()),
        ];
        let request = Request::form(&self.url, &form).basic(&self.client_id, self.client_secret.expose());
        let reply = self.http.send(request).await.map_err(error_of)?;
        let detail = || format!("token endpoint: status {} {}", reply.status, reply.excerpt());
        match reply.status {
            200..300 => {}
            400 | 401 | 403 => return Err(unauthenticated(detail())),
            429 => return Err(throttled(detail())),
            _ => return Err(unavailable(detail())),
        }
        let granted: Granted =
            serde_json::from_slice(&reply.body).map_err(|cause| unavailable(format!("not a token: {cause}")))?;
        Ok(Minted {
            secret: granted.access_token,
            instance_url: None,
            lifetime: Some(Duration::from_secs(granted.expires_in.unwrap_or(TOKEN_LIFE_SECONDS))),
        })
    }
}
