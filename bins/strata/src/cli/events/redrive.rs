//! `strata events redrive`.

use clap::Args;
use strata_contract::strata::process::operations::v1::{
    DeadLetterFilter, DeliveryOutcome, DeliveryPlan, PlanRedriveRequest, RedriveDeadLettersRequest,
};

use super::{Change, Common, refused, show};
use crate::error::{DONE, FAILED};

/// Delivers dead letters again, after their cause was mended. Without --yes it only says which.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata events redrive dlt_0123456789abcdefghjk
  strata events redrive dlt_0123456789abcdefghjk --yes
  strata events redrive --all --consumer invoice-status --yes --output json
  strata events redrive --plan epl_0123456789abcdefghjk

Exit codes: 0 all were taken, or only planned; 1 one failed again; 2 wrong arguments.")]
pub(super) struct RedriveArguments {
    /// Dead letters
    #[arg(value_name = "ID", required_unless_present_any = ["all", "plan"], conflicts_with_all = ["all", "plan"])]
    ids: Vec<String>,
    /// All that are dead
    #[arg(long, conflicts_with = "plan")]
    all: bool,
    /// With --all: of this consumer
    #[arg(long, value_name = "NAME", default_value = "", requires = "all")]
    consumer: String,
    /// With --all: of this kind of event, with its version
    #[arg(long = "type", id = "event_type", value_name = "TYPE", default_value = "", requires = "all")]
    event_type: String,
    #[command(flatten)]
    change: Change,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn run(arguments: RedriveArguments) -> anyhow::Result<u8> {
    let mut client = arguments.common.client()?;
    let request_id = arguments.change.request_id();
    let token = match arguments.change.plan {
        Some(token) => token,
        None => {
            let request = PlanRedriveRequest {
                request_id: request_id.clone(),
                dead_letter_ids: arguments.ids,
                filter: Some(DeadLetterFilter {
                    consumer: arguments.consumer,
                    event_type: arguments.event_type,
                    ..DeadLetterFilter::default()
                }),
            };
            let plan = client
                .plan_redrive(request)
                .await
                .map_err(refused)?
                .into_inner()
                .plan
                .unwrap_or_default();
            if !arguments.change.yes || plan.deliveries.is_empty() {
                arguments.common.print(&plan, show::plan)?;
                return Ok(DONE);
            }
            plan.token
        }
    };
    let request = RedriveDeadLettersRequest {
        plan_token: token,
        request_id,
    };
    let answer = client.redrive_dead_letters(request).await.map_err(refused)?.into_inner();
    let plan = answer.plan.unwrap_or_default();
    arguments.common.print(&plan, show::plan)?;
    Ok(exit(&plan))
}

/// 1 when an event still could not be taken.
pub(super) fn exit(plan: &DeliveryPlan) -> u8 {
    let left = |outcome| matches!(outcome, DeliveryOutcome::Failed | DeliveryOutcome::Held);
    if plan.deliveries.iter().any(|one| left(one.outcome())) {
        FAILED
    } else {
        DONE
    }
}
