//! Keeps the gates of adapters at this process's shares of the vendors' allowances.

use std::future::Future;
use std::time::Duration;

use opentelemetry::metrics::Gauge;
use opentelemetry::{KeyValue, global};
use strata_quota::{Look, Member, Need};
use strata_store::Db;
use strata_telemetry::metric;
use strata_vendor_http::{Allowance, Gate};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::incarnation;
use crate::settings::QuotaSettings;
use crate::stop::Stop;
use crate::vendor::Vendor;

/// Pause between two looks while something is wanted. A look reads a few rows and writes nothing.
const LOOK: Duration = Duration::from_millis(50);
/// Who asked for something keeps one place for so long, so that one who calls now and then need not ask for it each time.
const LINGER: Duration = Duration::from_secs(1);
/// What is held is said again after this time, when nothing else changes.
const RENEW: Duration = Duration::from_secs(1);
/// How long a share is kept for a process that says nothing.
const LEASE: Duration = Duration::from_secs(6);
/// So much before its lease ends, a process that cannot renew it starts no more requests. Those under way have ended by then.
const MARGIN: Duration = Duration::from_secs(2);

/// Shares of accounts, kept up by a task each. Dropping them leaves them to their lease.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    stop: Stop,
    tasks: JoinSet<()>,
}

impl Shares {
    /// Joins the accounts that the settings name, each by its vendor's gate. What a gate lets in until now is what the first of all says
    /// of the account.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub(crate) async fn take(db: &Db, gates: &[(Vendor, Gate)], settings: &QuotaSettings) -> anyhow::Result<Self> {
        let mut shares = Self::default();
        for (vendor, gate) in gates {
            let Some(account) = settings.account(*vendor) else {
                continue;
            };
            let first = of_gate(gate.allowance());
            gate.close();
            let member = Member::join(db.clone(), &account, &incarnation::new(), first, LEASE).await?;
            tracing::info!(%vendor, account, "the vendor's account is shared");
            let keeper = Keeper::new(member, gate.clone(), *vendor);
            shares.tasks.spawn(keeper.run(shares.stop.clone()));
        }
        Ok(shares)
    }

    /// Gives everything back. No request may be under way any more.
    pub(crate) async fn give_back(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Keeps one gate at its share.
struct Keeper {
    member: Member,
    gate: Gate,
    meters: Meters,
    /// Until when the share is surely kept, by a clock that only goes forward.
    until: Instant,
    /// When something was last wanted.
    asked: Option<Instant>,
    /// When the share was last said to be held. None: nothing is held.
    renewed: Option<Instant>,
    /// The last look or beat did not go through.
    fails: bool,
}

impl Keeper {
    fn new(member: Member, gate: Gate, vendor: Vendor) -> Self {
        Self {
            member,
            gate,
            meters: Meters::new(vendor),
            until: Instant::now(),
            asked: None,
            renewed: None,
            fails: false,
        }
    }

    async fn run(mut self, stop: Stop) {
        let mut pause = None;
        // Begun work ends: what it stored is known then.
        while stop.run_until_cancelled(self.rest(pause)).await.is_some() {
            pause = self.step().await;
        }
        self.gate.set(Allowance::NOTHING);
        if let Err(error) = self.member.leave().await {
            tracing::warn!(%error, "a share is not given back; it is free when its lease ends");
        }
    }

    /// Waits for the next look. Without a pause, until a request finds no place. While requests wait already, further ones change nothing.
    async fn rest(&self, pause: Option<Pause>) {
        match pause {
            None => self.gate.is_short().await,
            Some(Pause::Short) => tokio::time::sleep(LOOK).await,
            Some(Pause::UntilShort) => tokio::select! {
                () = self.gate.is_short() => {}
                () = tokio::time::sleep(LOOK) => {}
            },
        }
    }

    /// Looks, and beats where something changes or the share has to be renewed.
    async fn step(&mut self) -> Option<Pause> {
        let begun = Instant::now();
        let demand = self.gate.demand();
        if demand.wanted > 0 {
            self.asked = Some(begun);
        }
        let lingers = self.asked.is_some_and(|asked| begun < asked + LINGER);
        let wanted = demand.wanted.max(u32::from(lingers));
        let need = Need {
            wanted,
            keeps: of_gate(demand.keeps),
        };
        let looked = self.unless_it_ends(self.member.look(need)).await;
        let Some(look) = self.heard(looked) else {
            return Some(Pause::Short);
        };
        self.meters.show(demand.running, &look);
        // What is to be given back is given up first: then it is known what is still in use.
        let before = self.gate.allowance();
        let lesser = lesser(before, to_gate(look.may));
        if lesser != before {
            self.gate.set(lesser);
        }
        let is_due = self.renewed.is_some_and(|renewed| begun >= renewed + RENEW);
        if look.is_news || lesser != before || is_due {
            self.beat(wanted).await;
        }
        let may = self.gate.allowance();
        if wanted == 0 && may.at_once == 0 && self.renewed.is_none() {
            None
        } else if demand.wanted > may.at_once {
            Some(Pause::Short)
        } else {
            Some(Pause::UntilShort)
        }
    }

    async fn beat(&mut self, wanted: u32) {
        let begun = Instant::now();
        let need = Need {
            wanted,
            keeps: of_gate(self.gate.keeps()),
        };
        let told = self.unless_it_ends(self.member.beat(need)).await;
        let Some(may) = self.heard(told) else {
            return;
        };
        let holds = need.wanted > 0 || need.keeps.at_once > 0 || may.at_once > 0;
        self.renewed = holds.then_some(begun);
        self.until = begun + LEASE - MARGIN;
        if Instant::now() < self.until {
            self.gate.set(to_gate(may));
        }
    }

    /// Waits for the database. When the share ends before it answers, no further request starts.
    async fn unless_it_ends<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep_until(self.until) => self.gate.set(Allowance::NOTHING),
        }
        work.await
    }

    /// What the database said. None: nothing, and then the share that there is ends with its lease.
    fn heard<T>(&mut self, said: strata_kernel::Result<T>) -> Option<T> {
        let heard = match said {
            Ok(heard) => Some(heard),
            Err(error) => {
                if !self.fails {
                    tracing::warn!(%error, internal = error.internal, "the share of a vendor's account cannot be renewed");
                }
                None
            }
        };
        self.fails = heard.is_none();
        if heard.is_none() && Instant::now() >= self.until {
            self.gate.set(Allowance::NOTHING);
        }
        heard
    }
}

