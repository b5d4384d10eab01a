//! What can stop a simulated year, in words a person can act on.

use std::path::PathBuf;

use chrono::NaiveDate;

/// Why the director or the comparison stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder lacks files of a generated firm.
    #[error("{folder} is not a generated firm: {} missing", missing.join(", "))]
    NotAFirm {
        /// Folder that was read.
        folder: PathBuf,
        /// Files that are not there.
        missing: Vec<String>,
    },
    /// A record of the firm cannot be read.
    #[error("{file} line {line}: {detail}")]
    Record {
        /// File name.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        detail: String,
    },
    /// A file does not hold as many records as the manifest says.
    #[error("{file} holds {got} records, its manifest says {expected}")]
    Count {
        /// File name.
        file: String,
        /// Records according to the manifest.
        expected: u64,
        /// Records found.
        got: u64,
    },
    /// A record names another that does not exist.
    #[error("{owner} names {kind} {id}, which does not exist")]
    Dangling {
        /// Record at fault.
        owner: String,
        /// Kind of the record it names.
        kind: &'static str,
        /// Id of the record it names.
        id: String,
    },
    /// A file of ours or of the firm could not be read or written.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The answer of a vendor was lost. The request may have been carried out.
    #[error("{vendor} gave no answer to {call}: {detail}")]
    Lost {
        /// Vendor.
        vendor: &'static str,
        /// Method and path.
        call: String,
        /// What the connection says.
        detail: String,
    },
    /// A vendor refused a request. Nothing was carried out.
    #[error("{vendor} refused {call} with {status}: {body}")]
    Refused {
        /// Vendor.
        vendor: &'static str,
        /// Method and path.
        call: String,
        /// HTTP status.
        status: u16,
        /// The vendor's own words.
        body: String,
    },
    /// A vendor answered, but not with what its protocol promises.
    #[error("{vendor} answered {call} without {wanted}")]
    Odd {
        /// Vendor.
        vendor: &'static str,
        /// Method and path.
        call: String,
        /// What is not in the answer.
        wanted: String,
    },
    /// A person cannot go on because something is not there that somebody else had to make.
    #[error("{day}: {who} needs {what}, which is not there")]
    Missing {
        /// Simulated day.
        day: NaiveDate,
        /// Who needs it.
        who: String,
        /// What is not there.
        what: String,
    },
    /// The platform refused a call, or could not be reached.
    #[error("{call}: {} {}", status.code(), status.message())]
    Platform {
        /// Method.
        call: &'static str,
        /// Its status.
        status: Box<tonic::Status>,
    },
    /// The platform still finds work after very many passes.
    #[error("{day}: the platform does not come to rest after {calls} calls of Settle")]
    Restless {
        /// Simulated day.
        day: NaiveDate,
        /// Calls made.
        calls: u32,
    },
    /// A setting of the stage does not fit.
    #[error("{0}")]
    Setup(String),
}

/// Result with our error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Wraps an error of the file system.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// Wraps a refusal of the platform.
    pub(crate) fn platform(call: &'static str) -> impl FnOnce(tonic::Status) -> Self {
        move |status| Self::Platform {
            call,
            status: Box::new(status),
        }
    }

    /// True when a server of the platform is not there, or died while it was asked.
    pub(crate) fn is_away(&self) -> bool {
        use tonic::Code::{Cancelled, Unavailable, Unknown};
        matches!(self, Self::Platform { status, .. } if matches!(status.code(), Cancelled | Unavailable | Unknown))
    }

    /// True when the request may have been carried out although no answer came.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }
}
