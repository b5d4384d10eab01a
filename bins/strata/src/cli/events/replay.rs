//! `strata events replay`.

use chrono::{DateTime, Utc};
use clap::Args;
use strata_contract::pb_instant;
use strata_contract::strata::process::operations::v1::{DeliveryPlan, PlanReplayRequest, ReplayEventsRequest};

use super::redrive::exit;
use super::{Change, Common, refused, show};
use crate::error::DONE;

/// Shows published events to a consumer again, for instance after the broker lost them. What it handled before, it knows, unless
/// --force makes it forget. Without --yes the first plan is printed, of up to 1000 events; with it, everything is delivered.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata events replay --consumer invoice-status --from 2025-03-01T00:00:00Z --to 2025-04-01T00:00:00Z
  strata events replay --consumer invoice-status --from 2025-03-01T00:00:00Z --yes
  strata events replay --consumer invoice-status --type strata.billing.document.changed.v1 --force --yes
  strata events replay --plan epl_0123456789abcdefghjk

Exit codes: 0 all were taken, or only planned; 1 one failed; 2 wrong arguments.")]
pub(super) struct ReplayArguments {
    /// Consumer
    #[arg(long, value_name = "NAME", required_unless_present = "plan", conflicts_with = "plan")]
    consumer: Option<String>,
    /// Events that happened at this time or later. Default: all that are kept
    #[arg(long, value_name = "RFC3339", conflicts_with = "plan")]
    from: Option<DateTime<Utc>>,
    /// Events that happened before this time. Default: up to now
    #[arg(long, value_name = "RFC3339", conflicts_with = "plan")]
    to: Option<DateTime<Utc>>,
    /// Kinds of event, with their versions. Default: all that the consumer takes
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "plan")]
    event_types: Vec<String>,
    /// Also events that the consumer has handled; only where a repeat does no harm
    #[arg(long, conflicts_with = "plan")]
    force: bool,
    #[command(flatten)]
    change: Change,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn run(arguments: ReplayArguments) -> anyhow::Result<u8> {
    let mut client = arguments.common.client()?;
    let request_id = arguments.change.request_id();
    if let Some(plan_token) = arguments.change.plan {
        let request = ReplayEventsRequest { plan_token, request_id };
        let done = client.replay_events(request).await.map_err(refused)?.into_inner();
        let plan = done.plan.unwrap_or_default();
        arguments.common.print(&plan, show::plan)?;
        return Ok(exit(&plan));
    }
    let mut ask = PlanReplayRequest {
        request_id: request_id.clone(),
        consumer: arguments.consumer.unwrap_or_default(),
        from_time: arguments.from.map(pb_instant),
        to_time: arguments.to.map(pb_instant),
        event_types: arguments.event_types,
        force: arguments.force,
        after: String::new(),
    };
    let mut whole = DeliveryPlan::default();
    for part in 1.. {
        let plan = client
            .plan_replay(ask.clone())
            .await
            .map_err(refused)?
            .into_inner()
            .plan
            .unwrap_or_default();
        if !arguments.change.yes {
            arguments.common.print(&plan, show::plan)?;
            return Ok(DONE);
        }
        let (more, next) = (plan.more, plan.next_after.clone());
        let request = ReplayEventsRequest {
            plan_token: plan.token,
            request_id: ask.request_id.clone(),
        };
        let done = client.replay_events(request).await.map_err(refused)?.into_inner();
        let done = done.plan.unwrap_or_default();
        whole.token = done.token;
        whole.deliveries.extend(done.deliveries);
        if !more {
            break;
        }
        ask.after = next;
        ask.request_id = format!("{request_id}-{part}");
    }
    arguments.common.print(&whole, show::plan)?;
    Ok(exit(&whole))
}