/// How long the next look waits.
#[derive(Debug, Clone, Copy)]
enum Pause {
    /// The usual time.
    Short,
    /// The usual time, or until a request finds no place.
    UntilShort,
}

/// What of an account is used, and what it allows.
struct Meters {
    used: Gauge<u64>,
    limit: Gauge<u64>,
    labels: [KeyValue; 2],
}

impl Meters {
    fn new(vendor: Vendor) -> Self {
        let meter = global::meter("strata");
        let gauge = |name| meter.u64_gauge(name).with_unit("{call}").build();
        Self {
            used: gauge(metric::VENDOR_QUOTA_USED),
            limit: gauge(metric::VENDOR_QUOTA_LIMIT),
            labels: [KeyValue::new("vendor", vendor.name()), KeyValue::new("limit", "at_once")],
        }
    }

    /// What this process uses, and what all together may.
    fn show(&self, running: u32, look: &Look) {
        self.used.record(running.into(), &self.labels);
        self.limit.record(look.account.at_once.into(), &self.labels);
    }
}

fn lesser(a: Allowance, b: Allowance) -> Allowance {
    let per_second = match (a.per_second, b.per_second) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Allowance {
        at_once: a.at_once.min(b.at_once),
        per_second,
    }
}

fn of_gate(allowance: Allowance) -> strata_quota::Allowance {
    strata_quota::Allowance {
        at_once: allowance.at_once,
        per_second: allowance.per_second,
    }
}

fn to_gate(allowance: strata_quota::Allowance) -> Allowance {
    Allowance {
        at_once: allowance.at_once,
        per_second: allowance.per_second,
    }
}

#[cfg(test)]
mod tests;
