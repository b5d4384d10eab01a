//! The director: lives a generated firm's year inside the vendors, day by day, as its people would.
//!
//! Each day has three hours. At nine people act, and the platform comes to rest after each part of the day. At five it comes to
//! rest again, finance approves what customers accepted, and it rests at eight, when the runs it scheduled in between are over. On
//! the eighth of a month finance closes the month before after that. What is done is kept in a journal, so a director
//! that was killed goes on where it was; on the day it was killed every record is looked up before it is made.

mod approvals;
mod damage;
mod day;
mod foundation;
mod journal;
mod sales;
mod stage;
mod unbilled;
mod work;

use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveTime};
use futures::FutureExt;
use futures::stream::{self, TryStreamExt};
use serde::Serialize;
use strata_kernel::{Date, month_of};

pub(crate) use damage::damage;
pub use journal::Phase;
pub use stage::Stage;
pub use unbilled::{RecordedUnbilled, recorded_unbilled};

use crate::calendar::{Act, Calendar, Fact, Group};
use crate::data::Firm;
use crate::{Error, Result};
use day::Day;
use journal::Journal;

/// Hour people act, UTC.
const MORNING: u32 = 9;
/// Hour the working day ends, UTC.
const AFTERNOON: u32 = 17;
/// Hour at which the runs scheduled for the day are over, UTC.
const EVENING: u32 = 20;

/// Minutes of the evening's first hour at which people look again: what is tried again waits for ten minutes at most.
const STRAGGLERS: [u32; 4] = [12, 24, 36, 48];

/// Day of the month on which finance closes the month before.
const CLOSING_DAY: u32 = 8;

/// How hard the director works.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// People who act at the same time.
    pub concurrency: usize,
    /// Facts after which the platform is let to come to rest within one part of a day.
    pub chunk: usize,
    /// Finance does not go home before the platform shows it every acceptance of the day: the platform may learn of one later than people
    /// told the PSA, when its list lacks a row.
    pub insists: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 8,
            chunk: 1_000,
            insists: false,
        }
    }
}

/// How far the year is.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Progress {
    /// Day that is lived.
    pub day: Date,
    /// Its number, from 1.
    pub number: u64,
    /// Days in all.
    pub days: u64,
    /// Facts behind us.
    pub facts: u64,
    /// Facts in all.
    pub total_facts: u64,
    /// What the platform did since the director was started.
    pub platform_work: u64,
}

/// What became of the year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lived {
    /// Days lived, those of an earlier start included.
    pub days: u64,
    /// Facts acted, those of an earlier start included.
    pub facts: u64,
    /// What the platform did since the director was started.
    pub platform_work: u64,
    /// Payments booked.
    pub payments: u64,
    /// Payments not booked because there is no such document, or it does not take them: who, and why.
    pub payments_refused: Vec<(String, String)>,
}

/// Lives one firm's year.
#[derive(Debug)]
pub struct Director<'a> {
    firm: &'a Firm,
    stage: &'a Stage,
    calendar: Calendar,
    journal: Journal,
    folder: PathBuf,
    options: Options,
    work: u64,
}

impl<'a> Director<'a> {
    /// Prepares a year, or the rest of one: `folder` keeps the journal and what was recorded.
    ///
    /// # Errors
    /// When the folder cannot be used, or belongs to another firm.
    pub fn new(firm: &'a Firm, stage: &'a Stage, folder: &Path, options: Options) -> Result<Self> {
        Ok(Self {
            firm,
            stage,
            calendar: Calendar::of(firm),
            journal: Journal::open(folder, &firm.manifest)?,
            folder: folder.to_owned(),
            options,
            work: 0,
        })
    }

    /// The plan of the year.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Lives every day that is left. `progress` hears of each day when it begins and when it is over.
    ///
    /// # Errors
    /// When a vendor or the platform refuses something the year needs; the message names it. The journal keeps what was done.
    pub async fn live(&mut self, progress: impl FnMut(&Progress) + Send) -> Result<Lived> {
        let last = self.calendar.last();
        self.live_until(last, progress).await
    }

    /// Lives every day that is left, `last` being the last one.
    ///
    /// # Errors
    /// As [`Director::live`].
    pub async fn live_until(&mut self, last: Date, mut progress: impl FnMut(&Progress) + Send) -> Result<Lived> {
        let days: Vec<Date> = self.calendar.days().collect();
        let mut so_far = Progress {
            day: self.calendar.first(),
            number: 0,
            days: days.len() as u64,
            facts: 0,
            total_facts: self.calendar.facts() as u64,
            platform_work: 0,
        };
        for (day, number) in days.into_iter().zip(1..).take_while(|(day, _)| *day <= last) {
            so_far.day = day;
            so_far.number = number;
            if !self.is_over(day) {
                progress(&so_far);
                self.live_day(day).await?;
            }
            so_far.facts += self.calendar.on(day).len() as u64;
            so_far.platform_work = self.work;
            progress(&so_far);
        }
        Ok(self.lived(&so_far))
    }

    fn is_over(&self, day: Date) -> bool {
        self.journal.reached().is_some_and(|reached| reached >= (day, Phase::Evening))
    }

