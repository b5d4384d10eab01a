//! Won deals on their way to running projects.

use std::collections::HashMap;

use strata_contract::pb_instant;
use strata_contract::strata::process::mobilisation::v1 as pb;
use strata_contract::strata::process::mobilisation::v1::mobilisation_service_server::MobilisationService;
use strata_kernel::{Error, Result};
use strata_rpc::{page::Page, status};
use strata_store::both;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{Services, watch};
use crate::engine::kind;
use crate::store::rows::{HandOffRow, RunRow, StepRow};
use crate::store::{lite, pg};

#[tonic::async_trait]
impl MobilisationService for Services {
    async fn list_mobilisations(
        &self,
        request: Request<pb::ListMobilisationsRequest>,
    ) -> Result<Response<pb::ListMobilisationsResponse>, Status> {
        self.mobilisations(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn get_mobilisation(
        &self,
        request: Request<pb::GetMobilisationRequest>,
    ) -> Result<Response<pb::GetMobilisationResponse>, Status> {
        let id = request.into_inner().engagement_id;
        let mobilisation = Some(self.mobilisation(&id).await.map_err(status)?);
        Ok(Response::new(pb::GetMobilisationResponse { mobilisation }))
    }

    async fn list_hand_offs(
        &self,
        request: Request<pb::ListHandOffsRequest>,
    ) -> Result<Response<pb::ListHandOffsResponse>, Status> {
        self.hand_offs(request.into_inner()).await.map(Response::new).map_err(status)
    }

    type WatchHandOffsStream = ReceiverStream<Result<pb::WatchHandOffsResponse, Status>>;

    async fn watch_hand_offs(
        &self,
        request: Request<pb::WatchHandOffsRequest>,
    ) -> Result<Response<Self::WatchHandOffsStream>, Status> {
        let asked = request.into_inner();
        self.mobilisation(&asked.engagement_id).await.map_err(status)?;
        let after =
            i64::try_from(asked.after_sequence).map_err(|_| status(Error::invalid("after_sequence", "is no position")))?;
        Ok(Response::new(watch::hand_offs(self.0.clone(), asked.engagement_id, after)))
    }
}

impl Services {
    async fn mobilisations(&self, asked: pb::ListMobilisationsRequest) -> Result<pb::ListMobilisationsResponse> {
        let engagements = asked.engagement_ids;
        let page = Page::ask(asked.page_size, &asked.page_token, &engagements.join(","))?;
        let (after, limit) = (page.after().to_owned(), page.limit());
        let (mut runs, steps) = self
            .0
            .db
            .read(move |c| {
                let runs = both!(c, runs::list(kind::MOBILISE, &engagements, &after, limit))?;
                let ids: Vec<String> = runs.iter().map(|run| run.id.clone()).collect();
                Ok((runs, both!(c, runs::steps_of(&ids))?))
            })
            .await?;
        let next_page_token = page.cut(&mut runs, |run| run.engagement_id.clone());
        let mut by_run: HashMap<String, Vec<StepRow>> = HashMap::new();
        for step in steps {
            by_run.entry(step.run_id.clone()).or_default().push(step);
        }
        let mobilisations = runs.into_iter().map(|run| {
            let steps = by_run.remove(&run.id).unwrap_or_default();
            message(run, steps)
        });
        Ok(pb::ListMobilisationsResponse {
            mobilisations: mobilisations.collect(),
            next_page_token,
        })
    }

    async fn mobilisation(&self, engagement_id: &str) -> Result<pb::Mobilisation> {
        let id = engagement_id.to_owned();
        let found = self
            .0
            .db
            .read(move |c| {
                let Some(run) = both!(c, runs::by_engagement(kind::MOBILISE, &id))? else {
                    return Ok(None);
                };
                let steps = both!(c, runs::steps(&run.id))?;
                Ok(Some((run, steps)))
            })
            .await?;
        let (run, steps) = found.ok_or_else(|| Error::not_found("engagement", engagement_id).at("engagement_id"))?;
        Ok(message(run, steps))
    }

    async fn hand_offs(&self, asked: pb::ListHandOffsRequest) -> Result<pb::ListHandOffsResponse> {
        let page = Page::ask(asked.page_size, &asked.page_token, &asked.engagement_id)?;
        let after = if page.after().is_empty() {
            Ok(0)
        } else {
            page.after().parse::<i64>()
        };
        let (after, limit) = (
            after.map_err(|_| Error::invalid("page_token", "is no position"))?,
            page.limit(),
        );
        let engagement = asked.engagement_id;
        let mut rows = self
            .0
            .db
            .read(move |c| both!(c, hand_offs::list(&engagement, after, limit)))
            .await?;
        let next_page_token = page.cut(&mut rows, |row| row.sequence.to_string());
        Ok(pb::ListHandOffsResponse {
            hand_offs: rows.into_iter().map(hand_off).collect(),
            next_page_token,
        })
    }
}

fn message(run: RunRow, steps: Vec<StepRow>) -> pb::Mobilisation {
    let state = if steps.iter().any(|step| step.state == "EXCEPTION") {
        "EXCEPTION"
    } else {
        run.state.as_str()
    };
    pb::Mobilisation {
        state: step_state(state).into(),
        engagement_id: run.engagement_id,
        opportunity_id: run.subject,
        steps: steps.into_iter().map(step).collect(),
        correlation_id: run.correlation_id,
    }
}

fn step(row: StepRow) -> pb::Step {
    pb::Step {
        state: step_state(&row.state).into(),
        name: row.name,
        attempts: u32::try_from(row.attempts).unwrap_or_default(),
        reason: row.reason,
        message: row.message,
    }
}

fn step_state(state: &str) -> pb::StepState {
    match state {
        "DONE" => pb::StepState::Done,
        "EXCEPTION" => pb::StepState::Exception,
        _ => pb::StepState::Pending,
    }
}

pub(super) fn hand_off(row: HandOffRow) -> pb::HandOff {
    pb::HandOff {
        sequence: u64::try_from(row.sequence).unwrap_or_default(),
        engagement_id: row.engagement_id,
        event: row.event,
        system: row.system,
        kind: row.kind,
        vendor_id: row.vendor_id,
        state: row.state,
        detail: row.detail,
        time: Some(pb_instant(row.happened_at.and_utc())),
        correlation_id: row.correlation_id,
    }
}
