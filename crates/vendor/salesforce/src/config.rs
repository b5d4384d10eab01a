//! Settings of one Salesforce org.

use serde::Deserialize;
use strata_kernel::{Error, Result};
use strata_vendor_http::{Base, Limits, Secret};

/// Settings of one Salesforce org. `Debug` leaves out the secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// My Domain host of the org: `https://firm.my.salesforce.com`. Tokens are asked for here, because the client credentials
    /// grant works nowhere else. Required.
    pub base_url: String,
    /// Consumer key of the connected app. Required.
    pub client_id: String,
    /// Consumer secret of the connected app. Required.
    pub client_secret: Secret,
    /// Version of the REST API. Default "66.0" (Spring '26).
    #[serde(default = "api_version")]
    pub api_version: String,
    /// Seconds before the newest record seen from which a feed is read again: a record becomes visible when its transaction
    /// ends, which is after the stamp it carries. Default 10.
    #[serde(default = "overlap_seconds")]
    pub overlap_seconds: u32,
    /// What may be used of the vendor. The org's own limit is 25 requests that last 20 s or longer. Default: 8 at once, 20 s.
    #[serde(default)]
    pub limits: Limits,
}

fn api_version() -> String {
    "66.0".to_owned()
}

fn overlap_seconds() -> u32 {
    10
}

impl Config {
    /// Checks the settings and names the field at fault.
    pub(crate) fn checked(&self) -> Result<Base> {
        let version = self.api_version.split_once('.');
        if !version.is_some_and(|(major, minor)| major.parse::<u16>().is_ok() && minor == "0") {
            return Err(Error::invalid("api_version", "has to look like 66.0"));
        }
        for (field, text) in [
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.expose()),
        ] {
            if text.is_empty() {
                return Err(Error::invalid(field, "is required"));
            }
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
        let sound = json!({"base_url": "https://firm.my.salesforce.com", "client_id": "strata", "client_secret": "CANARY"});
        let config: Config = serde_json::from_value(sound.clone()).unwrap();
        assert!(config.checked().is_ok() && config.api_version == "66.0");
        assert!(!format!("{config:?}").contains("CANARY"));
        for (field, value) in [
            ("base_url", "http://firm.my.salesforce.com"),
            ("api_version", "v66"),
            ("client_id", ""),
        ] {
            let mut wrong = sound.clone();
            wrong[field] = json!(value);
            let config: Config = serde_json::from_value(wrong).unwrap();
            assert_eq!(config.checked().unwrap_err().field, field);
        }
        let mut unknown = sound;
        unknown["clientid"] = json!("x");
        assert!(serde_json::from_value::<Config>(unknown).is_err());
    }
}
