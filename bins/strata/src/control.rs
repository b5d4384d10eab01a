//! Which time it is for a server: the machine's, or a simulated one that somebody moves.

use std::sync::Arc;

use strata_contract::strata::dev::v1::control_service_server::{ControlService, ControlServiceServer};
use strata_contract::strata::dev::v1::{
    GetTimeRequest, GetTimeResponse, SetTimeRequest, SetTimeResponse, SettleRequest, SettleResponse,
};
use strata_kernel::{Clock, Instant, SimClock, SystemClock};
use strata_rpc::{ControlServer, Settle};
use strata_sandbox::SandboxClock;
use tonic::{Request, Response, Status};

/// Which time it is for the servers of this process.
#[derive(Debug, Clone)]
pub enum Time {
    /// The machine's clock.
    Machine,
    /// A simulated clock, moved through the control service; the sandboxes of this process, if any, move along.
    Simulated {
        /// The platform's clock.
        clock: SimClock,
        /// The vendors' clock.
        sandboxes: Option<SandboxClock>,
    },
}

impl Time {
    /// A simulated time that starts at `start`. `None`: the machine's.
    pub fn of(start: Option<Instant>) -> Self {
        match start {
            Some(start) => Self::Simulated {
                clock: SimClock::new(start),
                sandboxes: None,
            },
            None => Self::Machine,
        }
    }

    /// The clock for everybody who asks.
    pub fn clock(&self) -> Arc<dyn Clock> {
        match self {
            Self::Machine => Arc::new(SystemClock),
            Self::Simulated { clock, .. } => Arc::new(clock.clone()),
        }
    }

    /// True when somebody moves the clock.
    pub fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulated { .. })
    }

    /// The control service of a server in this time. The machine's clock has none.
    pub(crate) fn control(&self, settle: Option<Settle>) -> Option<ControlServiceServer<Control>> {
        match self {
            Self::Machine => None,
            Self::Simulated { clock, sandboxes } => {
                let control = Control::new(clock.clone(), sandboxes.clone(), settle);
                Some(ControlServiceServer::new(control))
            }
        }
    }
}

/// The control service, with the vendors' clock in tow.
#[derive(Clone)]
pub(crate) struct Control {
    inner: ControlServer,
    clock: SimClock,
    sandboxes: Option<SandboxClock>,
}

impl Control {
    fn new(clock: SimClock, sandboxes: Option<SandboxClock>, settle: Option<Settle>) -> Self {
        Self {
            inner: ControlServer::new(clock.clone(), settle),
            clock,
            sandboxes,
        }
    }
}

#[tonic::async_trait]
impl ControlService for Control {
    async fn get_time(&self, request: Request<GetTimeRequest>) -> Result<Response<GetTimeResponse>, Status> {
        self.inner.get_time(request).await
    }

    async fn set_time(&self, request: Request<SetTimeRequest>) -> Result<Response<SetTimeResponse>, Status> {
        let answer = self.inner.set_time(request).await?;
        if let Some(sandboxes) = &self.sandboxes {
            sandboxes.set(self.clock.now());
        }
        Ok(answer)
    }

    async fn settle(&self, request: Request<SettleRequest>) -> Result<Response<SettleResponse>, Status> {
        self.inner.settle(request).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::pb_instant;

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn both_clocks_move_together_and_never_back() {
        let (start, later) = (at("2025-01-01T00:00:00Z"), at("2025-02-01T09:00:00Z"));
        let (clock, sandboxes) = (SimClock::new(start), SandboxClock::new(start));
        let control = Control::new(clock.clone(), Some(sandboxes.clone()), None);
        let set = |to| {
            control.set_time(Request::new(SetTimeRequest {
                time: Some(pb_instant(to)),
            }))
        };
        set(later).await.unwrap();
        assert_eq!((clock.now(), sandboxes.now()), (later, later));
        assert!(set(start).await.is_err());
        assert_eq!((clock.now(), sandboxes.now()), (later, later));
    }
}
