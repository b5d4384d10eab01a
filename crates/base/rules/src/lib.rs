//! Whose rows a caller sees, and what a caller may approve.
//!
//! The rules are Cedar policies in files: those of `policies/` are built in, a folder of the settings adds to them or takes their place.
//! All are checked against one schema when they are read. What is not clearly allowed is refused, with the ids of the policies that said
//! so.

mod files;
mod judge;
mod reach;
mod settings;

pub use files::RulesError;
pub use judge::{Rules, Verdict};
pub use reach::{Own, Reach, own};
pub use settings::RulesSettings;
