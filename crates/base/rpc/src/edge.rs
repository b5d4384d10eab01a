//! What only the way over TCP needs: browsers.

use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use strata_telemetry::CORRELATION_HEADER;
use tonic::body::Body;
use tonic_web::GrpcWebLayer;
use tower::Layer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::layer::deprecation::CONSUMER_HEADER;
use crate::next::Next;
use crate::settings::{ServerSettings, fixed};

/// What a page may send. A wildcard would not cover `authorization`.
const ALLOWED: [HeaderName; 10] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("x-grpc-web"),
    HeaderName::from_static("x-user-agent"),
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static(CONSUMER_HEADER),
    HeaderName::from_static(CORRELATION_HEADER),
];

/// What a page may read.
const EXPOSED: [HeaderName; 7] = [
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status-details-bin"),
    HeaderName::from_static("deprecation"),
    HeaderName::from_static("sunset"),
    header::LINK,
    HeaderName::from_static(CORRELATION_HEADER),
];

/// Puts origin check, CORS and gRPC-Web around a stack, in that order from the outside, for what a browser may have sent. Calls of programs
/// go by them.
pub(crate) fn browsers(stack: Next, settings: &ServerSettings) -> Next {
    let origins: Vec<HeaderValue> = settings.origins.iter().filter_map(|o| o.parse().ok()).collect();
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.clone()))
        .allow_methods([Method::POST])
        .allow_headers(ALLOWED)
        .expose_headers(EXPOSED)
        .max_age(fixed::PREFLIGHT_AGE);
    let web = GrpcWebLayer::new().layer(stack.clone());
    let pages = Next::new(cors.layer(web)).within(move |request, next| {
        let allowed = is_allowed(&request, &origins);
        async move { if allowed { next.run(request).await } else { foreign(&request) } }
    });
    stack.leaving(pages, |request| !is_of_program(request))
}

/// gRPC over HTTP/2, which no page can speak, from no origin.
fn is_of_program(request: &Request<Body>) -> bool {
    let headers = request.headers();
    let speaks = headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind == b"application/grpc" || kind.starts_with(b"application/grpc+")
    });
    speaks && request.version() == Version::HTTP_2 && !headers.contains_key(header::ORIGIN)
}

/// CORS only keeps a page from reading the answer; the call would have taken effect. So it is refused here.
fn is_allowed(request: &Request<Body>, origins: &[HeaderValue]) -> bool {
    let mut sent = request.headers().get_all(header::ORIGIN).iter();
    sent.all(|origin| origins.contains(origin))
}

fn foreign(request: &Request<Body>) -> Response<Body> {
    tracing::warn!(
        origin = ?request.headers().get(header::ORIGIN),
        rpc.method = request.uri().path(),
        "a page of a foreign origin was refused"
    );
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}
