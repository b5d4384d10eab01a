//! Drives a development server through simulated time.

use std::sync::Arc;

use futures::future::BoxFuture;
use strata_contract::strata::dev::v1::control_service_server::{ControlService, ControlServiceServer};
use strata_contract::strata::dev::v1::{
    GetTimeRequest, GetTimeResponse, SetTimeRequest, SetTimeResponse, SettleRequest, SettleResponse,
};
use strata_contract::{instant, pb_instant};
use strata_kernel::{Clock, Error, SimClock};
use tonic::{Request, Response, Status};

use crate::status::status;

/// What a server did until it came to rest.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct SettleReport {
    /// Passes made, the last of which found nothing to do.
    pub passes: u32,
    /// Changes read, steps run, events delivered and postings sent.
    pub work: u64,
}

/// Lets a server react until nothing is left to do at the present time.
pub type Settle = Arc<dyn Fn() -> BoxFuture<'static, strata_kernel::Result<SettleReport>> + Send + Sync>;

/// The simulated clock of one process as a service. Never add it outside development.
#[derive(Clone)]
pub struct ControlServer {
    clock: SimClock,
    settle: Option<Settle>,
}

impl ControlServer {
    /// Serves `clock`. A server that never acts on its own needs no `settle`.
    pub fn new(clock: SimClock, settle: Option<Settle>) -> Self {
        Self { clock, settle }
    }

    /// The service to add to a server.
    pub fn into_service(self) -> ControlServiceServer<Self> {
        ControlServiceServer::new(self)
    }
}

#[tonic::async_trait]
impl ControlService for ControlServer {
    async fn get_time(&self, _: Request<GetTimeRequest>) -> Result<Response<GetTimeResponse>, Status> {
        Ok(Response::new(GetTimeResponse {
            time: Some(pb_instant(self.clock.now())),
        }))
    }

    async fn set_time(&self, request: Request<SetTimeRequest>) -> Result<Response<SetTimeResponse>, Status> {
        let asked = request.into_inner().time;
        let to = asked.ok_or_else(|| Error::invalid("time", "is required")).map_err(status)?;
        let to = instant(&to).map_err(status)?;
        if !self.clock.set(to) {
            let text = format!("is before the present {}; the clock never runs backwards", self.clock.now());
            return Err(status(Error::invalid("time", text)));
        }
        Ok(Response::new(SetTimeResponse {
            time: Some(pb_instant(self.clock.now())),
        }))
    }

    async fn settle(&self, _: Request<SettleRequest>) -> Result<Response<SettleResponse>, Status> {
        let report = match &self.settle {
            Some(settle) => settle().await.map_err(status)?,
            None => SettleReport { passes: 1, work: 0 },
        };
        Ok(Response::new(SettleResponse {
            passes: report.passes,
            work: report.work,
        }))
    }
}
