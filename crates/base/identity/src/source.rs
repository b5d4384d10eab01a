//! Where the provider's keys are.

use std::path::PathBuf;

use url::Url;

use crate::http::{Http, LARGEST};
use crate::key_set::KeySet;

/// Where the keys are read from.
pub(crate) enum Source {
    /// The provider says where, in its discovery document.
    Discovery(Http, String),
    /// A fixed address.
    Fixed(Http, Url),
    /// A file, for providers that cannot be reached.
    File(PathBuf),
}

impl Source {
    /// Reads the keys.
    pub(crate) async fn read(&self) -> Result<KeySet, String> {
        let (name, bytes) = match self {
            Self::Discovery(http, issuer) => {
                let url = http.discover(issuer, "jwks_uri").await?;
                (url.to_string(), http.get(&url).await?)
            }
            Self::Fixed(http, url) => (url.to_string(), http.get(url).await?),
            Self::File(path) => (path.display().to_string(), of_file(path).await?),
        };
        KeySet::parse(&bytes).map_err(|why| format!("{name} {why}"))
    }
}

async fn of_file(path: &std::path::Path) -> Result<Vec<u8>, String> {
    let unreadable = |cause: std::io::Error| format!("{} cannot be read: {cause}", path.display());
    let length = tokio::fs::metadata(path).await.map_err(unreadable)?.len();
    if length > LARGEST as u64 {
        return Err(format!("{} has more than {LARGEST} bytes", path.display()));
    }
    tokio::fs::read(path).await.map_err(unreadable)
}
