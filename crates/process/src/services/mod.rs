//! The gRPC services of the process tier.

mod billing;
mod exception;
mod mobilisation;
mod revenue;
mod watch;

use strata_contract::strata::process::billing::v1::billing_service_server::BillingServiceServer;
use strata_contract::strata::process::exception::v1::exception_service_server::ExceptionServiceServer;
use strata_contract::strata::process::mobilisation::v1::mobilisation_service_server::MobilisationServiceServer;
use strata_contract::strata::process::revenue::v1::revenue_service_server::RevenueServiceServer;
use strata_rpc::ServerBuilder;

use crate::core::Core;

/// Answers for the process tier. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Services(pub(crate) Core);

impl Services {
    pub(crate) fn add_to(&self, server: ServerBuilder) -> ServerBuilder {
        server
            .add_service(MobilisationServiceServer::new(self.clone()))
            .add_service(BillingServiceServer::new(self.clone()))
            .add_service(RevenueServiceServer::new(self.clone()))
            .add_service(ExceptionServiceServer::new(self.clone()))
    }
}
