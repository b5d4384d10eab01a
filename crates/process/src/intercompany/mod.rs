//! Work of one company's people on another company's contracts: what the first charges the second.
//!
//! [`work`] sums it by pair and month of the work, as known on a day; [`rates`] knows what an hour costs.

mod list;
mod rates;
mod work;

pub(crate) use list::list;
