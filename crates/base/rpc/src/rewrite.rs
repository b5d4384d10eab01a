//! Answers whose messages are rewritten on their way out.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Frame;
use strata_kernel::Error;
use tonic::Status;
use tonic::body::Body;

use crate::status::status;

/// Bytes of a gRPC frame before its message: compressed or not, and the length.
pub(crate) const PREFIX: usize = 5;

/// Rewrites one message. An error ends the answer with it.
type Rewrite = Box<dyn FnMut(&[u8]) -> Result<Vec<u8>, Status> + Send>;
/// Looks at the status that an answer ends with.
type End = Box<dyn FnMut(HeaderMap) -> HeaderMap + Send>;

/// A body each of whose messages is rewritten.
pub(crate) struct Rewritten {
    inner: Body,
    rewrite: Rewrite,
    end: End,
    /// What came of a message that is not whole yet.
    held: BytesMut,
    /// Nothing more is sent but this.
    over: Option<Status>,
}

impl Rewritten {
    pub(crate) fn new(inner: Body, rewrite: impl FnMut(&[u8]) -> Result<Vec<u8>, Status> + Send + 'static) -> Self {
        Self {
            inner,
            rewrite: Box::new(rewrite),
            end: Box::new(|trailers| trailers),
            held: BytesMut::new(),
            over: None,
        }
    }

    /// Rewrites the trailers too.
    pub(crate) fn ending(mut self, end: impl FnMut(HeaderMap) -> HeaderMap + Send + 'static) -> Self {
        self.end = Box::new(end);
        self
    }

    /// Every whole message of what came, rewritten, up to the first that is refused.
    fn whole(&mut self) -> Bytes {
        let mut out = BytesMut::new();
        while self.over.is_none() {
            match self.next() {
                Ok(Some(kept)) => out.extend_from_slice(&kept),
                Ok(None) => break,
                Err(refused) => self.over = Some(refused),
            }
        }
        out.freeze()
    }

    /// The first message, framed, when all of it is here.
    fn next(&mut self) -> Result<Option<Bytes>, Status> {
        let Some(len) = length(&self.held)? else {
            return Ok(None);
        };
        self.held.advance(PREFIX);
        let message = self.held.split_to(len);
        let kept = (self.rewrite)(&message)?;
        let len = u32::try_from(kept.len()).map_err(|_| broken("an answer is too long"))?;
        let mut out = BytesMut::with_capacity(PREFIX + kept.len());
        out.put_u8(0);
        out.put_u32(len);
        out.put_slice(&kept);
        Ok(Some(out.freeze()))
    }
}

/// Length of the first message of a body, when all of it is here.
pub(crate) fn length(held: &[u8]) -> Result<Option<usize>, Status> {
    let Some((prefix, rest)) = held.split_at_checked(PREFIX) else {
        return Ok(None);
    };
    if prefix[0] != 0 {
        return Err(broken("a message is compressed, so nobody can see what it holds"));
    }
    let len = (&prefix[1..]).get_u32() as usize;
    Ok((rest.len() >= len).then_some(len))
}

/// What an answer that cannot be looked into ends with.
pub(crate) fn broken(what: &str) -> Status {
    status(Error::internal(what))
}

impl http_body::Body for Rewritten {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        loop {
            if let Some(refused) = self.over.take() {
                // Whatever makes the answer ends here, so that it stops working for nobody.
                (self.inner, self.held) = (Body::empty(), BytesMut::new());
                let mut trailers = HeaderMap::new();
                refused.add_header(&mut trailers)?;
                return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
            }
            let Some(frame) = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx)) else {
                return Poll::Ready(None);
            };
            match frame?.into_data() {
                Err(frame) => {
                    let trailers = frame.into_trailers().unwrap_or_default();
                    return Poll::Ready(Some(Ok(Frame::trailers((self.end)(trailers)))));
                }
                Ok(data) => self.held.extend_from_slice(&data),
            }
            let whole = self.whole();
            if !whole.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(whole))));
            }
        }
    }
}
