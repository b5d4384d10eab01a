//! The firm that the platform serves, generated, and lived.
//!
//! - [`data`] reads the folder of a generated firm.
//! - [`calendar`] says what happens on which day of its year.
//! - [`director`] lives that year inside the vendors, as the firm's people would, through the vendors' public APIs
//!   ([`people`]), and lets the platform come to rest in between.
//! - [`books`] compares what stands in the books with what the generator computed by itself.
//!
//! It shares no code with the adapters or the process tier, so that one mistake cannot hide behind the other.

pub mod books;
pub mod calendar;
pub mod data;
pub mod director;
mod error;
pub mod people;
#[cfg(test)]
mod tiny;

pub use error::{Error, Result};
