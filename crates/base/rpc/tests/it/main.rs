//! What callers see of a server, in process and over TCP. The service under test is the one the
//! crate brings itself: the development clock, whose `Settle` runs whatever a test wants.
#![allow(clippy::unwrap_used)]

mod admission;
#[path = "../../../catalog/src/altered.rs"]
mod altered;
mod browsers;
mod deadlines;
mod discover;
mod drain;
mod floods;
mod flow;
mod frames;
mod gate;
mod identity;
mod limits;
mod policies;
mod same;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use strata_contract::strata::dev::v1::control_service_client::ControlServiceClient;
use strata_kernel::{Clock, Instant, SimClock};
use strata_rpc::{ControlServer, Server, ServerBuilder, ServerSettings, Settle, SettleReport, Transport, bind, connect};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::{Code, Status};

const GET_TIME: &str = "/strata.dev.v1.ControlService/GetTime";
const SET_TIME: &str = "/strata.dev.v1.ControlService/SetTime";
const SETTLE: &str = "/strata.dev.v1.ControlService/Settle";

fn start_of_time() -> Instant {
    chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

/// A server with the development clock, whose `Settle` does what `settle` says.
async fn server<F>(settings: ServerSettings, settle: F) -> (Server, SimClock)
where
    F: Fn() -> BoxFuture<'static, strata_kernel::Result<SettleReport>> + Send + Sync + 'static,
{
    let clock = SimClock::new(start_of_time());
    let settle: Settle = Arc::new(settle);
    let service = ControlServer::new(clock.clone(), Some(settle)).into_service();
    let server = ServerBuilder::new(settings).add_service(service).build().await.unwrap();
    (server, clock)
}

/// One whose `Settle` finds nothing to do.
async fn quiet(settings: ServerSettings) -> (Server, SimClock) {
    server(settings, || Box::pin(async { Ok(SettleReport { passes: 1, work: 0 }) })).await
}

/// A server that listens.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Running {
    async fn start(server: &Server) -> Self {
        let listener = bind("127.0.0.1:0".parse().unwrap(), server.settings()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = server.clone();
        let ended = tokio::spawn(async move {
            let shutdown = async { drop(stopped.await) };
            server.serve(listener, shutdown).await.unwrap();
        });
        Self { address, stop, ended }
    }

    fn transport(&self) -> Transport {
        connect(&self.address.to_string()).unwrap()
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(10), self.ended)
            .await
            .unwrap()
            .unwrap();
    }
}

fn control(transport: Transport) -> ControlServiceClient<Transport> {
    ControlServiceClient::new(transport)
}

/// Sends the bytes of one message and returns headers, trailers and bytes of the answer.
async fn raw(transport: &Transport, path: &str, message: &[u8], metadata: &[(&str, &str)]) -> (HeaderMap, Status, Vec<u8>) {
    let mut request = Request::post(format!("http://server{path}"))
        .version(http::Version::HTTP_2)
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    for (key, value) in metadata {
        request = request.header(*key, *value);
    }
    let request = request.body(Body::new(Full::from(framed(message)))).unwrap();
    let response: Response<Body> = tower::ServiceExt::oneshot(transport.clone(), request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap();
    let trailers = body.trailers().cloned().unwrap_or_default();
    let status = Status::from_header_map(&parts.headers)
        .or_else(|| Status::from_header_map(&trailers))
        .unwrap_or_else(|| Status::unknown(format!("HTTP {}", parts.status)));
    (parts.headers, status, body.to_bytes().to_vec())
}

fn framed(message: &[u8]) -> Vec<u8> {
    let mut frame = vec![0u8];
    frame.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(message);
    frame
}

#[tokio::test]
async fn the_clock_is_read_and_set() {
    let (server, clock) = quiet(ServerSettings::default()).await;
    let mut client = control(server.in_process());
    use strata_contract::strata::dev::v1::*;
    let time = client.get_time(GetTimeRequest {}).await.unwrap().into_inner().time.unwrap();
    assert_eq!(time.seconds, 1_700_000_000);

    let later = prost_types::Timestamp {
        seconds: 1_800_000_000,
        nanos: 5_000,
    };
    let set = client
        .set_time(SetTimeRequest { time: Some(later) })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(set.time, Some(later));
    assert_eq!(clock.now().timestamp(), 1_800_000_000);

    let earlier = prost_types::Timestamp {
        seconds: 1_700_000_000,
        nanos: 0,
    };
    let refused = client.set_time(SetTimeRequest { time: Some(earlier) }).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(strata_rpc::error(refused).field, "time");
    assert_eq!(clock.now().timestamp(), 1_800_000_000);

    let rest = client.settle(SettleRequest {}).await.unwrap().into_inner();
    assert_eq!((rest.passes, rest.work), (1, 0));
}
