//! An OpenTelemetry collector that keeps what it is sent.

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{MetricsService, MetricsServiceServer};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use prost::Message;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// What came, by what it is: "traces", "metrics" or "logs".
type Kept = Vec<(&'static str, Vec<u8>)>;

/// Keeps each message twice: as it stood on the wire, and in words.
#[derive(Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Kept>>);

impl Collector {
    /// Listens, and says where.
    pub(crate) async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let own = Self::default();
        let server = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(own.clone()))
            .add_service(MetricsServiceServer::new(own.clone()))
            .add_service(LogsServiceServer::new(own.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        (own, endpoint)
    }

    /// Everything that came.
    pub(crate) fn kept(&self) -> Kept {
        self.0.lock().unwrap().clone()
    }

    /// Numbers stand in the messages as eight bytes and not as a contract of ours writes them, so words are looked at too.
    fn keep(&self, what: &'static str, message: &(impl Message + std::fmt::Debug)) {
        let mut kept = self.0.lock().unwrap();
        kept.push((what, message.encode_to_vec()));
        kept.push((what, format!("{message:?}").into_bytes()));
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(&self, request: Request<ExportTraceServiceRequest>) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.keep("traces", request.get_ref());
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Collector {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.keep("metrics", request.get_ref());
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Collector {
    async fn export(&self, request: Request<ExportLogsServiceRequest>) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.keep("logs", request.get_ref());
        Ok(Response::new(Default::default()))
    }
}
