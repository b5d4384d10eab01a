//! Approved time to hand in.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use strata_contract::strata::process::time::v1::ApprovedTimeEntry;
use strata_contract::{pb_date, pb_instant};
use strata_kernel::Date;

/// Where somebody works, by the PSA's ids, and how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) project_id: String,
    pub(crate) task_id: String,
    pub(crate) resource_id: String,
    pub(crate) role: String,
    pub(crate) work_date: Date,
    pub(crate) minutes: u32,
}

/// Makes entries that nobody handed in before. Clones share it.
#[derive(Clone)]
pub(crate) struct Entries {
    places: Arc<Vec<Place>>,
    made: Arc<AtomicU64>,
    minutes: Arc<AtomicU64>,
}

impl Entries {
    /// Entries at the places that a platform wrote into a file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn at(places: &Path) -> Result<Self> {
        Ok(Self {
            places: Arc::new(serde_json::from_slice(&std::fs::read(places)?)?),
            made: Arc::default(),
            minutes: Arc::default(),
        })
    }

    /// One more.
    pub(crate) fn next(&self) -> ApprovedTimeEntry {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let place = &self.places[usize::try_from(number).unwrap_or_default() % self.places.len()];
        self.minutes.fetch_add(place.minutes.into(), Ordering::Relaxed);
        ApprovedTimeEntry {
            id: format!("B{number:09}"),
            project_id: place.project_id.clone(),
            task_id: place.task_id.clone(),
            resource_id: place.resource_id.clone(),
            role: place.role.clone(),
            work_date: Some(pb_date(place.work_date)),
            minutes: place.minutes,
            billable: true,
            approved_time: Some(pb_instant(
                place.work_date.and_hms_opt(18, 0, 0).unwrap_or_default().and_utc(),
            )),
            reference: format!("TE-B{number:09}"),
            ..ApprovedTimeEntry::default()
        }
    }

    /// How many were made, and how many minutes they are.
    pub(crate) fn made(&self) -> (u64, u64) {
        (self.made.load(Ordering::Relaxed), self.minutes.load(Ordering::Relaxed))
    }
}
