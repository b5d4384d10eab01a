//! The relay: from the outbox to the transport, and from there to consumers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::NaiveDateTime;
use fail::fail_point;
use strata_kernel::{Error, Instant, Result};
use strata_store::{Conn, Db, both};
use tokio::time::Instant as Stopwatch;
use tracing::{error, info, warn};

use crate::store::claim::{self, Catch};
use crate::store::{lite, pg};
use crate::{Claimed, Consumer, Desk, Event, Sent, Transport, Wire, letter};

/// Rows removed in one go.
const SWEEP: i64 = 1000;
/// Batches sent in one go: consumers get their turn in between.
const BATCHES: usize = 50;
/// Pause between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// Pause between two looks at whether the bus has come to rest.
const LOOK: Duration = Duration::from_millis(25);

/// Delivers committed events to consumers. Cloning shares it.
#[derive(Clone)]
pub struct Bus {
    pub(crate) desk: Desk,
    transport: Arc<dyn Transport>,
    /// Names this relay in its claims.
    me: Arc<str>,
    swept: Arc<Mutex<Option<Stopwatch>>>,
}

/// Whether a bus came to rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Nothing is on its way.
    Yes,
    /// Meanwhile this much was delivered: the consumers may have made work.
    Moved(u64),
    /// Something is still on its way.
    No,
}

impl Bus {
    /// A bus with its consumers. `db` is the database that its outbox is in; `me` names this relay in its claims, and is
    /// the name of no other that was ever started.
    pub fn new(db: Db, consumers: Vec<Arc<dyn Consumer>>, wire: Wire, me: &str) -> Self {
        let desk = Desk {
            db,
            consumers: Arc::new(consumers),
            rules: wire.rules,
            clock: wire.clock,
        };
        let transport = wire.transport;
        Self {
            desk,
            transport,
            me: me.into(),
            swept: Arc::default(),
        }
    }

    /// Sends what is committed and unpublished, then lets consumers handle what waits for them. Returns how much moved.
    ///
    /// # Errors
    /// When the database or the broker cannot be used. What was not marked as published is sent again.
    pub async fn relay(&self) -> Result<u64> {
        let mut moved = self.send_batch().await?;
        if moved > 0 {
            let more = self.send_batch().await?;
            moved += more;
            if more > 0 {
                // Much waits: consumers handle what was sent while the rest is.
                let (sent, received) = tokio::join!(self.send_batches(), self.transport.receive(&self.desk));
                moved += sent? + received?;
            }
        }
        moved += self.transport.receive(&self.desk).await?;
        self.sweep_sometimes().await?;
        Ok(moved)
    }

    async fn send_batches(&self) -> Result<u64> {
        let mut moved = 0;
        for _ in 2..BATCHES {
            match self.send_batch().await? {
                0 => break,
                done => moved += done,
            }
        }
        Ok(moved)
    }

    /// True when every committed event is published, and every published one taken or a dead letter. What a person has to mend
    /// first does not count.
    ///
    /// # Errors
    /// When the database or the broker cannot be asked.
    pub async fn is_at_rest(&self) -> Result<bool> {
        if self.desk.db.read(claim::is_waiting).await? {
            return Ok(false);
        }
        self.transport.is_drained(&self.desk).await
    }

