//! What an administrator says to connect Workday.

use serde::Deserialize;
use strata_kernel::{Error, Result};
use strata_vendor_http::{Limits, Secret};

/// Connection to one Workday tenant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Required. Scheme and host, as `https://wd3-impl-services1.workday.com`; every path derives from it.
    pub base_url: String,
    /// Required. Tenant.
    pub tenant: String,
    /// Required. Client id of the API client for integrations.
    pub client_id: String,
    /// Required, secret. Its client secret.
    pub client_secret: Secret,
    /// Required, secret. Non-expiring refresh token, bound to an integration system user.
    pub refresh_token: Secret,
    /// Default: 4 requests at once, 10 started per second (a figure quoted for a tenant, UNVERIFIED), 20 seconds each.
    #[serde(default = "limits")]
    pub limits: Limits,
    /// Default 900. Seconds of the transaction log that are read again: an entry may be committed late.
    #[serde(default = "overlap_seconds")]
    pub overlap_seconds: u32,
    /// Default 400. How many days ahead announced changes are learned. A change beyond is learned when it comes near and the
    /// worker has another entry, so this should exceed the firm's longest notice.
    #[serde(default = "horizon_days")]
    pub horizon_days: u32,
}

/// Furthest horizon: dates stay far from the end of the calendar.
const MOST_DAYS: u32 = 36_500;

impl Config {
    /// Names the first setting that cannot work.
    pub(crate) fn check(&self) -> Result<()> {
        for (field, value) in [
            ("tenant", self.tenant.as_str()),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
            ("refresh_token", self.refresh_token.expose()),
        ] {
            if value.trim().is_empty() {
                return Err(Error::invalid(field, "is required"));
            }
        }
        if self.horizon_days > MOST_DAYS {
            return Err(Error::invalid("horizon_days", format!("must be at most {MOST_DAYS}")));
        }
        Ok(())
    }
}

fn limits() -> Limits {
    Limits {
        concurrency: 4,
        per_second: Some(10),
        ..Limits::default()
    }
}

fn overlap_seconds() -> u32 {
    900
}

fn horizon_days() -> u32 {
    400
}
