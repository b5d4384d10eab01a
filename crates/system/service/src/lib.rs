//! The system tier's gRPC services. Each serves one port; which adapter stands behind it is
//! decided where the program is put together.

mod crm;
mod erp;
mod hr;
mod psa;

pub use crm::CrmServer;
pub use erp::ErpServer;
pub use hr::HrServer;
pub use psa::PsaServer;
