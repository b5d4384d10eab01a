//! Every contract of Strata: generated messages, clients and servers, the descriptor set they come
//! from, and the policies it carries.
//!
//! Requests are validated while they are decoded ([`codec`]), so no handler can forget it.

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

pub mod behavior;
pub mod codec;
mod convert;
pub mod criticality;
mod mask;
mod policy;
mod rows;
pub mod rules;
mod size;
pub mod states;
mod transport;
mod validate;

/// Generated code, by package.
#[allow(clippy::all, clippy::float_arithmetic, unreachable_pub, rustdoc::all, missing_docs)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}
pub use generated::{google, strata};

pub use convert::{date, instant, money, pb_date, pb_instant, pb_money, require_date, require_money};
pub use mask::{Garbled, Mask, Masks};
pub use policy::{
    Deprecation, EventPolicy, FieldPolicy, MethodPolicy, Policies, SightPolicy, event_policy, method_policy, methods, scopes,
};
pub use rows::{MethodRows, Rows, Whose, Withheld};
pub use size::largest_request;
pub use transport::{Transport, transport};
pub use validate::{Violation, violations};

/// The raw descriptor set with its comments: what reflection serves.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The descriptor set, decoded once, without comments: every server keeps it in memory.
pub static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let bare: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/bare.bin"));
    DescriptorPool::decode(bare).expect("the build wrote a valid descriptor set")
});

/// The descriptor set with its comments, for who shows contracts to people. Decoded anew by each call.
pub fn commented() -> DescriptorPool {
    DescriptorPool::decode(DESCRIPTORS).expect("the build wrote a valid descriptor set")
}
