//! Revenue from contracts with customers (IFRS 15, ASC 606): price, progress, modifications, balances, losses.
//!
//! Start at [`method::recognise`]: what a contract line has earned by the end of a period, and what of it is
//! this period's. [`balances::position`] then says what is owed in either direction.

pub mod balances;
pub mod cost_to_cost;
pub mod loss;
pub mod method;
pub mod milestone;
pub mod modification;
pub mod price;
pub mod progress;
pub mod straight_line;
pub mod time_and_material;
pub mod wip;
