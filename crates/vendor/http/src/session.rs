//! Calls with a token: minted when needed, and once more when the vendor refuses it.

use std::sync::Arc;

use strata_kernel::Clock;

use crate::UNAUTHORIZED;
use crate::client::Client;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::request::{Reply, Request};
use crate::token::{Mint, Token, TokenCache};

/// A client together with its token.
pub struct Session<F> {
    client: Client,
    tokens: TokenCache<F>,
    clock: Arc<dyn Clock>,
}

impl<F: Mint> Session<F> {
    /// A session that has no token yet.
    pub fn new(client: Client, mint: F, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            tokens: TokenCache::new(mint),
            clock,
        }
    }

    /// What admits its requests, those for tokens included.
    pub fn gate(&self) -> Gate {
        self.client.gate()
    }

    /// Sends the request that `make` builds for the token. A 401 means that nothing was done: the token is replaced and the
    /// request is sent a second time, a write too. A second 401 is returned as it is.
    pub async fn send(&self, make: impl Fn(&Token) -> Request + Send + Sync) -> Result<Reply, Failure> {
        let token = self.tokens.get(self.clock.now()).await.map_err(Failure::NoToken)?;
        let reply = self.client.send(make(&token)).await?;
        if reply.status != UNAUTHORIZED {
            return Ok(reply);
        }
        tracing::info!(vendor = self.client.vendor(), "token refused; another is minted");
        self.tokens.invalidate(&token).await;
        let token = self.tokens.get(self.clock.now()).await.map_err(Failure::NoToken)?;
        self.client.send(make(&token)).await
    }
}
