//! Lives a seed: people act, servers take turns, are cut short and start again, until everything that can come to rest has.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::firm::{Act, Moments, PEOPLE, ROLES};
use crate::seat::{Doom, Signal};
use crate::server::{Ground, LEASE, Server};
use crate::vendor::{CURRENCY, ENTITY, Entry};

/// Longest turn, in the machine's time. One that takes longer hangs.
const TURN: Duration = Duration::from_secs(3600);
/// Cuts in one turn: then it goes to its end.
const CUTS: u32 = 3;
/// Points that a doomed turn may have left, at most.
const POINTS: u64 = 400;

/// One version of somebody's time, as it was approved.
#[derive(Debug, Clone)]
pub(crate) struct Approved {
    /// Id in the PSA.
    pub(crate) id: String,
    /// What was approved.
    pub(crate) entry: Entry,
}

/// Versions of time by reference, oldest first: what the platform must make of it is computed from this.
pub(crate) type Work = BTreeMap<String, Vec<Approved>>;

/// A life under way.
pub(crate) struct Life {
    ground: Ground,
    servers: Vec<Server>,
    signals: UnboundedReceiver<Signal>,
    work: Work,
    /// What could not be entered yet, because its project is not there.
    waiting: Vec<Act>,
    deals: Vec<String>,
}

impl Life {
    /// A life that has not begun.
    pub(crate) fn new(ground: Ground) -> Self {
        let (to, signals) = unbounded_channel();
        let servers = (0..ground.world.plan.instances).map(|number| Server::new(&ground, number, &to));
        Self {
            servers: servers.collect(),
            ground,
            signals,
            work: Work::new(),
            waiting: Vec::new(),
            deals: Vec::new(),
        }
    }

    /// Lives a quarter, then lets everything come to rest. Returns the time that was approved and the contracts that were won.
    pub(crate) async fn live(mut self, moments: Moments) -> (Work, Vec<String>) {
        for (at, acts) in moments {
            self.ground.world.firm.skip_to(at);
            let calm = acts.iter().any(|act| matches!(act, Act::Calm));
            let mut acts: Vec<Act> = std::mem::take(&mut self.waiting).into_iter().chain(acts).collect();
            for act in acts.drain(..) {
                self.act(act);
            }
            if calm {
                self.rest().await;
                self.ground.world.calm(false);
                continue;
            }
            self.turn().await;
            self.pass().await;
            self.turn().await;
        }
        self.rest().await;
        for server in &mut self.servers {
            server.end().await;
        }
        (self.work, self.deals)
    }

    fn act(&mut self, act: Act) {
        let vendors = &self.ground.vendors;
        match act {
            Act::Found => {
                let since = "2024-01-01".parse().unwrap_or_default();
                for (role, _, rate) in ROLES {
                    vendors.crm.price(role, ENTITY, CURRENCY, rate, since);
                }
                let hired = "2025-01-02".parse().unwrap_or_default();
                for (number, role, cost) in PEOPLE {
                    vendors.hr.hire(number, role, ENTITY, CURRENCY, hired, cost);
                }
            }
            Act::Win(deal) => {
                self.deals.push(deal.contract.clone());
                vendors.crm.win(&deal);
            }
            Act::Work(ref entry) => match vendors.psa.approve(entry) {
                Some(id) => self.approved(id, entry.clone()),
                None => self.waiting.push(act),
            },
            Act::Correct(ref reference, minutes) => match self.work.get(reference).and_then(|versions| versions.last()) {
                Some(last) => {
                    let entry = Entry {
                        minutes,
                        corrects: last.id.clone(),
                        ..last.entry.clone()
                    };
                    match vendors.psa.approve(&entry) {
                        Some(id) => self.approved(id, entry),
                        None => self.waiting.push(act),
                    }
                }
                None => self.waiting.push(act),
            },
            Act::Close(month) => vendors.erp.close(month),
            Act::Look => {}
            Act::Pay(percent) => {
                vendors.erp.pay(percent);
            }
            Act::Calm => self.ground.world.calm(true),
        }
    }

