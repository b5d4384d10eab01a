//! The experience tier: shapes what the tiers below know for portals. It stores nothing.
//!
//! `strata.experience.delivery.v2` is what is implemented, one file per verb. `v1` says the same in the words of the version before.
//! What a verb asks below is turned around in one place, so a reason that a lower tier gave reaches the portal, and nothing that
//! belongs to the log does.

mod below;
mod clients;
mod dashboard;
mod entry;
mod get_engagement;
mod list_engagements;
mod list_invoices;
mod list_timeline_entries;
mod list_unbilled_time;
mod mobilised;
mod names;
mod pages;
mod service;
mod v1;
mod watch_engagement;
mod whose;
mod words;

use strata_contract::Transport;
use strata_contract::strata::experience::dashboard::v1::dashboard_service_server::DashboardServiceServer;
use strata_contract::strata::experience::delivery::v1::delivery_service_server::DeliveryServiceServer as V1Server;
use strata_contract::strata::experience::delivery::v2::delivery_service_server::DeliveryServiceServer;
use strata_rpc::ServerBuilder;

use clients::Clients;
use dashboard::Dashboard;

/// What a delivery lead sees, and a customer. Cloning shares the transports.
#[derive(Clone)]
pub struct Delivery {
    to: Clients,
    dashboard: Dashboard,
}

impl Delivery {
    /// Delivery over the process tier and master data. Nothing is called before a portal asks.
    pub fn new(process: Transport, master: Transport) -> Self {
        Self {
            dashboard: Dashboard::new(process.clone()),
            to: Clients::new(process, master),
        }
    }

    /// Adds the services of the experience tier to a server: both versions of each contract.
    #[must_use]
    pub fn add_to(&self, server: ServerBuilder) -> ServerBuilder {
        server
            .add_service(DeliveryServiceServer::new(self.clone()))
            .add_service(V1Server::new(v1::Translated(self.clone())))
            .add_service(DashboardServiceServer::new(self.dashboard.clone()))
    }
}
