//! Many seeds, side by side: each is a thread's own.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::fault::Fault;
use crate::seed::{Ended, Options, run};
use crate::template::Template;

/// Seeds after which every kind of fault must have struck.
const ENOUGH: u64 = 200;

/// What many seeds came to.
#[derive(Debug)]
pub struct Sum {
    /// How many were lived.
    pub seeds: u64,
    /// How long it took, in the time of the machine that runs this.
    pub took: Duration,
    /// How often each kind of fault struck.
    pub faults: BTreeMap<Fault, u64>,
    /// Seeds in which a promise was broken, the lowest first.
    pub broken: Vec<Ended>,
}

/// Lives `count` seeds from `from` on, `threads` at a time.
///
/// # Errors
/// When the machine gives no database.
pub fn many(from: u64, count: u64, threads: usize) -> Result<Sum> {
    let template = Template::new()?;
    let (begin, next) = (Instant::now(), AtomicU64::new(from));
    let ended: Mutex<Sum> = Mutex::new(Sum {
        seeds: 0,
        took: Duration::ZERO,
        faults: BTreeMap::new(),
        broken: Vec::new(),
    });
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= from.saturating_add(count) {
                    return Ok(());
                }
                let one = run(&template, seed, Options::default())?;
                ended.lock().unwrap_or_else(PoisonError::into_inner).add(one);
            }
        };
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let mut sum = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    sum.took = begin.elapsed();
    sum.broken.sort_by_key(|ended| ended.seed);
    Ok(sum)
}

impl Sum {
    fn add(&mut self, ended: Ended) {
        self.seeds += 1;
        for (fault, count) in &ended.faults {
            *self.faults.entry(*fault).or_default() += count;
        }
        if !ended.wrong.is_empty() {
            self.broken.push(ended);
        }
    }

    /// Kinds of fault that never struck, although there were enough seeds for each: a promise that was not tried is not kept.
    pub fn idle(&self) -> Vec<Fault> {
        let struck = |fault: &Fault| self.faults.contains_key(fault);
        let all = Fault::ALL.into_iter();
        all.filter(|fault| self.seeds >= ENOUGH && !struck(fault)).collect()
    }

    /// True when every promise was kept, and every fault tried.
    pub fn is_good(&self) -> bool {
        self.broken.is_empty() && self.idle().is_empty()
    }
}

/// Which program this is, as far as it can say: seeds belong to it.
pub fn build() -> String {
    let program = std::env::current_exe().and_then(std::fs::read);
    let hash = program.map(|bytes| {
        use sha2::{Digest, Sha256};
        hex::encode(Sha256::digest(bytes))
    });
    hash.map_or_else(|_| "unknown".to_owned(), |hash| hash[..12].to_owned())
}

impl fmt::Display for Sum {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.took.as_millis().max(1);
        let minute = u128::from(self.seeds) * 60_000 / ms;
        writeln!(to, "seeds              {:>8}", self.seeds)?;
        writeln!(to, "seeds per minute   {minute:>8}")?;
        let struck: u64 = self.faults.values().sum();
        writeln!(to, "faults             {struck:>8}")?;
        for fault in Fault::ALL {
            let count = self.faults.get(&fault).copied().unwrap_or_default();
            writeln!(to, "  {:<18}{count:>8}", format!("{fault:?}"))?;
        }
        writeln!(to, "seeds with broken promises {}", self.broken.len())?;
        for ended in self.broken.iter().take(10) {
            write!(to, "{ended}")?;
        }
        for fault in self.idle() {
            writeln!(to, "{fault:?} never struck: what it would break is not tried")?;
        }
        Ok(())
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "seed {} of build {} broke:", self.seed, build())?;
        for wrong in &self.wrong {
            writeln!(to, "  {wrong}")?;
        }
        let faults: Vec<String> = self
            .faults
            .iter()
            .map(|(fault, count)| format!("{fault:?} {count}"))
            .collect();
        writeln!(to, "  faults: {}", faults.join(", "))?;
        writeln!(to, "  replay: cargo xtask sim --seed {} -v", self.seed)
    }
}
