//! One vendor account's allowance, shared by all processes that call it.
//!
//! The allowance is a row, and so is what each process holds of it. A process is a [`Member`]: it [looks](Member::look) at what everybody
//! wants, and [beats](Member::beat) when its own row has to change or would expire. Every beat of an account goes after the one before it,
//! and takes no more than what the others leave, so the sum of what is held never grows beyond the allowance. What a member holds never falls
//! below what it still has in use.
//!
//! No transaction is open while a vendor is called. Times are the database's; a member measures its own end by a clock that only
//! goes forward, from before its last beat, and stops a little earlier.

mod member;
mod operator;
mod plan;
mod store;

pub use member::{Look, Member, Need};
pub use operator::{Account, Share, list, set};
pub use store::TABLES;

/// What may be used of an account at a time: all of it, or one member's share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests under way at once.
    pub at_once: u32,
    /// Requests that may start in any one second. None: no limit.
    pub per_second: Option<u32>,
}
