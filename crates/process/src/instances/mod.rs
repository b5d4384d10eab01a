//! Several process servers on one database.
//!
//! Each is an instance with a node's name. It says every beat that it is alive, and what it claims is its own for as
//! long as it does: the lead, which one instance at a time has ([`claims::lead`]), and the ordering keys whose steps it
//! executes ([`Instance::claim_keys`]). An instance that was silent for a lease is ended by another, and everything it had
//! claimed is free. Should it only have been slow, its database refuses all it still wants to write.
//!
//! Time is the database's, so neither the machines' clocks nor simulated time matter.

pub(crate) mod claims;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use strata_kernel::{Error, Kind, Result};
use strata_store::{Conn, Db, both, db_error};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::store::schema::instance;
use crate::store::{lite, pg};

/// Beats in a lease: some may come late.
const BEATS: u32 = 5;

/// This process server among those of the database.
#[derive(Debug)]
pub(crate) struct Instance {
    node: String,
    incarnation: String,
    lease: Duration,
    /// Becomes true when another ended this one.
    lost: watch::Sender<bool>,
}

impl Instance {
    /// Takes the place of a node. An earlier incarnation that is still noted as alive is watched for some beats: it was
    /// killed, or it lives.
    ///
    /// # Errors
    /// When another server with this node's name is at work.
    pub(crate) async fn register(db: &Db, node: &str, incarnation: &str, lease: Duration) -> Result<Arc<Self>> {
        let this = Arc::new(Self {
            node: node.to_owned(),
            incarnation: incarnation.to_owned(),
            lease,
            lost: watch::Sender::new(false),
        });
        let before = this.look(db).await?;
        if let Some((_, true)) = &before {
            tokio::time::sleep(lease / BEATS * 2).await;
            if this.look(db).await?.map(|(seen, _)| seen) != before.map(|(seen, _)| seen) {
                return Err(Error::new(
                    Kind::FailedPrecondition,
                    "INTERNAL",
                    format!(
                        "another process server named \"{node}\" works on this database; stop it, or give this one a \
                         name of its own in process.node"
                    ),
                ));
            }
        }
        let own = Arc::clone(&this);
        db.write(move |c| {
            if let Some((former, _)) = both!(c, instances::get(&own.node))? {
                info!(node = %own.node, "taking over from the incarnation before");
                both!(c, instances::remove(&former))?;
            }
            let until = strata_store::now(c)? + own.lease();
            both!(c, instances::insert(&own.node, &own.incarnation, until)).map(|_| ())
        })
        .await?;
        Ok(this)
    }

    /// What the node's row says, and whether it is said to be alive.
    async fn look(&self, db: &Db) -> Result<Option<((String, chrono::NaiveDateTime), bool)>> {
        let node = self.node.clone();
        db.read(move |c| {
            let now = strata_store::now(c)?;
            let row = both!(c, instances::get(&node))?;
            Ok(row.map(|row| {
                let is_alive = row.1 >= now;
                (row, is_alive)
            }))
        })
        .await
    }

    pub(crate) fn incarnation(&self) -> &str {
        &self.incarnation
    }

    fn lease(&self) -> TimeDelta {
        TimeDelta::from_std(self.lease).unwrap_or(TimeDelta::MAX)
    }

    /// The database as this instance may use it: nothing is written once another ended it.
    pub(crate) fn fence(self: &Arc<Self>, db: &Db) -> Db {
        let own = Arc::clone(self);
        db.fenced(move |c| if own.holds(c)? { Ok(()) } else { Err(own.lose()) })
    }

    /// True while nobody ended this incarnation; in PostgreSQL nobody can until the transaction ends.
    fn holds(&self, conn: &mut Conn<'_>) -> Result<bool> {
        match conn {
            Conn::Pg(c) => instance::table
                .filter(instance::incarnation.eq(&self.incarnation))
                .select(instance::node)
                .for_key_share()
                .first::<String>(*c)
                .optional()
                .map(|row| row.is_some())
                .map_err(db_error),
            // One writer: nobody else is in a transaction.
            Conn::Lite(_) => both!(conn, instances::is_there(&self.incarnation)),
        }
    }

    fn lose(&self) -> Error {
        self.lost.send_replace(true);
        Error::new(
            Kind::Unavailable,
            "INTERNAL",
            format!(
                "the process server \"{}\" was silent for too long and lost its place; call another",
                self.node
            ),
        )
    }

    /// Ends when this instance lost its place.
    pub(crate) async fn lost(&self) {
        // The sender is ours: it cannot be gone.
        let _ = self.lost.subscribe().wait_for(|lost| *lost).await;
    }

    /// Says again and again that it is alive, and ends others that are not, until it has lost its place.
    pub(crate) async fn beat(self: Arc<Self>, db: Db) {
        let mut beat = tokio::time::interval(self.lease / BEATS);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !*self.lost.borrow() {
            beat.tick().await;
            let own = Arc::clone(&self);
            let dead = db.write(move |c| own.renew(c)).await;
            match dead {
                Ok(0) => {}
                Ok(dead) => warn!(dead, "instances were silent for too long; what they had claimed is free"),
                Err(error) => warn!(%error, "could not say that this instance is alive"),
            }
        }
    }

    fn renew(&self, conn: &mut Conn<'_>) -> Result<usize> {
        let now = strata_store::now(conn)?;
        if both!(conn, instances::renew(&self.incarnation, now + self.lease()))? == 0 {
            return Err(self.lose());
        }
        both!(conn, instances::remove_dead(&self.incarnation, now))
    }

    /// Gives everything back at the end of the work.
    pub(crate) async fn leave(&self, db: &Db) -> Result<()> {
        let incarnation = self.incarnation.clone();
        db.write(move |c| both!(c, instances::remove(&incarnation)).map(|_| ())).await
    }
}
