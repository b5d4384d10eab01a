//! Fixed prices and how they are billed: by accepted milestones, by a schedule of instalments, by units
//! delivered, by progress, and what is retained of each. Everything here is a target less what is billed.

mod due;
mod milestone;
mod progress;
mod retention;
mod runs;
mod schedule;
mod unit;
mod work;

pub use due::MilestoneState;
pub use milestone::{Milestone, MilestoneBilling, MilestoneLine, bill_milestones};
pub use progress::{CategoryBudget, bill_categories, bill_progress};
pub use retention::{RetentionPhase, RetentionStep, retain};
pub use runs::{TimesheetLine, bill_timesheet_runs, bill_work_runs};
pub use schedule::{Share, instalments, schedule_amounts};
pub use unit::{UnitBilling, UnitContract, bill_units};
pub use work::{Work, WorkMethod, WorkPrice, planned_revenue, timesheet_cost, works_value};
