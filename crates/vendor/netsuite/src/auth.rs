//! OAuth 2.0 client credentials with a certificate (M2M). There is no refresh token: a new one is asked for each time.
//! Oracle: section_162686838198.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use strata_kernel::{Error, Instant, Result};
use strata_vendor_http::{Client, Mint, Minted, Request, Secret, error_of, unavailable};

use crate::config::Config;
use crate::errors::Refusal;
use crate::fields::{ASSERTION_LIFE_SECONDS, TOKEN_LIFE_SECONDS};

/// Path of the token endpoint. Its full URL is the audience of the assertion.
pub(crate) const TOKEN_PATH: &str = "/services/rest/auth/oauth2/v1/token";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Functional area the token is for.
const SCOPE: &str = "rest_webservices";

/// Signs assertions and trades them for tokens.
pub(crate) struct Signer {
    http: Client,
    url: String,
    client_id: String,
    header: Header,
    key: EncodingKey,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: [&'a str; 1],
    aud: &'a str,
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Secret,
    /// Seconds; a string in Oracle's sample, a number elsewhere.
    #[serde(default)]
    expires_in: Option<Value>,
}

impl Signer {
    pub(crate) fn new(config: &Config, http: Client, url: String) -> Result<Self> {
        let key = EncodingKey::from_rsa_pem(config.private_key_pem.expose().as_bytes())
            .map_err(|cause| Error::invalid("private_key_pem", "is not an RSA private key in PEM form").because(cause))?;
        let mut header = Header::new(Algorithm::PS256);
        header.kid = Some(config.certificate_id.clone());
        Ok(Self {
            http,
            url,
            client_id: config.client_id.clone(),
            header,
            key,
        })
    }

    fn assertion(&self, now: Instant) -> Result<String> {
        let iat = now.timestamp();
        let claims = Claims {
            iss: &self.client_id,
            scope: [SCOPE],
            aud: &self.url,
            iat,
            exp: iat + ASSERTION_LIFE_SECONDS,
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key).map_err(Error::internal)
    }
}

impl Mint for Signer {
    async fn mint(&self, now: Instant) -> Result<Minted> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &self.assertion(now)?),
        ];
        let reply = self.http.send(Request::form(&self.url, &form)).await.map_err(error_of)?;
        if !reply.is_success() {
            let refusal = Refusal::read(reply.status, &reply.body);
            // The endpoint speaks OAuth: a bad assertion is 400 or 401 with a body of its own.
            let refused = matches!(reply.status, 400 | 401 | 403);
            return Err(if refused {
                strata_vendor_http::unauthenticated(refusal.detail)
            } else {
                refusal.error()
            });
        }
        let granted: Granted =
            serde_json::from_slice(&reply.body).map_err(|cause| unavailable(format!("not a token: {cause}")))?;
        Ok(Minted {
            secret: granted.access_token,
            instance_url: None,
            lifetime: Some(Duration::from_secs(lifetime(granted.expires_in.as_ref()))),
        })
    }
}

fn lifetime(said: Option<&Value>) -> u64 {
    match said {
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64(),
        None => None,
    }
    .unwrap_or(TOKEN_LIFE_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_as_text_or_number() {
        assert_eq!(lifetime(Some(&Value::from("1800"))), 1800);
        assert_eq!(lifetime(Some(&Value::from(1800))), 1800);
        assert_eq!(lifetime(None), TOKEN_LIFE_SECONDS);
        assert_eq!(lifetime(Some(&Value::from("soon"))), TOKEN_LIFE_SECONDS);
    }
}
