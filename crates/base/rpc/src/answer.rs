//! What happens to an answer on its way out: statuses are completed, streams end in time, places are given back.
//!
//! Layers say what an answer takes along ([`holding`], [`until`]), and the outermost puts one body around it ([`complete`]): a body of each
//! layer cost a call more than the layers themselves.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::{Frame, SizeHint};
use strata_telemetry::CorrelationId;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::reason;
use crate::status::DOMAIN;

/// Completes the status of an answer, in its headers or in its trailers, and lets go of what it takes along when it is out.
pub(crate) fn complete(mut response: Response<Body>, correlation: &CorrelationId) -> Response<Body> {
    let load = response.extensions_mut().remove::<Along>().map(Along::unload);
    if response.headers().contains_key(Status::GRPC_STATUS) {
        complete_headers(response.headers_mut(), correlation);
        return response;
    }
    let (load, correlation) = (load.unwrap_or_default(), Some(correlation.clone()));
    response.map(|inner| {
        Body::new(Outgoing {
            inner,
            load,
            correlation,
        })
    })
}

/// Adds what every failure says: ErrorInfo and RequestInfo. Statuses of the codec and of the transport lack them.
fn complete_headers(headers: &mut HeaderMap, correlation: &CorrelationId) {
    let Some(status) = Status::from_header_map(headers).filter(|status| status.code() != Code::Ok) else {
        return;
    };
    let mut details = status.get_error_details();
    let (has_reason, has_request) = (details.error_info().is_some(), details.request_info().is_some());
    if has_reason && has_request {
        return;
    }
    let (mut code, mut message) = (status.code(), status.message());
    if !has_reason {
        details.set_error_info(reason::of_code(code), DOMAIN, std::collections::HashMap::new());
        // What the transport calls out of range is a message above the limit.
        code = if code == Code::OutOfRange {
            Code::ResourceExhausted
        } else {
            code
        };
        message = if message.is_empty() { code.description() } else { message };
    }
    if !has_request {
        details.set_request_info(correlation.as_str(), "");
    }
    // A status that does not fit into headers keeps the form it came in.
    Status::with_error_details(code, message, details).add_header(headers).ok();
}

/// The code of an answer that is complete with its headers. None: it comes in the trailers.
pub(crate) fn code(headers: &HeaderMap) -> Option<Code> {
    headers
        .get(Status::GRPC_STATUS)
        .map(|value| Code::from_bytes(value.as_bytes()))
}

/// The name of a code as the rpc conventions write it: `NOT_FOUND`.
pub(crate) fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// Keeps a place taken until the last frame is out.
pub(crate) fn holding<P: Send + 'static>(response: Response<Body>, place: P) -> Response<Body> {
    taking(response, |load| load.places.push(Box::new(place)))
}

/// Ends a stream when `end` is done, with the status that it says.
pub(crate) fn until(response: Response<Body>, end: impl Future<Output = Status> + Send + 'static) -> Response<Body> {
    taking(response, |load| load.ends.push(Box::pin(end)))
}

/// A body that keeps a place taken until its last frame is out.
pub(crate) fn held<P: Send + 'static>(inner: Body, place: P) -> Body {
    let load = Load {
        places: vec![Box::new(place)],
        ends: Vec::new(),
    };
    let correlation = None;
    Body::new(Outgoing {
        inner,
        load,
        correlation,
    })
}

fn taking(mut response: Response<Body>, take: impl FnOnce(&mut Load)) -> Response<Body> {
    let along = response.extensions_mut().get_or_insert_default::<Along>();
    take(&mut along.0.lock().unwrap_or_else(PoisonError::into_inner));
    response
}

/// What an answer takes along, in its extensions, until there is a body around it.
#[derive(Clone, Default)]
struct Along(Arc<Mutex<Load>>);

impl Along {
    fn unload(self) -> Load {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Default)]
struct Load {
    ends: Vec<Pin<Box<dyn Future<Output = Status> + Send>>>,
    places: Vec<Box<dyn Send>>,
}

