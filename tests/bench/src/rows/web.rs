//! The same call as a browser makes it.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use http::uri::PathAndQuery;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use strata_contract::strata::system::hr::v1::{ListWorkerChangesRequest, ListWorkerChangesResponse};
use tonic::Request;
use tonic::body::Body;
use tonic::client::GrpcService;
use tonic::codegen::{Bytes, StdError};
use tonic::metadata::{Ascii, MetadataValue};
use tonic_prost::ProstCodec;
use tonic_web::{GrpcWebCall, GrpcWebClientLayer};
use tower::Layer;

use crate::field::Field;
use crate::load::Shot;
use crate::record;
use crate::rounds::{Contestant, Measured, run};
use crate::row::{Row, Value};
use crate::serve::{PATH, token};

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    let server = field.governed(&[])?;
    let contestant = |name, is_web| {
        Ok::<_, anyhow::Error>(Contestant {
            name,
            shot: shot(server.address(), is_web)?,
            in_flight: 32,
        })
    };
    let [grpc, web] = run([contestant("gRPC", false)?, contestant("gRPC-Web", true)?], field.effort).await?;
    Ok(vec![Row {
        id: "gRPC-Web".to_owned(),
        what: "the governed call over gRPC-Web, 32 in flight".to_owned(),
        bound: "the governed call over gRPC, with the same HTTP client".to_owned(),
        values: vec![
            Value::told("bound", "/s", grpc.rate()),
            Value::told("ours", "/s", web.rate()),
            Value::at_least("of its calls/s", "x", Measured::ratio(&web.rate, &grpc.rate), 0.92),
        ],
    }])
}

fn shot(address: &str, is_web: bool) -> Result<Shot> {
    let token: MetadataValue<Ascii> = format!("Bearer {}", token("reader")?).parse()?;
    let origin: http::Uri = format!("http://{address}").parse()?;
    let mut http = Client::builder(TokioExecutor::new());
    http.http2_only(true);
    Ok(if is_web {
        let http = http.build_http::<GrpcWebCall<Body>>();
        calls(GrpcWebClientLayer::new().layer(http), origin, token)
    } else {
        calls(http.build_http::<Body>(), origin, token)
    })
}

fn calls<S>(service: S, origin: http::Uri, token: MetadataValue<Ascii>) -> Shot
where
    S: GrpcService<Body> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<StdError>,
    S::ResponseBody: http_body::Body<Data = Bytes> + Send + 'static,
    <S::ResponseBody as http_body::Body>::Error: Into<StdError>,
{
    Arc::new(move |caller, number| {
        let (service, origin, token) = (service.clone(), origin.clone(), token.clone());
        Box::pin(async move {
            let message = record::request(caller, number);
            let sent = message.cursor.clone();
            let mut request = Request::new(message);
            request.metadata_mut().insert("authorization", token);
            let codec = ProstCodec::<ListWorkerChangesRequest, ListWorkerChangesResponse>::default();
            let mut grpc = tonic::client::Grpc::with_origin(service, origin);
            grpc.ready()
                .await
                .map_err(|error| anyhow!("no connection: {}", error.into()))?;
            let answer = grpc.unary(request, PathAndQuery::from_static(PATH), codec).await?;
            record::check(&sent, answer.get_ref())
        })
    })
}
