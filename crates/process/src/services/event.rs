//! What operators do with events: dead letters, redrives, replays.

use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::operations::v1 as pb;
use strata_contract::strata::process::operations::v1::event_service_server::{EventService, EventServiceServer};
use strata_contract::{instant, pb_instant};
use strata_events::{Asked, Bus, DeadLetter, Item, Outcome, Plan, State, Which};
use strata_kernel::{Error, Instant, Result};
use strata_rpc::page::{self, Page};
use strata_rpc::{ServerBuilder, status};
use tonic::{Request, Response, Status};

/// What binds the place at which a replay goes on to its purpose.
const AFTER: &str = "replay";

/// Answers for the bus. Cloning shares it.
#[derive(Clone)]
pub(crate) struct EventDesk(pub(crate) Bus);

impl EventDesk {
    pub(crate) fn add_to(&self, server: ServerBuilder) -> ServerBuilder {
        server.add_service(EventServiceServer::new(self.clone()))
    }
}

#[tonic::async_trait]
impl EventService for EventDesk {
    async fn list_dead_letters(
        &self,
        request: Request<pb::ListDeadLettersRequest>,
    ) -> Result<Response<pb::ListDeadLettersResponse>, Status> {
        self.list(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn get_dead_letter(
        &self,
        request: Request<pb::GetDeadLetterRequest>,
    ) -> Result<Response<pb::GetDeadLetterResponse>, Status> {
        let id = request.into_inner().dead_letter_id;
        let found = self.0.dead_letter(&id).await;
        let found = found.map_err(|error| status(error.at("dead_letter_id")))?;
        Ok(Response::new(pb::GetDeadLetterResponse {
            dead_letter: Some(whole(found)),
        }))
    }

    async fn plan_redrive(&self, request: Request<pb::PlanRedriveRequest>) -> Result<Response<pb::PlanRedriveResponse>, Status> {
        let asked = request.into_inner();
        let which = Which {
            ids: asked.dead_letter_ids,
            ..which(asked.filter)
        };
        let made = self.0.plan_redrive(&asked.request_id, &which).await;
        let made = made.map_err(|error| status(renamed(error, "ids", "dead_letter_ids")))?;
        Ok(Response::new(pb::PlanRedriveResponse {
            plan: Some(plan(made, true)),
        }))
    }

    async fn redrive_dead_letters(
        &self,
        request: Request<pb::RedriveDeadLettersRequest>,
    ) -> Result<Response<pb::RedriveDeadLettersResponse>, Status> {
        let asked = request.into_inner();
        let done = self.0.redrive(&asked.plan_token, &asked.request_id).await.map_err(status)?;
        Ok(Response::new(pb::RedriveDeadLettersResponse {
            plan: Some(plan(done, true)),
        }))
    }

    async fn plan_replay(&self, request: Request<pb::PlanReplayRequest>) -> Result<Response<pb::PlanReplayResponse>, Status> {
        let asked = request.into_inner();
        let window = window(&asked).map_err(status)?;
        let made = self.0.plan_replay(&asked.request_id, &window).await.map_err(status)?;
        Ok(Response::new(pb::PlanReplayResponse {
            plan: Some(plan(made, false)),
        }))
    }

    async fn replay_events(
        &self,
        request: Request<pb::ReplayEventsRequest>,
    ) -> Result<Response<pb::ReplayEventsResponse>, Status> {
        let asked = request.into_inner();
        let done = self.0.replay(&asked.plan_token, &asked.request_id).await.map_err(status)?;
        Ok(Response::new(pb::ReplayEventsResponse {
            plan: Some(plan(done, false)),
        }))
    }
}

impl EventDesk {
    async fn list(&self, asked: pb::ListDeadLettersRequest) -> Result<pb::ListDeadLettersResponse> {
        let which = Which {
            state: match asked.state() {
                pb::DeadLetterState::Unspecified => None,
                pb::DeadLetterState::Retrying => Some(State::Retrying),
                pb::DeadLetterState::Dead => Some(State::Dead),
                pb::DeadLetterState::Redriven => Some(State::Redriven),
            },
            ..which(asked.filter)
        };
        let page = Page::ask(asked.page_size, &asked.page_token, &format!("{which:?}"))?;
        let mut letters = self.0.dead_letters(&which, page.after(), page.limit()).await?;
        let next_page_token = page.cut(&mut letters, |letter| letter.id.clone());
        Ok(pb::ListDeadLettersResponse {
            dead_letters: letters.into_iter().map(brief).collect(),
            next_page_token,
        })
    }
}

fn which(filter: Option<pb::DeadLetterFilter>) -> Which {
    let filter = filter.unwrap_or_default();
    let reason = match filter.reason() {
        Reason::Unspecified => String::new(),
        reason => reason.as_str_name().replacen("REASON_", "", 1),
    };
    Which {
        consumer: filter.consumer,
        kind: filter.event_type,
        reason,
        ..Which::default()
    }
}

fn window(asked: &pb::PlanReplayRequest) -> Result<Asked> {
    let time = |time: Option<&_>, field: &str, otherwise: Instant| {
        time.map_or(Ok(otherwise), |time| instant(time).map_err(|error| error.at(field)))
    };
    let from = time(asked.from_time.as_ref(), "from_time", Instant::UNIX_EPOCH)?;
    let to = time(asked.to_time.as_ref(), "to_time", end_of_time())?;
    if to <= from {
        return Err(Error::invalid("to_time", "is not after from_time; no event is between them"));
    }
    let after = page::decode(&asked.after, AFTER).map_err(|error| error.at("after"))?;
    Ok(Asked {
        consumer: asked.consumer.clone(),
        from,
        to,
        kinds: asked.event_types.clone(),
        forced: asked.force,
        after: after.and_then(|sequence| sequence.parse().ok()).unwrap_or_default(),
    })
}

/// Later than anything that happened, and still a time that both databases know.
fn end_of_time() -> Instant {
    Instant::UNIX_EPOCH + chrono::Duration::days(366 * 8000)
}

fn renamed(error: Error, from: &str, to: &str) -> Error {
    if error.field == from { error.at(to) } else { error }
}

fn plan(plan: Plan, is_redrive: bool) -> pb::DeliveryPlan {
    let more = plan.next > 0;
    let next_after = if more && !is_redrive {
        page::encode(&plan.next.to_string(), AFTER)
    } else {
        String::new()
    };
    pb::DeliveryPlan {
        token: plan.id,
        deliveries: plan.items.into_iter().map(|item| delivery(item, is_redrive)).collect(),
        more,
        next_after,
    }
}

fn delivery(item: Item, is_redrive: bool) -> pb::PlannedDelivery {
    let outcome = match item.outcome {
        None => pb::DeliveryOutcome::Unspecified,
        Some(Outcome::Taken) => pb::DeliveryOutcome::Taken,
        Some(Outcome::Known) => pb::DeliveryOutcome::Known,
        Some(Outcome::Failed) => pb::DeliveryOutcome::Failed,
        Some(Outcome::Held) => pb::DeliveryOutcome::Held,
        Some(Outcome::Skipped) => pb::DeliveryOutcome::Skipped,
    };
    pb::PlannedDelivery {
        dead_letter_id: if is_redrive { item.object_id } else { String::new() },
        event_id: item.event_id,
        event_type: item.kind,
        subject: item.subject,
        outcome: outcome.into(),
        message: item.message,
    }
}

/// A letter as a list shows it.
fn brief(letter: DeadLetter) -> pb::DeadLetter {
    pb::DeadLetter {
        history: Vec::new(),
        body: Default::default(),
        ..whole(letter)
    }
}

fn whole(letter: DeadLetter) -> pb::DeadLetter {
    let state = match letter.state {
        State::Retrying => pb::DeadLetterState::Retrying,
        State::Dead => pb::DeadLetterState::Dead,
        State::Redriven => pb::DeadLetterState::Redriven,
    };
    let tries = letter.history.into_iter().map(|one| pb::DeliveryTry {
        time: Some(pb_instant(one.at)),
        reason: reason(&one.reason),
        message: one.message,
        temporary: one.temporary,
    });
    let event = letter.event;
    pb::DeadLetter {
        id: letter.id,
        consumer: letter.consumer,
        state: state.into(),
        reason: reason(&letter.reason),
        message: letter.message,
        tries: letter.tries,
        first_time: Some(pb_instant(letter.first)),
        last_time: Some(pb_instant(letter.last)),
        event_id: event.id,
        event_type: event.kind,
        subject: event.subject,
        ordering_key: event.ordering_key,
        event_time: Some(pb_instant(event.time)),
        correlation_id: event.correlation_id,
        trace_parent: event.trace_parent,
        history: tries.collect(),
        body: event.body.into(),
    }
}

fn reason(name: &str) -> i32 {
    Reason::from_str_name(&format!("REASON_{name}"))
        .unwrap_or(Reason::Internal)
        .into()
}
