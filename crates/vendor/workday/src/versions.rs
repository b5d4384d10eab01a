//! Every version of some workers, from the day they were hired to the horizon.
//!
//! Workday answers for one day at a time. The newest version says since when it holds; the day before that shows the one
//! before it, and so on until the day of hire. So a change that was announced for next spring, one that was entered for
//! last month and one that another entry has overtaken are all learned when they are entered, and none waits for its day.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use strata_contract::strata::common::v1::Malformed;
use strata_contract::strata::system::hr::v1::Worker;
use strata_kernel::{Date, Error, Instant, Result};
use strata_vendor_http::Misfit;
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::client::{Client, Question, Who};
use crate::fields::COUNT;
use crate::map::{Snapshot, id_of, snapshot};
use crate::xml::Node;

/// Rows of some workers: worker by worker in the order given, oldest version first.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) workers: Vec<Worker>,
    pub(crate) malformed: Vec<Malformed>,
}

/// A worker whose versions are being followed backwards.
struct Chain {
    newest: Snapshot,
    /// Rows found so far, newest first.
    rows: Vec<Worker>,
    broken: Option<Misfit>,
}

/// Follows the versions of `found`, which were read as of `horizon` and as known at `known_by`.
pub(crate) async fn all(client: &Arc<Client>, found: &[Node], horizon: Date, known_by: Instant) -> Result<Rows> {
    let mut rows = Rows::default();
    let mut chains: Vec<Chain> = Vec::new();
    let mut open: BTreeMap<Date, Vec<usize>> = BTreeMap::new();
    for worker in found {
        match snapshot(worker) {
            Ok(newest) => {
                let mut chain = Chain {
                    newest: newest.clone(),
                    rows: Vec::new(),
                    broken: None,
                };
                if let Some(before) = chain.take(&newest, horizon) {
                    open.entry(before).or_default().push(chains.len());
                }
                chains.push(chain);
            }
            Err(misfit) => rows.malformed.push(misfit.malformed("worker", &id_of(worker))),
        }
    }
    // Each round asks for earlier days only, so it ends.
    while !open.is_empty() {
        let round = std::mem::take(&mut open);
        for (on, seen) in ask(client, &chains, round, known_by).await? {
            for (at, worker) in seen {
                let before = match snapshot(&worker) {
                    Ok(version) => chains[at].take(&version, on),
                    Err(misfit) => chains[at].stop(misfit),
                };
                if let Some(before) = before {
                    open.entry(before).or_default().push(at);
                }
            }
        }
    }
    for mut chain in chains {
        if let Some(misfit) = chain.broken {
            rows.malformed.push(misfit.malformed("worker", &chain.newest.id));
        }
        chain.rows.reverse();
        rows.workers.append(&mut chain.rows);
    }
    Ok(rows)
}

impl Chain {
    /// Takes the version that was read as of `on`; says which day shows the one before it.
    fn take(&mut self, version: &Snapshot, on: Date) -> Option<Date> {
        let before = match version.since() {
            // A version that starts after the day it was read for would never lead further back.
            Some(since) => {
                self.rows.extend(version.row(on, &self.newest));
                since.min(on).pred_opt()
            }
            // After the last day the job may be gone: the last day shows it.
            None => match self.newest.terminated {
                Some(last) if last < on => Some(last),
                Some(last) if last == on => on.pred_opt(),
                // Not started yet.
                _ if on < self.newest.hired => None,
                _ => return self.stop(Misfit::new("Position_Data", "a job on each day of employment")),
            },
        };
        before.filter(|day| *day >= self.newest.hired)
    }

    fn stop(&mut self, misfit: Misfit) -> Option<Date> {
        self.broken = Some(misfit);
        None
    }
}

type Seen = (Date, Vec<(usize, Node)>);

/// Asks for chains on their days, several days at a time; the client's limits hold back what is too much.
async fn ask(client: &Arc<Client>, chains: &[Chain], round: BTreeMap<Date, Vec<usize>>, known_by: Instant) -> Result<Vec<Seen>> {
    let mut calls = JoinSet::new();
    for (on, members) in round {
        for some in members.chunks(COUNT as usize) {
            let by_id: HashMap<String, usize> = some.iter().map(|at| (chains[*at].newest.id.clone(), *at)).collect();
            let question = Question {
                who: Who::Named(some.iter().map(|at| chains[*at].newest.id.clone()).collect()),
                on,
                known_by,
                page: 1,
                count: COUNT,
            };
            let client = Arc::clone(client);
            let call = async move {
                let page = client.workers(&question).await?;
                let place = |worker: Node| Some((*by_id.get(&id_of(&worker))?, worker));
                Ok::<Seen, Error>((on, page.workers.into_iter().filter_map(place).collect()))
            };
            calls.spawn(call.in_current_span());
        }
    }
    let mut answers = Vec::new();
    while let Some(ended) = calls.join_next().await {
        answers.push(ended.map_err(Error::internal)??);
    }
    Ok(answers)
}
