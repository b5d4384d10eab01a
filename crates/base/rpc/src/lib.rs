//! Every server and every client connection of Strata.
//!
//! A server is built once and used in two ways with the same layers: as a [`Transport`] inside the
//! process, or over TCP.
//!
//! ```no_run
//! # async fn example(clock: strata_kernel::SimClock) -> Result<(), Box<dyn std::error::Error>> {
//! use strata_rpc::{ControlServer, ServerBuilder, ServerSettings};
//!
//! let server = ServerBuilder::new(ServerSettings::default())
//!     .add_service(ControlServer::new(clock, None).into_service())
//!     .build()
//!     .await?;
//! let same_process = server.in_process();
//! let listener = server.bind("127.0.0.1:7400".parse()?).await?;
//! server.serve(listener, async { tokio::signal::ctrl_c().await.ok(); }).await?;
//! # drop(same_process);
//! # Ok(())
//! # }
//! ```
//!
//! The stack, outermost first. Over TCP: origin check, CORS, gRPC-Web. Then on both ways: trace and
//! correlation id, which process calls, who calls, what they may do, who calls which contract, deadline, size of the request, limit of
//! calls in flight over the connection, the caller's budget, places of the server, audit, fields that the caller may see, rows that it
//! may see, caught panics, the services. Rules live here or in the contract's policies, never as lines in a method.

mod accept;
mod answer;
mod caller;
mod client;
mod connection;
mod consumers;
mod control;
mod credentials;
mod edge;
mod layer;
mod names;
mod next;
mod own;
pub mod page;
mod places;
mod reason;
mod reflection;
mod rewrite;
mod server;
mod settings;
mod sight;
mod status;
mod wire;

pub use accept::bind;
pub use caller::{Caller, caller};
pub use client::{carry, connect, connect_as, connect_over, is_encrypted};
pub use control::{ControlServer, Settle, SettleReport};
pub use credentials::Credentials;
pub use layer::audit::{AuditLog, AuditStep, AuditedCall, AuditedEnd, Touched};
pub use layer::deadline::remaining;
pub use layer::panics::hide_panics;
pub use own::{Approver, may_read, own};
pub use reason::intern as known_reason;
pub use server::{Server, ServerBuilder};
pub use settings::{Rate, Rates, ServerSettings};
pub use status::{error, status};
pub use strata_contract::Transport;

use std::net::SocketAddr;

/// A server or a connection that could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// The address can be reached from other machines, and the settings do not say that this is meant.
    #[error("{0} can be reached from other machines; set server.allow_public when that is meant")]
    Public(SocketAddr),
    /// The address can be reached from other machines, and nobody there would be asked who they are.
    #[error(
        "{0} can be reached from other machines, and in development everybody there could do everything; set identity.mode = \"jwt\", \
         or listen on this machine only"
    )]
    Development(SocketAddr),
    /// The socket refuses.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The socket fails.
    #[error("the listening socket fails: {0}")]
    Socket(#[from] std::io::Error),
    /// A method's contract says that its calls are audited, and the server has no audit log.
    #[error("{0} is to be audited; give the server an audit log")]
    NotAudited(&'static str),
    /// The address of a server is none.
    #[error("\"{0}\" is no address of a server: host:port, http://host:port, or https://host:port for one that speaks TLS")]
    Address(String),
    /// A server speaks TLS, and nothing says whose certificates it may show.
    #[error("{0} speaks TLS, and nothing says whose certificates it may show; name the file of its authority")]
    NoAuthorities(String),
}