    fn approved(&mut self, id: String, entry: Entry) {
        self.ground.world.say(format_args!(
            "approved {id} {} {} minutes{}",
            entry.reference,
            entry.minutes,
            if entry.corrects.is_empty() { "" } else { ", a correction" }
        ));
        let versions = self.work.entry(entry.reference.clone()).or_default();
        versions.push(Approved { id, entry });
    }

    /// Some time passes: what is tried again later becomes due.
    async fn pass(&mut self) {
        let world = &self.ground.world;
        let (machine, firm) = world.draw(|chance| (chance.between(1, 20), *chance.pick(&[1, 5, 60, 700])));
        tokio::time::sleep(Duration::from_secs(machine)).await;
        world.firm.skip(TimeDelta::seconds(firm));
    }

    /// Every server takes a turn; some are cut short. The one that stood still before goes on first, or is killed.
    async fn turn(&mut self) {
        self.take_up().await;
        let world = self.ground.world.clone();
        let is_calm = world.is_calm();
        let mut cuts = 0;
        for server in self.servers.iter_mut().filter(|server| !server.is_busy()) {
            let doomed = !is_calm && world.draw(|chance| chance.one_in(world.plan.kills));
            let doom = doomed.then(|| {
                world.draw(|chance| {
                    let still = world.plan.stands > 0 && chance.one_in(world.plan.stands);
                    // Early points are as likely as late ones, whatever a turn has of them.
                    let most = *chance.pick(&[10, 60, POINTS]);
                    (chance.below(most), if still { Doom::Still } else { Doom::Killed })
                })
            });
            server.begin(doom);
        }
        while self.servers.iter().any(|server| server.is_busy() && !server.is_still()) {
            let Ok(signal) = timeout(TURN, self.signals.recv()).await else {
                world.wrong("a server hangs".to_owned());
                return;
            };
            match signal {
                // Its task ends right behind its signal.
                Some(Signal::Idle) => tokio::task::yield_now().await,
                Some(Signal::Struck(_, Doom::Still)) => {}
                Some(Signal::Struck(number, Doom::Killed)) => {
                    cuts += 1;
                    self.servers[number].end().await;
                    let again = cuts < CUTS && world.draw(|chance| chance.one_in(2));
                    let left = world.draw(|chance| chance.below(POINTS));
                    self.servers[number].begin(again.then_some((left, Doom::Killed)));
                }
                None => return,
            }
        }
        for server in &self.servers {
            server.spare();
        }
    }

    /// Whoever stands still goes on after its lease, when another has its place, or is killed. Whoever lost its place starts again.
    async fn take_up(&mut self) {
        let world = self.ground.world.clone();
        for number in 0..self.servers.len() {
            if !self.servers[number].is_still() {
                continue;
            }
            tokio::time::sleep(Duration::from_secs(2 * LEASE)).await;
            if world.draw(|chance| chance.one_in(4)) {
                self.servers[number].end().await;
                continue;
            }
            // The others work before it wakes, or it wakes among them.
            if world.draw(|chance| chance.one_in(2)) {
                for other in (0..self.servers.len()).filter(|other| *other != number) {
                    // One that is at rest may stand still, too: its heart met its doom.
                    if !self.servers[other].is_busy() && !self.servers[other].is_still() {
                        self.servers[other].begin(None);
                        self.until_idle(other).await;
                    }
                }
            }
            self.servers[number].wake();
            self.until_idle(number).await;
        }
        for server in &mut self.servers {
            if server.is_lost() {
                world.say(format_args!("a server lost its place"));
                server.end().await;
            }
        }
    }

    async fn until_idle(&mut self, number: usize) {
        while self.servers[number].is_busy() {
            if timeout(TURN, self.signals.recv()).await.is_err() {
                self.ground.world.wrong("a server hangs".to_owned());
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Nothing goes wrong any more, and time passes until everything that waits for a while has had its turn.
    async fn rest(&mut self) {
        self.ground.world.calm(true);
        for (machine, firm) in [(30, 900), (30, 6 * 3600 + 60)] {
            self.turn().await;
            tokio::time::sleep(Duration::from_secs(machine)).await;
            self.ground.world.firm.skip(TimeDelta::seconds(firm));
        }
        self.turn().await;
    }
}
