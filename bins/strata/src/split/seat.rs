//! Which of the servers one is.

use std::fmt;

use crate::vendor::Role;

/// A server of an installation: its role, and its number among those of the same role, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// What it serves.
    pub role: Role,
    /// Its number. Only process servers come in numbers above 1.
    pub number: u16,
}

impl From<Role> for Seat {
    /// The first of a role.
    fn from(role: Role) -> Self {
        Self { role, number: 1 }
    }
}

impl fmt::Display for Seat {
    /// "process", "process-2": its name in addresses, of its log, and of its node.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            1 => self.role.fmt(f),
            number => write!(f, "{}-{number}", self.role),
        }
    }
}
