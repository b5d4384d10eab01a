//! How a client says who it is.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};
use strata_identity::TokenSource;
use strata_kernel::Error;
use strata_settings::Secret;

use crate::caller::caller;
use crate::reason;

/// Metadata key of the token of whoever a server works for. Beside it stands the server's own, as `authorization`.
pub(crate) const ON_BEHALF_HEADER: &str = "x-strata-on-behalf-of";
/// Metadata key of a caller that must not be answered with fields left out: it would reckon with what is not there.
pub(crate) const WHOLE_HEADER: &str = "x-strata-whole-answer";
/// How a token is announced.
const BEARER: &str = "Bearer ";

/// What a client shows to servers elsewhere. Clones share it.
#[derive(Debug, Clone, Default)]
pub enum Credentials {
    /// Nothing: for development.
    #[default]
    None,
    /// One token, of the person at the command line.
    Token(Arc<Secret>),
    /// This server's own tokens, and beside them the token of whoever the call under way is for.
    Service(Arc<TokenSource>),
}

impl Credentials {
    /// Puts what they are into the metadata of a call. What the caller put there itself stays. Returns the service token that was used.
    pub(crate) async fn sign(&self, headers: &mut HeaderMap) -> Result<Option<Arc<Secret>>, Error> {
        if headers.contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        match self {
            Self::None => Ok(None),
            Self::Token(token) => {
                headers.insert(header::AUTHORIZATION, value(token)?);
                Ok(None)
            }
            Self::Service(source) => {
                let own = source.token().await?;
                headers.insert(header::AUTHORIZATION, value(&own)?);
                headers.insert(WHOLE_HEADER, HeaderValue::from_static("true"));
                if let Some(token) = caller().as_ref().and_then(|caller| caller.token().cloned()) {
                    headers.insert(ON_BEHALF_HEADER, value(&token)?);
                }
                Ok(Some(own))
            }
        }
    }

    /// The token that was used did not do.
    pub(crate) fn were_refused(&self, used: Option<&Secret>) {
        if let (Self::Service(source), Some(used)) = (self, used) {
            source.was_refused(used);
        }
    }
}

fn value(token: &Secret) -> Result<HeaderValue, Error> {
    let value = HeaderValue::try_from(format!("{BEARER}{}", token.reveal()));
    let mut value = value.map_err(|_| {
        Error::new(
            strata_kernel::Kind::Unauthenticated,
            reason::TOKEN_INVALID,
            "the token holds characters that no token has",
        )
    })?;
    // Never shown by Debug, and never kept in the tables of HTTP/2.
    value.set_sensitive(true);
    Ok(value)
}

/// Takes the one token out of the metadata. None: there is none, more than one, or something else.
pub(crate) fn take(headers: &mut HeaderMap, name: &str) -> Option<Secret> {
    let mut all = headers.get_all(name).iter();
    let token = match (all.next(), all.next()) {
        (Some(one), None) => bearer(one),
        _ => None,
    };
    headers.remove(name);
    token
}

fn bearer(value: &HeaderValue) -> Option<Secret> {
    let text = value.to_str().ok()?;
    let (scheme, token) = text.split_at_checked(BEARER.len())?;
    scheme.eq_ignore_ascii_case(BEARER).then(|| Secret::new(token.trim()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_bearer_token_is_taken_and_leaves_nothing_behind() {
        let sent = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("authorization", value.parse().unwrap());
            }
            let token = take(&mut headers, "authorization").map(|token| token.reveal().to_owned());
            assert!(headers.is_empty());
            token
        };
        assert_eq!(sent(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(sent(&["bearer abc"]).as_deref(), Some("abc"));
        for bad in [
            &["Basic abc"] as &[&str],
            &["Bearer"],
            &["abc"],
            &[],
            &["Bearer a", "Bearer b"],
        ] {
            assert_eq!(sent(bad), None, "{bad:?}");
        }
    }

    #[tokio::test]
    async fn what_is_sent_is_shown_to_nobody() {
        let mut headers = HeaderMap::new();
        let credentials = Credentials::Token(Arc::new(Secret::new("hunter2")));
        credentials.sign(&mut headers).await.unwrap();
        assert_eq!(headers["authorization"], "Bearer hunter2");
        assert!(!format!("{headers:?} {credentials:?}").contains("hunter2"));
        let broken = Credentials::Token(Arc::new(Secret::new("two\nlines")));
        let refused = broken.sign(&mut HeaderMap::new()).await.unwrap_err();
        assert!(!format!("{refused:?}").contains("lines"));
    }
}
