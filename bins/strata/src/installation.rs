//! A running platform with its vendors, as its callers see it: in one process or in many makes no difference.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::Serialize;
use strata_contract::Transport;
use strata_contract::strata::dev::v1::GetTimeRequest;
use strata_contract::strata::dev::v1::control_service_client::ControlServiceClient;
use strata_firm::director::Stage;
use strata_firm::people::Access;
use strata_kernel::Instant;

use crate::sandbox::BaseUrls;
use crate::vendor::Role;

/// Where the servers of an installation are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// gRPC servers by name. One named "all" serves every tier.
    pub servers: BTreeMap<String, SocketAddr>,
    /// Base URLs of the vendors' sandboxes.
    pub sandboxes: BaseUrls,
}

impl Addresses {
    /// The gRPC address at which a tier is served.
    pub fn of(&self, role: Role) -> Option<SocketAddr> {
        let own = self.servers.get(role.name());
        own.or_else(|| self.servers.get(Role::All.name())).copied()
    }
}

/// Transports into a running platform, and how people sign in at its vendors. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Installation {
    /// How the firm's people sign in at the vendors.
    pub access: Access,
    /// Clocks of the servers whose time the process server's control service does not move, the vendors' first.
    pub clocks: Vec<Transport>,
    /// The process tier.
    pub process: Transport,
    /// Further process servers on the same database.
    pub more_processes: Vec<Transport>,
    /// Master data.
    pub master: Transport,
    /// The experience tier.
    pub experience: Transport,
    /// Where everything is.
    pub addresses: Addresses,
}

impl Installation {
    /// The stage a firm's year is lived on.
    ///
    /// # Errors
    /// When an address or a key cannot be used.
    pub fn stage(&self) -> strata_firm::Result<Stage> {
        let clocks = self.clocks.iter().cloned().map(ControlServiceClient::new).collect();
        let processes = [&self.process].into_iter().chain(&self.more_processes).cloned().collect();
        Stage::new(self.access.clone(), clocks, processes)
    }

    /// The simulated time of the process server.
    ///
    /// # Errors
    /// When it does not answer, or runs on the machine's clock.
    pub async fn now(&self) -> anyhow::Result<Instant> {
        time_of(&self.process).await
    }
}

/// The simulated time of a server.
pub(crate) async fn time_of(server: &Transport) -> anyhow::Result<Instant> {
    let answer = ControlServiceClient::new(server.clone()).get_time(GetTimeRequest {}).await?;
    let time = answer.into_inner().time.unwrap_or_default();
    Ok(strata_contract::instant(&time)?)
}
