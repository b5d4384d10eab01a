//! Calls to the provider: bounded in size and time, and never led elsewhere.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client, RequestBuilder, Response};
use serde_json::Value;
use url::Url;

use crate::{IdentityError, endpoint};

/// Longest time one call may take.
const TIME: Duration = Duration::from_secs(5);
/// Longest time a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(3);
/// Largest answer that is read, in bytes.
pub(crate) const LARGEST: usize = 64 * 1024;
/// Where a provider says what it is, behind its issuer.
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// A client for the provider. Clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct Http(Client);

impl Http {
    /// Trusts the usual authorities, and those of a file.
    pub(crate) fn new(ca_file: Option<&Path>) -> Result<Self, IdentityError> {
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(TIME)
            .connect_timeout(CONNECT)
            .user_agent(concat!("strata/", env!("CARGO_PKG_VERSION")));
        if let Some(file) = ca_file {
            let pem = std::fs::read(file).map_err(|cause| IdentityError::File(file.to_owned(), cause))?;
            let found = Certificate::from_pem_bundle(&pem).unwrap_or_default();
            if found.is_empty() {
                return Err(IdentityError::Certificates(file.to_owned()));
            }
            for certificate in found {
                builder = builder.add_root_certificate(certificate);
            }
        }
        builder.build().map(Self).map_err(IdentityError::Http)
    }

    /// The bytes behind an address.
    pub(crate) async fn get(&self, url: &Url) -> Result<Vec<u8>, String> {
        let answer = send(self.0.get(url.clone())).await?;
        match answer.status().as_u16() {
            200 => read(answer).await,
            status => Err(format!("{url} answers {status}")),
        }
    }

    /// Status and answer to a form that is posted with name and password.
    pub(crate) async fn post(
        &self,
        url: &Url,
        name: &str,
        password: &str,
        form: &[(&str, &str)],
    ) -> Result<(u16, Vec<u8>), String> {
        let coded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let call = self
            .0
            .post(url.clone())
            .basic_auth(coded(name), Some(coded(password)))
            .form(form);
        let answer = send(call).await?;
        Ok((answer.status().as_u16(), read(answer).await?))
    }

    /// An address that the provider of `issuer` names under `key` in what it says of itself.
    pub(crate) async fn discover(&self, issuer: &str, key: &str) -> Result<Url, String> {
        let url = format!("{}{DISCOVERY}", issuer.trim_end_matches('/'));
        let url = endpoint::read(&url).map_err(|why| format!("{url} {why}"))?;
        let said: Value = serde_json::from_slice(&self.get(&url).await?).map_err(|_| format!("{url} is no JSON"))?;
        if said.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(format!("{url} speaks for another issuer than \"{issuer}\""));
        }
        let found = said
            .get(key)
            .and_then(Value::as_str)
            .ok_or_else(|| format!("{url} names no {key}"))?;
        endpoint::read(found).map_err(|why| format!("{key} of {url} {why}"))
    }
}

/// What an error of the client says, without the address: the address is ours to name.
async fn send(call: RequestBuilder) -> Result<Response, String> {
    call.send().await.map_err(|cause| {
        let url = cause.url().map(ToString::to_string).unwrap_or_default();
        let what = if cause.is_timeout() {
            "does not answer in time"
        } else if cause.is_connect() {
            "cannot be reached"
        } else {
            "breaks the call off"
        };
        format!("{url} {what}")
    })
}

async fn read(mut answer: Response) -> Result<Vec<u8>, String> {
    let url = answer.url().to_string();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| format!("{url} breaks its answer off"))? {
        if bytes.len() + chunk.len() > LARGEST {
            return Err(format!("{url} answers with more than {LARGEST} bytes"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
