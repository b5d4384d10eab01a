//! tonic alone: its server, its codec, and a handler. Nothing of ours but the messages.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use anyhow::Result;
use futures::future::BoxFuture;
use http::{Request, Response};
use strata_contract::strata::system::hr::v1::{ListWorkerChangesRequest, ListWorkerChangesResponse};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::{NamedService, UnaryService};
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;
use tower::Service;

use super::over;
use crate::child::READY;
use crate::record;

/// The one method there is.
pub(crate) const PATH: &str = "/strata.system.hr.v1.HrService/ListWorkerChanges";

#[derive(Clone)]
struct Bare {
    next: Option<Channel>,
}

impl NamedService for Bare {
    const NAME: &'static str = "strata.system.hr.v1.HrService";
}

impl Service<Request<Body>> for Bare {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let next = self.next.clone();
        Box::pin(async move {
            let codec = ProstCodec::<ListWorkerChangesResponse, ListWorkerChangesRequest>::default();
            let mut grpc = tonic::server::Grpc::new(codec);
            Ok(match next {
                None => grpc.unary(Echo, request).await,
                Some(next) => grpc.unary(Hop(next), request).await,
            })
        })
    }
}

struct Echo;

impl UnaryService<ListWorkerChangesRequest> for Echo {
    type Response = ListWorkerChangesResponse;
    type Future = Ready<Result<tonic::Response<ListWorkerChangesResponse>, tonic::Status>>;

    fn call(&mut self, request: tonic::Request<ListWorkerChangesRequest>) -> Self::Future {
        ready(Ok(tonic::Response::new(record::answer(request.into_inner()))))
    }
}

struct Hop(Channel);

impl UnaryService<ListWorkerChangesRequest> for Hop {
    type Response = ListWorkerChangesResponse;
    type Future = BoxFuture<'static, Result<tonic::Response<ListWorkerChangesResponse>, tonic::Status>>;

    fn call(&mut self, request: tonic::Request<ListWorkerChangesRequest>) -> Self::Future {
        let channel = self.0.clone();
        Box::pin(async move { ask(channel, request).await })
    }
}

/// Calls as tonic's own generated client would.
pub(crate) async fn ask(
    channel: Channel,
    request: tonic::Request<ListWorkerChangesRequest>,
) -> Result<tonic::Response<ListWorkerChangesResponse>, tonic::Status> {
    let mut client = tonic::client::Grpc::new(channel);
    client
        .ready()
        .await
        .map_err(|error| tonic::Status::unavailable(error.to_string()))?;
    let codec = ProstCodec::<ListWorkerChangesRequest, ListWorkerChangesResponse>::default();
    client.unary(request, http::uri::PathAndQuery::from_static(PATH), codec).await
}

pub(super) async fn run(next: Option<&str>) -> Result<()> {
    let next = next
        .map(|address| {
            Endpoint::from_shared(format!("http://{address}")).map(|endpoint| endpoint.tcp_nodelay(true).connect_lazy())
        })
        .transpose()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{READY}{}", listener.local_addr()?);
    let incoming = tonic::transport::server::TcpIncoming::from(listener).with_nodelay(Some(true));
    tonic::transport::Server::builder()
        .add_service(Bare { next })
        .serve_with_incoming_shutdown(incoming, over())
        .await?;
    Ok(())
}
