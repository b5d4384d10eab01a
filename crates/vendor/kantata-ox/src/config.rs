//! Settings of one Kantata OX account.

use serde::Deserialize;
use strata_kernel::{Error, Result};
use strata_vendor_http::{Base, Limits, Secret};

/// Settings of one Kantata OX account. `Debug` leaves out the secrets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Host of the API and of its token endpoint. Default `https://api.mavenlink.com`.
    #[serde(default = "base_url")]
    pub base_url: String,
    /// Id of the application that an account administrator registered. Required unless `access_token` is set.
    #[serde(default)]
    pub client_id: String,
    /// Secret of the application. Required unless `access_token` is set.
    #[serde(default = "no_secret")]
    pub client_secret: Secret,
    /// A token that somebody consented to. It does not expire; when it is refused, somebody has to consent again. Default: none,
    /// tokens are asked for with the client credentials.
    #[serde(default)]
    pub access_token: Option<Secret>,
    /// Name under which our keys stand in external references. Never change it on a live account: nothing would be found again,
    /// and everything would be created a second time. Default "strata".
    #[serde(default = "service_name")]
    pub service_name: String,
    /// Seconds before the newest record seen from which a feed is read again: a record becomes visible when its transaction
    /// ends, which is after the stamp it carries. At least 1, because stamps have whole seconds. Default 10.
    #[serde(default = "overlap_seconds")]
    pub overlap_seconds: u32,
    /// What may be used of the vendor, whose numbers are not public. Default: 8 at once, 20 s.
    #[serde(default)]
    pub limits: Limits,
}

fn base_url() -> String {
    "https://api.mavenlink.com".to_owned()
}

fn service_name() -> String {
    "strata".to_owned()
}

fn overlap_seconds() -> u32 {
    10
}

fn no_secret() -> Secret {
    Secret::new("")
}

impl Config {
    /// Checks the settings and names the field at fault.
    pub(crate) fn checked(&self) -> Result<Base> {
        let token = self.access_token.as_ref().is_some_and(|token| !token.expose().is_empty());
        if !token && self.client_id.is_empty() {
            return Err(Error::invalid("client_id", "is required, unless access_token is set"));
        }
        if !token && self.client_secret.expose().is_empty() {
            return Err(Error::invalid("client_secret", "is required, unless access_token is set"));
        }
        if self.service_name.is_empty() {
            return Err(Error::invalid("service_name", "is required"));
        }
        if self.overlap_seconds == 0 {
            return Err(Error::invalid("overlap_seconds", "has to be at least 1"));
        }
        Base::parse("base_url", &self.base_url)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_hold_and_mistakes_are_named() {
        let sound = json!({"client_id": "strata", "client_secret": "CANARY"});
        let config: Config = serde_json::from_value(sound.clone()).unwrap();
        assert!(config.checked().is_ok() && config.service_name == "strata");
        assert!(!format!("{config:?}").contains("CANARY"));
        assert!(
            serde_json::from_value::<Config>(json!({"access_token": "CANARY"}))
                .unwrap()
                .checked()
                .is_ok()
        );
        for (field, value) in [
            ("client_id", json!("")),
            ("client_secret", json!("")),
            ("service_name", json!("")),
            ("overlap_seconds", json!(0)),
            ("base_url", json!("http://api.mavenlink.com")),
        ] {
            let mut wrong = sound.clone();
            wrong[field] = value;
            let config: Config = serde_json::from_value(wrong).unwrap();
            assert_eq!(config.checked().unwrap_err().field, field);
        }
    }
}
