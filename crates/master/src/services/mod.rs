//! The gRPC services of master data, one file each.

mod contract;
mod cross_reference;
mod engagement;
mod milestones;
mod reference_data;
mod transfer_rates;
mod workforce;

use std::sync::Arc;

use strata_contract::strata::master::v1 as pb;
use strata_kernel::{Clock, Error, Result};
use strata_rpc::ServerBuilder;
use strata_store::{Conn, Db, both};

use crate::store::{lite, pg};

/// Master data on a database. Cloning shares it.
#[derive(Clone)]
pub struct Master {
    db: Db,
    clock: Arc<dyn Clock>,
}

impl Master {
    /// Master data on a database whose migrations ran.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Stores a change, and counts it with the same transaction.
    async fn change<R, F>(&self, work: F) -> Result<R>
    where
        R: Send + 'static,
        F: Fn(&mut Conn<'_>) -> Result<R> + Send + 'static,
    {
        let counted = move |c: &mut Conn<'_>| {
            let done = work(c)?;
            both!(c, revision::raise())?;
            Ok(done)
        };
        self.db.write(counted).await
    }

    /// Adds every service of master data to a server.
    #[must_use]
    pub fn add_to(&self, server: ServerBuilder) -> ServerBuilder {
        server
            .add_service(pb::reference_data_service_server::ReferenceDataServiceServer::new(
                self.clone(),
            ))
            .add_service(pb::engagement_service_server::EngagementServiceServer::new(self.clone()))
            .add_service(pb::contract_service_server::ContractServiceServer::new(self.clone()))
            .add_service(pb::workforce_service_server::WorkforceServiceServer::new(self.clone()))
            .add_service(pb::cross_reference_service_server::CrossReferenceServiceServer::new(
                self.clone(),
            ))
    }
}

/// Refuses a legal entity that is not known.
fn require_entity(conn: &mut Conn<'_>, code: &str, field: &str) -> Result<()> {
    if both!(conn, reference::legal_entities())?.iter().any(|e| e.code == code) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("there is no legal entity \"{code}\"")))
}
