//! The firm's people, who go on with their day whatever fails.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use strata::Installation;
use strata_firm::calendar::Calendar;
use strata_firm::data::Firm;
use strata_firm::director::{self, Director, Lived, Stage};
use strata_kernel::{Date, month_of};

use crate::schedule::Cycle;

/// Pause before people try again.
const AGAIN: Duration = Duration::from_millis(200);
/// Tries after which time passes for the firm, too: what people wait for may be a step that waits for its next try.
const AT_ONCE: u32 = 5;
/// How much of it with each try.
const MEANWHILE: TimeDelta = TimeDelta::minutes(5);
/// And how often: less than the hour between people's last deed of a day and what the platform does by itself.
const MOST_MEANWHILE: u32 = 9;
/// Longest time for the days of one cycle.
const PATIENCE: Duration = Duration::from_secs(300);
/// Longest time for the rest of the year.
const LONG_PATIENCE: Duration = Duration::from_secs(3600);
/// Hour at which a year is over.
const EVENING: u32 = 20;

/// A firm and the servers it works with.
pub(crate) struct Life<'a> {
    firm: &'a Firm,
    installation: Installation,
    journal: PathBuf,
}

impl<'a> Life<'a> {
    pub(crate) fn new(firm: &'a Firm, installation: &Installation, work: &Path) -> Self {
        Self {
            firm,
            installation: installation.clone(),
            journal: work.join("director"),
        }
    }

    /// Folder in which the year is written down.
    pub(crate) fn journal(&self) -> &Path {
        &self.journal
    }

    /// The firm's people, and the platform.
    pub(crate) fn stage(&self) -> Result<Stage> {
        Ok(self.installation.stage()?)
    }

    /// Lives the days up to one of them. What fails is done again.
    pub(crate) async fn until(&self, day: Date) -> Result<Lived> {
        self.patiently(day, PATIENCE).await
    }

    /// Lives the rest of the year, until its last evening.
    pub(crate) async fn until_the_end(&self) -> Result<Lived> {
        let last = Calendar::of(self.firm).last();
        let lived = self.patiently(last, LONG_PATIENCE).await?;
        self.stage()?.set_clock(last, EVENING).await?;
        Ok(lived)
    }

    async fn patiently(&self, day: Date, patience: Duration) -> Result<Lived> {
        let begin = tokio::time::Instant::now();
        let (mut tries, mut waited) = (0, 0);
        loop {
            let stopped = match self.try_until(day).await {
                Ok(lived) => return Ok(lived),
                Err(stopped) => stopped,
            };
            if begin.elapsed() > patience {
                return Err(stopped).context("people have lost their patience");
            }
            tokio::time::sleep(AGAIN).await;
            tries += 1;
            // A server that is away now is asked for its time with the next try.
            if tries > AT_ONCE && waited < MOST_MEANWHILE && self.stage()?.wait(MEANWHILE).await.is_ok() {
                waited += 1;
            }
        }
    }

    async fn try_until(&self, day: Date) -> Result<Lived> {
        let stage = self.stage()?;
        let options = director::Options {
            insists: true,
            ..director::Options::default()
        };
        let mut director = Director::new(self.firm, &stage, &self.journal, options)?;
        Ok(director.live_until(day, |_| {}).await?)
    }

    /// Finance closes the month before a cycle's last day, a few days too early. Says whether it did.
    pub(crate) async fn close_early(&self, cycle: &Cycle) -> Result<bool> {
        let Some(month) = cycle.closes_early else { return Ok(false) };
        let stage = self.stage()?;
        stage.read_clock().await?;
        stage.people.erp.close_period(month, cycle.until).await?;
        Ok(true)
    }

    /// Finance opens it again, unless it closes on that very day anyhow.
    pub(crate) async fn open_again(&self, cycle: &Cycle) -> Result<()> {
        if let Some(month) = cycle.closes_early {
            let stage = self.stage()?;
            // What people sign is dated by the vendors' clock, and that may be ahead.
            stage.read_clock().await?;
            stage.people.erp.open_periods(month, month_of(month).1).await?;
        }
        Ok(())
    }
}
