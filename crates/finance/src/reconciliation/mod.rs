//! Comparing two systems by key, and what is late between them.

mod erp_structure;
mod lag;
mod milestone;
mod tie_out;
mod unbilled;

pub use erp_structure::{ErpLink, LinkState, ProjectLink, missing_erp};
pub use lag::{EventLag, SyncEvent, SyncLag, sync_lag};
pub use milestone::{AcceptedMilestone, MilestoneDelay, milestone_delay};
pub use tie_out::{Compared, Record, TieOut, in_flight_since, tie_out};
pub use unbilled::{ApprovedTime, BillingBasis, InvoiceLine, UnbilledTime, unbilled_approved};
