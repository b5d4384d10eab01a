//! The gRPC services of the process tier.

mod audit;
mod billing;
mod event;
mod exception;
mod intercompany;
mod mobilisation;
mod position;
mod preview;
mod reconciliation;
mod revenue;
mod time_intake;
mod watch;
mod workforce;

use strata_contract::date;
use strata_contract::google::r#type::Date as PbDate;
use strata_contract::strata::process::billing::v1::billing_service_server::BillingServiceServer;
use strata_contract::strata::process::billing::v1::preview_service_server::PreviewServiceServer;
use strata_contract::strata::process::exception::v1::exception_service_server::ExceptionServiceServer;
use strata_contract::strata::process::intercompany::v1::intercompany_service_server::IntercompanyServiceServer;
use strata_contract::strata::process::mobilisation::v1::mobilisation_service_server::MobilisationServiceServer;
use strata_contract::strata::process::position::v1::position_service_server::PositionServiceServer;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_server::ReconciliationServiceServer;
use strata_contract::strata::process::revenue::v1::revenue_service_server::RevenueServiceServer;
use strata_contract::strata::process::workforce::v1::workforce_report_service_server::WorkforceReportServiceServer;
use strata_kernel::{Date, Result};
use strata_rpc::ServerBuilder;

use crate::core::Core;

pub(crate) use audit::AuditDesk;
pub(crate) use event::EventDesk;
pub(crate) use time_intake::TimeDesk;

/// Answers for the process tier. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Services(pub(crate) Core);

impl Services {
    pub(crate) fn add_to(&self, server: ServerBuilder) -> ServerBuilder {
        server
            .add_service(MobilisationServiceServer::new(self.clone()))
            .add_service(BillingServiceServer::new(self.clone()))
            .add_service(PreviewServiceServer::new(self.clone()))
            .add_service(RevenueServiceServer::new(self.clone()))
            .add_service(PositionServiceServer::new(self.clone()))
            .add_service(IntercompanyServiceServer::new(self.clone()))
            .add_service(WorkforceReportServiceServer::new(self.clone()))
            .add_service(ReconciliationServiceServer::new(self.clone()))
            .add_service(ExceptionServiceServer::new(self.clone()))
    }

    /// The day asked for in a field, or today.
    fn day(&self, asked: Option<&PbDate>, field: &str) -> Result<Date> {
        asked.map_or_else(|| Ok(self.0.today()), |day| date(day).map_err(|refusal| refusal.at(field)))
    }
}
