//! What an administrator says to connect NetSuite.

use std::time::Duration;

use serde::Deserialize;
use strata_kernel::{Error, Result};
use strata_vendor_http::{Limits, Secret};

/// Connection to one NetSuite account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Required. Scheme and host, as `https://1234567.suitetalk.api.netsuite.com`; every path derives from it.
    pub base_url: String,
    /// Required. Client id (consumer key) of the integration record.
    pub client_id: String,
    /// Required. Certificate id from the OAuth 2.0 client credentials mapping: the `kid` of the assertion.
    pub certificate_id: String,
    /// Required, secret. RSA private key of that certificate, PEM (PKCS#8 or PKCS#1). Signs with PS256.
    pub private_key_pem: Secret,
    /// Default: 4 requests at once, 60 seconds each. The standard tier allows an account 5 at once, shared by all its
    /// integrations; NetSuite itself may take up to 15 minutes to answer.
    #[serde(default = "limits")]
    pub limits: Limits,
    /// Default 50. Times an asynchronous job is asked before its end counts as unknown.
    #[serde(default = "job_tries")]
    pub job_tries: u32,
    /// Default 2000. Longest pause between two such questions, in milliseconds. The first pauses are shorter.
    #[serde(default = "job_pause_ms")]
    pub job_pause_ms: u64,
    /// Default 60. Seconds of the change feed that are read again: a record may turn up late under an earlier stamp.
    #[serde(default = "overlap_seconds")]
    pub overlap_seconds: u32,
}

impl Config {
    /// Names the first setting that cannot work.
    pub(crate) fn check(&self) -> Result<()> {
        for (field, value) in [
            ("client_id", self.client_id.as_str()),
            ("certificate_id", &self.certificate_id),
            ("private_key_pem", self.private_key_pem.expose()),
        ] {
            if value.trim().is_empty() {
                return Err(Error::invalid(field, "is required"));
            }
        }
        if self.job_tries == 0 {
            return Err(Error::invalid("job_tries", "must be above zero"));
        }
        Ok(())
    }
}

fn limits() -> Limits {
    Limits {
        concurrency: 4,
        timeout: Duration::from_secs(60),
        ..Limits::default()
    }
}

fn job_tries() -> u32 {
    50
}

fn job_pause_ms() -> u64 {
    2000
}

fn overlap_seconds() -> u32 {
    60
}