    /// Lives a day, or what is left of it. Futures are boxed so that the compiler can see that a year may be lived on any thread.
    async fn live_day(&mut self, day: Date) -> Result<()> {
        let begun = self
            .journal
            .reached()
            .filter(|(reached, _)| *reached == day)
            .map(|(_, phase)| phase);
        if begun.is_none_or(|phase| phase < Phase::Acted) {
            self.stage.set_clock(day, MORNING).boxed().await?;
            self.journal.reach(day, Phase::Begun)?;
            self.act(day, begun.is_some()).await?;
            self.journal.reach(day, Phase::Acted)?;
        }
        if begun.is_none_or(|phase| phase < Phase::Afternoon) {
            self.stage.set_clock(day, AFTERNOON).boxed().await?;
            self.settle(day).await?;
            approvals::approve(self.stage).boxed().await?;
            if self.options.insists {
                self.insist(day).boxed().await?;
            }
            self.journal.reach(day, Phase::Afternoon)?;
        }
        self.stage.set_clock(day, EVENING).boxed().await?;
        self.settle(day).await?;
        if self.records_unbilled(day) || self.closes(day).is_some() {
            self.wait_for_stragglers(day).await?;
        }
        if self.records_unbilled(day) {
            unbilled::record(self.stage, &self.folder, day).boxed().await?;
        }
        if let Some(month) = self.closes(day) {
            self.stage.people.erp.close_period(month, day).boxed().await?;
        }
        self.journal.reach(day, Phase::Evening)
    }

    /// Acts the facts of a day, group by group.
    async fn act(&mut self, date: Date, careful: bool) -> Result<()> {
        let facts = self.calendar.on(date).to_vec();
        if careful {
            self.stage.people.psa.recall(date).await?;
        }
        for group in facts.chunk_by(|a, b| a.act.group() == b.act.group()) {
            for chunk in group.chunks(self.options.chunk.max(1)) {
                self.act_chunk(date, chunk, careful).boxed().await?;
                // Payments of one day need nothing from each other, nor anything made of them.
                if chunk.first().is_some_and(|fact| fact.act.group() != Group::Cash) {
                    self.settle(date).await?;
                }
            }
        }
        self.stage.people.psa.forget_recalled();
        Ok(())
    }

    /// Every milestone that was accepted today is approved by now.
    async fn insist(&self, day: Date) -> Result<()> {
        let accepted = self.calendar.on(day).iter().filter(|fact| fact.act == Act::AcceptMilestone);
        let accepted: Vec<&str> = accepted
            .map(|fact| self.firm.milestones[fact.at as usize].id.as_str())
            .collect();
        if accepted.is_empty() {
            return Ok(());
        }
        let approved = approvals::approved(self.stage).await?;
        match accepted.into_iter().find(|code| !approved.contains(*code)) {
            None => Ok(()),
            Some(code) => Err(Error::Missing {
                day,
                who: "finance".to_owned(),
                what: format!("the acceptance of milestone {code} on the platform"),
            }),
        }
    }

    /// Acts facts of one group: kind after kind, and those of one kind at the same time.
    async fn act_chunk(&self, date: Date, chunk: &[Fact], careful: bool) -> Result<()> {
        let day = Day {
            firm: self.firm,
            people: &self.stage.people,
            journal: &self.journal,
            date,
            careful,
        };
        let day = &day;
        for kind in chunk.chunk_by(|a, b| a.act == b.act) {
            stream::iter(kind.iter().copied().map(Ok))
                .try_for_each_concurrent(self.options.concurrency.max(1), |fact| day.act(fact).boxed())
                .await?;
        }
        Ok(())
    }

    /// Before figures are taken or a month is closed, people give the platform an hour for what had to be tried again.
    async fn wait_for_stragglers(&mut self, day: Date) -> Result<()> {
        for minute in STRAGGLERS {
            let time = NaiveTime::from_hms_opt(EVENING, minute, 0).unwrap_or_default();
            self.stage.set_clock_to(day.and_time(time).and_utc()).boxed().await?;
            self.settle(day).await?;
        }
        Ok(())
    }

    async fn settle(&mut self, day: Date) -> Result<()> {
        self.work += self.stage.settle(day).boxed().await?;
        Ok(())
    }

    /// Unbilled time is recorded on the last day of each month of the year, and on the last day of all.
    fn records_unbilled(&self, day: Date) -> bool {
        day == self.calendar.last() || day.year() == self.firm.manifest.year && month_of(day).1 == day
    }

    /// A day of the month that finance closes on a day, once the platform had its evening: what comes later needs an open month.
    fn closes(&self, day: Date) -> Option<Date> {
        let month = month_of(day).0.pred_opt()?;
        (day.day() == CLOSING_DAY && month >= self.calendar.first()).then_some(month)
    }

    fn lived(&self, so_far: &Progress) -> Lived {
        let mut lived = Lived {
            days: so_far.number,
            facts: so_far.facts,
            platform_work: self.work,
            ..Lived::default()
        };
        for (deed, outcome) in self.journal.all("Pay:") {
            match outcome.split_once(": ") {
                Some((work::REFUSED, why)) => lived.payments_refused.push((deed["Pay:".len()..].to_owned(), why.to_owned())),
                _ => lived.payments += 1,
            }
        }
        lived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The year can be lived, and judged, on a task of its own.
    #[expect(dead_code, reason = "it is enough that it compiles")]
    fn living_is_send(director: &mut Director<'_>, firm: &Firm, stage: &Stage, work: &Path) {
        fn is_send(_: impl Send) {}
        is_send(director.live(|_| {}));
        is_send(crate::books::check(firm, stage, work));
    }
}
