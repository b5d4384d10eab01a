//! A closed loop: so many callers at a time, each calling again as soon as it is answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use futures::future::BoxFuture;
use hdrhistogram::Histogram;

/// One unit of work of a caller, by the caller's number and the number of its call. It checks what it is answered: a wrong answer is an
/// error, and ends the run. Returns how much was done: 1, or the rows of a batch.
pub(crate) type Shot = Arc<dyn Fn(usize, u64) -> BoxFuture<'static, Result<u64>> + Send + Sync>;

/// Longest time a call is reckoned with, in microseconds.
const LONGEST: u64 = 60_000_000;

/// What a loop did.
#[derive(Debug)]
pub(crate) struct Sample {
    /// Units of work.
    pub(crate) done: u64,
    /// How long the loop took.
    pub(crate) lasted: Duration,
    /// Times of the calls, in microseconds.
    pub(crate) times: Histogram<u64>,
}

impl Sample {
    /// Units of work per second.
    pub(crate) fn per_second(&self) -> f64 {
        self.done as f64 / self.lasted.as_secs_f64()
    }

    /// The time below which so many percent of the calls stayed, in microseconds.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        self.times.value_at_percentile(percent) as f64
    }
}

/// Calls for `lasts`.
///
/// # Errors
/// When a call fails, or its answer is wrong.
pub(crate) async fn closed(shot: &Shot, in_flight: usize, lasts: Duration) -> Result<Sample> {
    ensure!(in_flight > 0, "nobody calls");
    let begun = Instant::now();
    let callers: Vec<_> = (0..in_flight)
        .map(|caller| {
            let shot = shot.clone();
            tokio::spawn(async move {
                let mut times = Histogram::<u64>::new_with_bounds(1, LONGEST, 3)?;
                let (mut done, mut number) = (0, 0);
                while begun.elapsed() < lasts {
                    let called = Instant::now();
                    done += shot(caller, number).await?;
                    times.saturating_record(u64::try_from(called.elapsed().as_micros())?);
                    number += 1;
                }
                Ok::<_, anyhow::Error>((done, times))
            })
        })
        .collect();
    let (mut done, mut times) = (0, Histogram::<u64>::new_with_bounds(1, LONGEST, 3)?);
    for caller in callers {
        let (its, took) = caller.await.map_err(|panic| anyhow!("a caller ended: {panic}"))??;
        done += its;
        times.add(took)?;
    }
    Ok(Sample {
        done,
        lasted: begun.elapsed(),
        times,
    })
}
