//! One strike, and putting everything right after it.

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use futures::FutureExt;
use strata::Role;
use strata::split::Seat;
use strata_contract::strata::dev::v1::ArmFailPointRequest;
use strata_contract::strata::dev::v1::fault_service_client::FaultServiceClient;
use strata_contract::strata::process::operations::v1::event_service_client::EventServiceClient;
use strata_contract::strata::process::operations::v1::{PlanReplayRequest, ReplayEventsRequest};
use tokio::sync::oneshot::Receiver;

use crate::field::Field;
use crate::schedule::{Cycle, Strike};
use crate::servers;
use crate::tally::Tally;
use crate::vendors;

/// Pause between two looks at the servers.
const LOOK: Duration = Duration::from_millis(50);
/// How long a server that died stays away.
const AWAY: Duration = Duration::from_millis(300);
/// Tries to start a server that died. Its database may be away for a while.
const STARTS: u32 = 60;
/// SIGABRT: how a process ends that dies at a point of its work.
const ABORTED: i32 = 6;
/// The one consumer of events.
const CONSUMER: &str = "invoice-status";

/// Strikes while days are lived, and sees to it that whatever dies is started again until `lived`. What hits is counted.
pub(crate) async fn strike(field: &mut Field, cycle: &Cycle, tally: &mut Tally, mut lived: Receiver<()>) -> Result<()> {
    tokio::time::sleep(cycle.after).await;
    if carry_out(field, cycle, tally).await? {
        tally.add(&cycle.strike.to_string());
    }
    while (&mut lived).now_or_never().is_none() {
        revive(field, tally).await?;
        tokio::time::sleep(LOOK).await;
    }
    revive(field, tally).await
}

async fn carry_out(field: &mut Field, cycle: &Cycle, tally: &mut Tally) -> Result<bool> {
    match cycle.strike {
        Strike::Kill(seat) => {
            forget(field, seat, tally).await?;
            field.split.kill(seat).await?;
            tokio::time::sleep(cycle.lasts).await;
            start_again(field, seat, 0).await?;
            Ok(true)
        }
        // One point at a time: who waits for the first hit goes on waiting.
        Strike::Die(seat, ..) if field.armed.contains_key(&seat.to_string()) => Ok(false),
        Strike::Die(seat, point, passes) => {
            let mut faults = FaultServiceClient::new(field.transport(seat)?);
            let request = ArmFailPointRequest {
                point: point.into(),
                passes,
            };
            faults.arm_fail_point(request).await.context("ArmFailPoint")?;
            // It hits when the server comes by, in this cycle or in a later one. Then it is found dead.
            field.armed.insert(seat.to_string(), cycle.strike.to_string());
            Ok(false)
        }
        Strike::Ahead(seat, minutes) => {
            forget(field, seat, tally).await?;
            start_again(field, seat, minutes).await?;
            Ok(true)
        }
        Strike::Locked => servers::hold_lock(&field.store, cycle.lasts).await.map(|()| true),
        Strike::DatabaseCrash => {
            let file = field.postgres_pid.clone().context("there is no database server")?;
            servers::crash(&file, "-QUIT").await.map(|()| true)
        }
        Strike::NatsCrash => {
            let file = field.nats_pid.clone().context("there is no broker")?;
            servers::crash(&file, "-KILL").await.map(|()| true)
        }
        Strike::DiskFull => {
            let disk = field.disk.clone().context("there is no disk to fill")?;
            servers::fill(&disk, cycle.lasts).await.map(|()| true)
        }
        Strike::Replay => replay(field, cycle).await,
        Strike::Forged => {
            let messages = field.messages.as_ref().context("there is no broker")?;
            field.forged += messages.forge(cycle.number).await?;
            Ok(true)
        }
        Strike::LateDuplicate => field.messages.as_ref().context("there is no broker")?.repeat().await,
    }
}

/// What a server was told to do, and the sandboxes' count of strikes, ends with the process.
async fn forget(field: &mut Field, seat: Seat, tally: &mut Tally) -> Result<()> {
    field.armed.remove(&seat.to_string());
    if seat.role == Role::Sandbox {
        vendors::collect(field, tally).await?;
        field.counted.clear();
    }
    Ok(())
}

/// Starts a server again, with a clock that is ahead. What it needs may be away for a while.
async fn start_again(field: &mut Field, seat: Seat, minutes: u32) -> Result<()> {
    let ahead = TimeDelta::minutes(minutes.into());
    let mut tries = 0;
    loop {
        tries += 1;
        match field.split.restart_ahead(seat, ahead).await {
            Ok(()) => return Ok(()),
            Err(error) if tries == STARTS => return Err(error.context(format!("{seat} does not start again"))),
            Err(_) => tokio::time::sleep(AWAY).await,
        }
    }
}

/// Starts whatever died. One that was to die at a point of its work did so there.
async fn revive(field: &mut Field, tally: &mut Tally) -> Result<()> {
    for seat in field.split.seats().collect::<Vec<_>>() {
        if !field.split.is_running(seat)? {
            let is_aborted = field.split.signal(seat)? == Some(ABORTED);
            let armed = field.armed.remove(&seat.to_string());
            // It may as well have ended by itself: a process server that lost its place does.
            if let Some(kind) = armed.filter(|_| is_aborted) {
                tally.add(&kind);
            }
            tokio::time::sleep(AWAY).await;
            start_again(field, seat, 0).await?;
        }
    }
    Ok(())
}

/// Shows the consumer everything once more, what it has handled included.
async fn replay(field: &Field, cycle: &Cycle) -> Result<bool> {
    let mut events = EventServiceClient::new(field.split.installation.process.clone());
    let mut after = String::new();
    let mut shown = false;
    for part in 0_u32.. {
        let plan = events
            .plan_replay(PlanReplayRequest {
                request_id: format!("faults-{}-{part}", cycle.number),
                consumer: CONSUMER.to_owned(),
                force: true,
                after,
                ..PlanReplayRequest::default()
            })
            .await
            .context("PlanReplay")?;
        let plan = plan.into_inner().plan.unwrap_or_default();
        shown |= !plan.deliveries.is_empty();
        let request = ReplayEventsRequest {
            plan_token: plan.token,
            request_id: format!("faults-{}-{part}", cycle.number),
        };
        events.replay_events(request).await.context("ReplayEvents")?;
        if !plan.more {
            break;
        }
        after = plan.next_after;
    }
    Ok(shown)
}
