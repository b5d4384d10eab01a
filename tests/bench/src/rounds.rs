//! Several rounds, each with everybody in it: what disturbs the machine for a while disturbs all of them.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::load::{self, Shot};

/// Somebody whose speed is measured.
pub(crate) struct Contestant {
    /// Its name, for messages.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) shot: Shot,
    /// How many callers at a time.
    pub(crate) in_flight: usize,
}

/// How long is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Rounds. Odd, so that the median is one of them.
    pub(crate) rounds: usize,
    /// Time of one contestant in one round.
    pub(crate) lasts: Duration,
}

impl Effort {
    /// The same, once: for rows that make their own rounds.
    pub(crate) fn once(self) -> Self {
        Self { rounds: 1, ..self }
    }
}

/// Values of one figure, one of each round.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Figure {
    /// The one in the middle.
    pub(crate) median: f64,
    /// The least.
    pub(crate) low: f64,
    /// The most.
    pub(crate) high: f64,
}

impl Figure {
    /// Of values of several rounds; at least one.
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Self {
            median: at(values.len() / 2),
            low: at(0),
            high: at(values.len().saturating_sub(1)),
        }
    }

    /// One value that was measured once.
    pub(crate) fn once(value: f64) -> Self {
        Self::of(vec![value])
    }
}

/// What a contestant did.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Units of work per second.
    pub(crate) rate: Vec<f64>,
    /// Median time of a call, in microseconds.
    pub(crate) p50: Vec<f64>,
    /// Time that one call in a hundred exceeds, in microseconds.
    pub(crate) p99: Vec<f64>,
}

impl Measured {
    /// Units of work per second.
    pub(crate) fn rate(&self) -> Figure {
        Figure::of(self.rate.clone())
    }

    /// Quotients of two figures, round by round: both ran in the same minute.
    pub(crate) fn ratio(ours: &[f64], bound: &[f64]) -> Figure {
        Figure::of(ours.iter().zip(bound).map(|(ours, bound)| ours / bound).collect())
    }

    /// Differences of two figures, round by round.
    pub(crate) fn more(ours: &[f64], bound: &[f64]) -> Figure {
        Figure::of(ours.iter().zip(bound).map(|(ours, bound)| ours - bound).collect())
    }
}

/// Lets everybody run in every round, after a short one that does not count.
///
/// # Errors
/// When a call fails, or an answer is wrong.
pub(crate) async fn run<const N: usize>(contestants: [Contestant; N], effort: Effort) -> Result<[Measured; N]> {
    for contestant in &contestants {
        once(contestant, effort.lasts / 3).await?;
    }
    let mut all: [Measured; N] = std::array::from_fn(|_| Measured {
        rate: Vec::new(),
        p50: Vec::new(),
        p99: Vec::new(),
    });
    for round in 0..effort.rounds {
        for turn in 0..N {
            // Who was first is last in the next round.
            let index = if round % 2 == 0 { turn } else { N - 1 - turn };
            let sample = once(&contestants[index], effort.lasts).await?;
            all[index].rate.push(sample.per_second());
            all[index].p50.push(sample.percentile(50.0));
            all[index].p99.push(sample.percentile(99.0));
        }
    }
    Ok(all)
}

async fn once(contestant: &Contestant, lasts: Duration) -> Result<load::Sample> {
    load::closed(&contestant.shot, contestant.in_flight, lasts)
        .await
        .with_context(|| format!("\"{}\" does not do what it should", contestant.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let figure = Figure::of(vec![3.0, 1.0, 2.0]);
        assert_eq!((figure.low, figure.median, figure.high), (1.0, 2.0, 3.0));
        assert_eq!(Measured::ratio(&[8.0, 9.0], &[10.0, 10.0]).high, 0.9);
    }
}
