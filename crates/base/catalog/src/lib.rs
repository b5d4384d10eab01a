//! What the contracts promise, read from descriptor sets: a catalogue for people and programs, the difference of two sets as a client
//! feels it, the architects' rules, and an AsyncAPI document of the events. No input and no output: callers bring pools and print.

#[cfg(test)]
mod altered;
mod asyncapi;
mod catalogue;
mod check;
mod diff;
mod docs;
mod facts;
mod html;
mod read;
mod schema;
mod table;

pub use asyncapi::asyncapi;
pub use catalogue::{Caller, Catalogue, Event, Field, Machine, Method, Record, Service, Usage};
pub use check::{Finding, check};
pub use diff::{Change, Class, diff};
pub use html::html;
pub use read::read;
pub use table::{changes, findings, table};
