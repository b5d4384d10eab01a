//! Approved time that is handed in. Calls that wait at the same moment are taken in one transaction ([`queue`]): what one commit costs, all
//! of them share. What is taken, and how, is as if the PSA had been asked ([`take`]).

mod queue;
mod take;

pub(crate) use queue::{Call, Intake};
pub(crate) use take::content;
