//! Which addresses of a provider are called.

use std::net::IpAddr;

use url::{Host, Url};

/// Reads an address of the provider: https, or http on this machine, with nothing that hides where it leads.
pub(crate) fn read(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is no URL")?;
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => return Err("names no host"),
    };
    match url.scheme() {
        "https" => {}
        "http" if is_here => {}
        _ => return Err("has to begin with https; http is for this machine only"),
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("may hold no user, no password and no fragment");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_or_this_machine() {
        for good in [
            "https://login.example/realms/a",
            "http://127.0.0.1:9/x",
            "http://[::1]:9",
            "http://localhost",
        ] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "login.example",
            "http://login.example",
            "http://127.0.0.1@login.example",
            "https://user:pw@login.example",
            "file:///etc/passwd",
            "http://169.254.169.254/latest",
            "https://login.example/#x",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
