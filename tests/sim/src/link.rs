//! The way between a process server and a server below: calls are lost on it, or their answers are.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use strata_contract::Transport;
use strata_kernel::{Error, Kind};
use tonic::Status;
use tonic::body::Body;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use crate::fault::Fault;
use crate::seat::Seat;

/// Puts the way before a server.
pub(crate) fn link(inner: Transport, seat: &Arc<Seat>) -> Transport {
    let seat = Arc::clone(seat);
    BoxCloneSyncService::new(service_fn(move |request| call(request, inner.clone(), Arc::clone(&seat))))
}

async fn call(request: Request<Body>, inner: Transport, seat: Arc<Seat>) -> Result<Response<Body>, Status> {
    let path = request.uri().path().to_owned();
    let name = path.rsplit('/').next().unwrap_or_default();
    let world = Arc::clone(seat.world());
    wait(&seat).await;
    seat.point(Fault::KilledAtCall).await;
    if world.strikes(Fault::CallRefused) {
        world.say(format_args!("{name} refused"));
        return Ok(unreachable().into_http());
    }
    if world.strikes(Fault::LateBefore) {
        world.say(format_args!("{name} late, not done"));
        tokio::time::sleep(deadline(&path)).await;
        return Ok(too_late().into_http());
    }
    let answer = inner.oneshot(request).await;
    wait(&seat).await;
    seat.point(Fault::KilledAtCall).await;
    if world.strikes(Fault::AnswerLost) {
        world.say(format_args!("{name} answer lost"));
        return Ok(unreachable().into_http());
    }
    if world.strikes(Fault::LateAfter) {
        world.say(format_args!("{name} late, done"));
        tokio::time::sleep(deadline(&path)).await;
        return Ok(too_late().into_http());
    }
    answer
}

/// Now and then a call takes a while: others overtake it.
async fn wait(seat: &Seat) {
    let pause = seat
        .world()
        .draw(|chance| if chance.one_in(4) { chance.between(1, 40) } else { 0 });
    if pause > 0 {
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

fn deadline(path: &str) -> Duration {
    let policy = strata_contract::method_policy(path);
    Duration::from_millis(policy.map_or(10_000, |policy| u64::from(policy.deadline_ms)))
}

fn unreachable() -> Status {
    let text = "the server does not answer; whether the call took effect must be looked up";
    strata_rpc::status(Error::new(Kind::Unavailable, "VENDOR_UNAVAILABLE", text))
}

fn too_late() -> Status {
    let text = "the time of the call ran out; whether it took effect must be looked up";
    strata_rpc::status(Error::new(Kind::DeadlineExceeded, "DEADLINE_EXCEEDED", text))
}