    /// Waits until the bus is at rest, for as long as `patience`, in real time. It relays meanwhile.
    ///
    /// # Errors
    /// When the database cannot be used. A broker that is away is waited for.
    pub async fn rest(&self, patience: Duration) -> Result<Rest> {
        let begin = Stopwatch::now();
        loop {
            match self.is_at_rest().await {
                Ok(true) => return Ok(Rest::Yes),
                Ok(false) => {}
                Err(error) if error.is_temporary() => warn!(%error, "the bus cannot be asked"),
                Err(error) => return Err(error),
            }
            if begin.elapsed() >= patience {
                return Ok(Rest::No);
            }
            match self.relay().await {
                Ok(0) => tokio::time::sleep(LOOK).await,
                Ok(moved) => return Ok(Rest::Moved(moved)),
                Err(error) if error.is_temporary() => tokio::time::sleep(LOOK).await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Claims a batch and sends it. Returns how many rows are published.
    async fn send_batch(&self) -> Result<u64> {
        // Nothing to write is the usual case, and writers are few.
        if !self.desk.db.read(claim::is_waiting).await? {
            return Ok(0);
        }
        let (me, rules, now) = (Arc::clone(&self.me), self.desk.rules.clone(), self.desk.clock.now());
        let until = later(now, rules.lease);
        let batch = rules.batch;
        let catch = self
            .desk
            .db
            .write(move |c| {
                let mut catch = claim::claim(c, &me, now.naive_utc(), until, batch)?;
                put_aside(c, &me, &mut catch, now)?;
                Ok(catch)
            })
            .await?;
        let rows = catch.rows;
        if rows.is_empty() {
            return Ok(0);
        }
        let sequences: Vec<i64> = rows.iter().map(|row| row.sequence).collect();
        fail_point!("before-publish");
        let sent = self.send(&rows, &sequences).await;
        fail_point!("after-publish");
        self.close(&sequences, &sent).await
    }

    /// Sends rows, and keeps the claim on them meanwhile.
    async fn send(&self, rows: &[Claimed], sequences: &[i64]) -> Vec<Sent> {
        let sending = self.transport.send(&self.desk, rows);
        tokio::pin!(sending);
        let every = (self.desk.rules.lease / 3).max(Duration::from_millis(1));
        let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
        loop {
            tokio::select! {
                // What is sent needs no claim any more.
                biased;
                sent = &mut sending => return sent,
                _ = tick.tick() => self.renew(sequences).await,
            }
        }
    }

    async fn renew(&self, sequences: &[i64]) {
        let (me, own) = (Arc::clone(&self.me), sequences.to_vec());
        let until = later(self.desk.clock.now(), self.desk.rules.lease);
        let renewed = self.desk.db.write(move |c| both!(c, outbox::renew(&own, &me, until))).await;
        if let Err(error) = renewed {
            warn!(%error, "a claim could not be renewed; another relay may take the rows");
        }
    }

    /// Stores what became of claimed rows. Returns how many are published.
    async fn close(&self, sequences: &[i64], sent: &[Sent]) -> Result<u64> {
        let mut done = Vec::new();
        let mut untried = Vec::new();
        let mut held: Vec<(i64, Duration)> = Vec::new();
        for (sequence, sent) in sequences.iter().zip(sent) {
            match sent {
                Sent::Done => done.push(*sequence),
                Sent::Untried => untried.push(*sequence),
                Sent::Later(pause) => held.push((*sequence, *pause)),
            }
        }
        let (me, now) = (Arc::clone(&self.me), self.desk.clock.now());
        let published = self
            .desk
            .db
            .write(move |c| {
                for (sequence, pause) in &held {
                    both!(c, outbox::release(&[*sequence], &me, Some(later(now, *pause))))?;
                }
                if !untried.is_empty() {
                    both!(c, outbox::release(&untried, &me, None))?;
                }
                if done.is_empty() {
                    return Ok(0);
                }
                both!(c, outbox::mark(&done, &me, now.naive_utc()))
            })
            .await?;
        u64::try_from(published).map_err(Error::internal)
    }

    /// Removes what is older than its retention, a bounded part at a time.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn sweep(&self) -> Result<usize> {
        let retention = chrono::Duration::from_std(self.desk.rules.retention).map_err(Error::internal)?;
        let before = (self.desk.clock.now() - retention).naive_utc();
        self.desk
            .db
            .write(move |c| {
                let mut gone = both!(c, outbox::sweep(before, SWEEP))?;
                gone += both!(c, outbox::sweep_inbox(before, SWEEP))?;
                gone += both!(c, plans::sweep(before, SWEEP))?;
                Ok(gone)
            })
            .await
    }

    async fn sweep_sometimes(&self) -> Result<()> {
        {
            let mut swept = self.swept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if swept.is_some_and(|at| at.elapsed() < SWEEP_EVERY) {
                return Ok(());
            }
            *swept = Some(Stopwatch::now());
        }
        let gone = self.sweep().await?;
        if gone > 0 {
            info!(gone, "rows of old events were removed");
        }
        if gone as i64 >= SWEEP {
            // There is more: the next relay goes on.
            *self.swept.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        }
        Ok(())
    }
}

/// Stops rows that nobody can read, keeps them as dead letters, and gives back what is behind them.
fn put_aside(conn: &mut Conn<'_>, me: &str, catch: &mut Catch, now: Instant) -> Result<()> {
    let mut stopped: Vec<(String, i64)> = Vec::new();
    for (sequence, key, cause) in catch.torn.drain(..) {
        error!(sequence, cause, "a row of the outbox cannot be read; its key stops");
        let nameless = Event {
            id: format!("outbox:{sequence}"),
            kind: String::new(),
            subject: String::new(),
            ordering_key: key.clone(),
            body: Vec::new(),
            correlation_id: String::new(),
            trace_parent: String::new(),
            time: now,
        };
        both!(conn, outbox::stop(sequence))?;
        letter::torn(
            conn,
            &nameless,
            "the row of the outbox cannot be read; mend it, then redrive this",
            now,
        )?;
        stopped.push((key, sequence));
    }
    for row in &catch.rows {
        let Err(error) = row.event.check() else { continue };
        error!(event.id = %row.event.id, %error, "an event of the outbox cannot be read; its key stops");
        both!(conn, outbox::stop(row.sequence))?;
        letter::torn(
            conn,
            &row.event,
            "the body is no JSON, or the kind has no version; mend the row, then redrive this",
            now,
        )?;
        stopped.push((row.event.ordering_key.clone(), row.sequence));
    }
    if stopped.is_empty() {
        return Ok(());
    }
    let is_behind = |row: &Claimed| {
        stopped
            .iter()
            .any(|(key, from)| *key == row.event.ordering_key && row.sequence >= *from)
    };
    let behind: Vec<i64> = catch
        .rows
        .iter()
        .filter(|row| is_behind(row))
        .map(|row| row.sequence)
        .collect();
    both!(conn, outbox::release(&behind, me, None))?;
    catch.rows.retain(|row| !is_behind(row));
    Ok(())
}

fn later(now: Instant, pause: Duration) -> NaiveDateTime {
    (now + chrono::Duration::from_std(pause).unwrap_or(chrono::Duration::days(1))).naive_utc()
}