/// A body with its ends in time, places to give back, and a status to complete.
struct Outgoing {
    inner: Body,
    load: Load,
    correlation: Option<CorrelationId>,
}

impl Outgoing {
    fn completed(&self, frame: Frame<Bytes>) -> Frame<Bytes> {
        let Some(correlation) = &self.correlation else { return frame };
        match frame.into_trailers() {
            Ok(mut trailers) => {
                complete_headers(&mut trailers, correlation);
                Frame::trailers(trailers)
            }
            Err(frame) => frame,
        }
    }
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(frame)) => return Poll::Ready(Some(frame.map(|frame| self.completed(frame)))),
            Poll::Ready(None) => {
                self.load = Load::default();
                return Poll::Ready(None);
            }
            Poll::Pending => {}
        }
        let mut ends = self.load.ends.iter_mut();
        let over = ends.find_map(|end| match end.as_mut().poll(cx) {
            Poll::Ready(status) => Some(status),
            Poll::Pending => None,
        });
        let Some(late) = over else { return Poll::Pending };
        // Whatever makes the stream ends here, so that it stops working for nobody.
        (self.inner, self.load) = (Body::empty(), Load::default());
        let mut trailers = HeaderMap::new();
        late.add_header(&mut trailers)?;
        Poll::Ready(Some(Ok(self.completed(Frame::trailers(trailers)))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;
    use std::time::Duration;

    use futures::{StreamExt, stream};
    use http_body_util::{BodyExt, StreamBody};
    use tokio::sync::Semaphore;
    use tokio::time::{Instant, sleep_until};

    use super::*;

    fn data(bytes: &'static [u8]) -> Result<Frame<Bytes>, Status> {
        Ok(Frame::data(Bytes::from_static(bytes)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_at_its_deadline() {
        let begin = Instant::now();
        let endless = StreamBody::new(stream::iter([data(b"one")]).chain(stream::pending()));
        let end = async move {
            sleep_until(begin + Duration::from_secs(3)).await;
            crate::layer::deadline::exceeded()
        };
        let id = CorrelationId::parse("order-7").unwrap();
        let mut body = complete(until(Response::new(Body::new(endless)), end), &id).into_body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "one");
        let trailers = body.frame().await.unwrap().unwrap().into_trailers().unwrap();
        assert_eq!(Status::from_header_map(&trailers).unwrap().code(), Code::DeadlineExceeded);
        assert_eq!(begin.elapsed(), Duration::from_secs(3));
        assert!(body.frame().await.is_none());
    }

    #[tokio::test]
    async fn a_place_is_taken_until_the_stream_is_out() {
        let places = Arc::new(Semaphore::new(1));
        let place = places.clone().acquire_owned().await.unwrap();
        let two = Body::new(StreamBody::new(stream::iter([data(b"one"), data(b"two")])));
        let id = CorrelationId::parse("order-7").unwrap();
        let mut body = complete(holding(Response::new(two), place), &id).into_body();
        for _ in 0..2 {
            body.frame().await.unwrap().unwrap();
            assert_eq!(places.available_permits(), 0);
        }
        assert!(body.frame().await.is_none());
        assert_eq!(places.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_status_in_the_trailers_is_completed_too() {
        let mut trailers = HeaderMap::new();
        Status::not_found("no such thing").add_header(&mut trailers).unwrap();
        let frames = stream::iter([data(b"one"), Ok(Frame::trailers(trailers))]);
        let response = Response::new(Body::new(StreamBody::new(frames)));
        let id = CorrelationId::parse("order-7").unwrap();
        let body = complete(response, &id).into_body().collect().await.unwrap();
        let status = Status::from_header_map(body.trailers().unwrap()).unwrap();
        let details = status.get_error_details();
        assert_eq!((status.code(), status.message()), (Code::NotFound, "no such thing"));
        assert_eq!(details.error_info().unwrap().reason, "NOT_FOUND");
        assert_eq!(details.request_info().unwrap().request_id, "order-7");
    }
}
