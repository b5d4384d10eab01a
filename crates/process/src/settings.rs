//! The `process` section of the settings.

use serde::Deserialize;
use strata_settings::{Fault, Section};

/// When the process tier acts, and how much at a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProcessSettings {
    /// Day of the month on which the month before is billed, 1 to 28.
    pub billing_day: u32,
    /// Day of the month on which revenue of the month before is recognised, 1 to 28.
    pub close_day: u32,
    /// Hour of both days, UTC, 0 to 23.
    pub billing_hour: u32,
    /// Pause between two looks at the vendors, in seconds.
    pub poll_seconds: u64,
    /// A step that waits for a person is tried again after this time, in minutes.
    pub recheck_minutes: u32,
    /// Runs under way at the same time.
    pub concurrency: usize,
}

impl Default for ProcessSettings {
    fn default() -> Self {
        Self {
            billing_day: 5,
            close_day: 8,
            billing_hour: 18,
            poll_seconds: 30,
            recheck_minutes: 360,
            concurrency: 8,
        }
    }
}

impl Section for ProcessSettings {
    const NAME: &'static str = "process";

    fn check(&self) -> Result<(), Fault> {
        if !(1..=28).contains(&self.billing_day) {
            return Err(Fault::new("billing_day", "is a day that every month has, 1 to 28"));
        }
        if !(1..=28).contains(&self.close_day) {
            return Err(Fault::new("close_day", "is a day that every month has, 1 to 28"));
        }
        if self.billing_hour > 23 {
            return Err(Fault::new("billing_hour", "is an hour of the day, 0 to 23"));
        }
        if self.poll_seconds == 0 || self.recheck_minutes == 0 {
            return Err(Fault::new("poll_seconds", "and recheck_minutes are at least 1"));
        }
        if self.concurrency == 0 || self.concurrency > 64 {
            return Err(Fault::new("concurrency", "is 1 to 64"));
        }
        Ok(())
    }
}
