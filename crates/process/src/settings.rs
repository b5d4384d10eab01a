//! The `process` section of the settings.

use chrono::Weekday;
use serde::Deserialize;
use strata_settings::{Fault, Secret, Section};

/// When the process tier acts, and how much at a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProcessSettings {
    /// Name of this server among those that work on the same database.
    pub node: String,
    /// A server that is silent for this long loses its place to the others, in seconds, 1 to 300.
    pub lease_seconds: u64,
    /// Day of the month on which the month before is billed, 1 to 28.
    pub billing_day: u32,
    /// Day of the month on which revenue of the month before is recognised, 1 to 28.
    pub close_day: u32,
    /// Hour of these days and of `reconcile_day`, UTC, 0 to 23.
    pub billing_hour: u32,
    /// Pause between two looks at the vendors, in seconds.
    pub poll_seconds: u64,
    /// A step that waits for a person is tried again after this time, in minutes.
    pub recheck_minutes: u32,
    /// Runs under way at the same time.
    pub concurrency: usize,
    /// Batches of time under way at the ERP at the same time, 1 to 64. A few more than its account lets in keep it busy while some wait
    /// for their job.
    pub erp_batches: usize,
    /// Most entries of approved time that are handed in and taken in one transaction, 1 to 500.
    pub intake_together: usize,
    /// Minutes of a working day at full time, 1 to 1440. Utilization counts with them.
    pub daily_minutes: u32,
    /// Days of the week that are worked, joined by commas: "mon,tue,wed,thu,fri".
    pub working_days: String,
    /// Time that was approved less than this many minutes ago may be missing in the ERP: it is on its way.
    pub reconciliation_lag_minutes: u32,
    /// Day of the month on which time of the month before is reconciled with the ERP, 1 to 28. 0: never by itself.
    pub reconcile_day: u32,
    /// A month in which something was posted or approved is reconciled with PSA and ERP after this time at the latest, in minutes. 0: only
    /// when somebody asks.
    pub books_minutes: u32,
    /// How much of a cap may be billed before the engagement's story says so, in percent, 1 to 99. 0: only when all of it is.
    pub cap_warning_percent: u32,
    /// What the audit log is sealed with, by reference. Without it whoever can write the database can also write seals.
    pub audit_key: Option<Secret>,
}

impl Default for ProcessSettings {
    fn default() -> Self {
        Self {
            node: "process".to_owned(),
            lease_seconds: 5,
            billing_day: 5,
            close_day: 8,
            billing_hour: 18,
            poll_seconds: 30,
            recheck_minutes: 360,
            concurrency: 8,
            erp_batches: 8,
            intake_together: 500,
            daily_minutes: 480,
            working_days: "mon,tue,wed,thu,fri".to_owned(),
            reconciliation_lag_minutes: 60,
            reconcile_day: 10,
            books_minutes: 1440,
            cap_warning_percent: 80,
            audit_key: None,
        }
    }
}

impl Section for ProcessSettings {
    const NAME: &'static str = "process";

    fn check(&self) -> Result<(), Fault> {
        if self.node.is_empty() || self.node.len() > 64 {
            return Err(Fault::new("node", "has 1 to 64 characters"));
        }
        if !(1..=300).contains(&self.lease_seconds) {
            return Err(Fault::new("lease_seconds", "is 1 to 300"));
        }
        if !(1..=500).contains(&self.intake_together) {
            return Err(Fault::new("intake_together", "is 1 to 500"));
        }
        if !(1..=28).contains(&self.billing_day) {
            return Err(Fault::new("billing_day", "is a day that every month has, 1 to 28"));
        }
        if !(1..=28).contains(&self.close_day) {
            return Err(Fault::new("close_day", "is a day that every month has, 1 to 28"));
        }
        if self.reconcile_day > 28 {
            return Err(Fault::new("reconcile_day", "is a day that every month has, 1 to 28, or 0"));
        }
        if self.cap_warning_percent > 99 {
            return Err(Fault::new("cap_warning_percent", "is less than all of the cap, 0 to 99"));
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
        if !(1..=64).contains(&self.erp_batches) {
            return Err(Fault::new("erp_batches", "is 1 to 64"));
        }
        if !(1..=1440).contains(&self.daily_minutes) {
            return Err(Fault::new("daily_minutes", "is 1 to 1440"));
        }
        if self.week().is_none() {
            let text = "names days of the week, joined by commas, as in mon,tue,wed,thu,fri";
            return Err(Fault::new("working_days", text));
        }
        Ok(())
    }
}

impl ProcessSettings {
    /// The days of the week that are worked. None: the setting names something else, or nothing.
    pub(crate) fn week(&self) -> Option<Vec<Weekday>> {
        let days = self.working_days.split(',').map(|day| day.trim().parse().ok());
        days.collect::<Option<Vec<Weekday>>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_made_of_days() {
        let week = |text: &str| {
            let settings = ProcessSettings {
                working_days: text.to_owned(),
                ..ProcessSettings::default()
            };
            settings.week().map(|days| days.len())
        };
        assert_eq!(week("mon,tue,wed,thu,fri"), Some(5));
        assert_eq!(week("sun, mon"), Some(2));
        assert_eq!(week(""), None);
        assert_eq!(week("mon,noday"), None);
    }
}
