//! URLs: which may be called, how parts are put in, what may be logged.

use strata_kernel::{Error, Result};
use url::{Host, Url, form_urlencoded};

/// Where a vendor lives: scheme, host and port, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base(Url);

impl Base {
    /// Reads a base URL from settings. Plain HTTP is allowed to the loopback address only (a sandbox): anywhere else a token
    /// would travel in the open.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let url = Url::parse(text).map_err(|cause| Error::invalid(field, "is not a URL").because(cause))?;
        let base = Self(url);
        match base.0.scheme() {
            "https" => {}
            "http" if base.is_loopback() => {}
            _ => {
                return Err(Error::invalid(
                    field,
                    "has to start with https:// (http:// to this machine only)",
                ));
            }
        }
        if !base.0.username().is_empty() || base.0.password().is_some() {
            return Err(Error::invalid(field, "must not carry credentials"));
        }
        if base.0.query().is_some() || base.0.fragment().is_some() {
            return Err(Error::invalid(field, "must not carry a query or a fragment"));
        }
        Ok(base)
    }

    /// The base followed by a path that starts with "/".
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0.as_str().trim_end_matches('/'))
    }

    /// Host name, lower case.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// True when the host is this machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }
}

/// A URL with query parameters, each encoded.
pub fn with_query(url: &str, pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return url.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{url}?{query}")
}

/// One path segment, encoded so that no key of ours can leave it: "a/b" stays one segment.
pub fn segment(text: &str) -> String {
    // Form encoding escapes everything but letters, digits and *-._ and writes a space as "+", which a path does not know.
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    match encoded.as_str() {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => encoded.replace('+', "%20"),
    }
}

/// A URL for the log: without its query, which may hold names and keys.
pub fn cut_url(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for good in [
            "https://vendor.example",
            "http://127.0.0.1:8080",
            "http://localhost:1/",
            "http://[::1]:9",
        ] {
            assert!(Base::parse("base_url", good).is_ok(), "{good}");
        }
        for bad in [
            "http://vendor.example",
            "ftp://127.0.0.1",
            "https://u:p@vendor.example",
            "https://v.example/?a=1",
            "x",
        ] {
            assert_eq!(Base::parse("base_url", bad).unwrap_err().field, "base_url", "{bad}");
        }
        assert_eq!(
            Base::parse("b", "http://localhost:1/").unwrap().at("/x"),
            "http://localhost:1/x"
        );
    }

    #[test]
    fn parts_stay_where_they_are_put() {
        assert_eq!(segment("inv/2025 1?#é"), "inv%2F2025%201%3F%23%C3%A9");
        assert_eq!(segment(".."), "%2E%2E");
        assert_eq!(with_query("http://x/y", &[("q", "a b&c")]), "http://x/y?q=a+b%26c");
        assert_eq!(cut_url("http://x/y?secret=1"), "http://x/y");
    }
}
