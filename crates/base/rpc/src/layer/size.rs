//! How large a request may be, as its contract says it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::Request;
use http_body::{Frame, SizeHint};
use strata_contract::Policies;
use tonic::Status;
use tonic::body::Body;

/// Bytes of a gRPC frame before its message: compressed or not, and the length.
const PREFIX: usize = 5;
/// For methods of others: health and reflection ask little.
const OTHERS: usize = 64 * 1024;

/// Refuses with RESOURCE_EXHAUSTED a message that announces more bytes than the contract allows its method, before room is made for it.
pub(crate) fn bound(policies: &Policies, request: &mut Request<Body>) {
    let most = policies.largest_request(request.uri().path()).unwrap_or(OTHERS);
    let body = std::mem::take(request.body_mut());
    *request.body_mut() = Body::new(Bounded::new(body, most));
}

/// A body whose messages are no larger than `most`.
struct Bounded {
    inner: Body,
    most: usize,
    /// What is known so far of the prefix of the next message. Nothing of it goes on before it is whole.
    prefix: BytesMut,
    /// Bytes that are left of the message under way.
    left: usize,
}

impl Bounded {
    fn new(inner: Body, most: usize) -> Self {
        Self {
            inner,
            most,
            prefix: BytesMut::new(),
            left: 0,
        }
    }

    /// What may go on of these bytes.
    fn pass(&mut self, mut data: Bytes) -> Result<Bytes, Status> {
        if self.prefix.is_empty() && data.len() <= self.left {
            self.left -= data.len();
            return Ok(data);
        }
        // The usual case, without a copy: a message begins here, and nothing else does.
        if self.prefix.is_empty()
            && self.left == 0
            && let Some((&[_, a, b, c, d], message)) = data.split_first_chunk()
        {
            let length = self.fits(u32::from_be_bytes([a, b, c, d]))?;
            if message.len() <= length {
                self.left = length - message.len();
                return Ok(data);
            }
        }
        let mut out = BytesMut::with_capacity(self.prefix.len() + data.len());
        while !data.is_empty() {
            if self.left > 0 {
                let part = data.split_to(self.left.min(data.len()));
                self.left -= part.len();
                out.extend_from_slice(&part);
                continue;
            }
            let missing = PREFIX - self.prefix.len();
            self.prefix.extend_from_slice(&data.split_to(missing.min(data.len())));
            if let [_, a, b, c, d] = self.prefix[..] {
                self.left = self.fits(u32::from_be_bytes([a, b, c, d]))?;
                out.extend_from_slice(&self.prefix.split());
            }
        }
        Ok(out.freeze())
    }

    fn fits(&self, length: u32) -> Result<usize, Status> {
        let most = self.most;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > most {
            let text = format!("the message has {length} bytes, and this method takes at most {most}; send less at once");
            return Err(Status::resource_exhausted(text));
        }
        Ok(length)
    }
}

impl http_body::Body for Bounded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        loop {
            let frame = match std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                Some(Ok(frame)) => frame,
                other => return Poll::Ready(other),
            };
            let data = match frame.into_data() {
                Ok(data) => data,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            };
            match self.pass(data) {
                // The prefix is not whole yet.
                Ok(passed) if passed.is_empty() => {}
                Ok(passed) => return Poll::Ready(Some(Ok(Frame::data(passed)))),
                Err(refused) => {
                    self.inner = Body::empty();
                    return Poll::Ready(Some(Err(refused)));
                }
            }
        }
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
    use futures::stream;
    use http_body_util::{BodyExt, StreamBody};

    use super::*;

    fn framed(lengths: &[usize]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for length in lengths {
            bytes.push(0);
            bytes.extend_from_slice(&u32::try_from(*length).unwrap().to_be_bytes());
            bytes.extend(std::iter::repeat_n(7, *length));
        }
        bytes
    }

    async fn passed(bytes: &[u8], piece: usize, most: usize) -> Result<Vec<u8>, Status> {
        let pieces: Vec<_> = bytes
            .chunks(piece)
            .map(|piece| Ok::<_, Status>(Frame::data(Bytes::copy_from_slice(piece))))
            .collect();
        let body = Bounded::new(Body::new(StreamBody::new(stream::iter(pieces))), most);
        body.collect().await.map(|body| body.to_bytes().to_vec())
    }

    #[tokio::test]
    async fn messages_pass_whole_however_they_are_cut_and_one_byte_more_does_not() {
        let sound = framed(&[0, 10, 3, 0, 10, 1]);
        for piece in 1..=sound.len() {
            assert_eq!(passed(&sound, piece, 10).await.unwrap(), sound, "in pieces of {piece}");
        }
        let large = framed(&[3, 11]);
        for piece in 1..=large.len() {
            let refused = passed(&large, piece, 10).await.unwrap_err();
            assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
            assert!(refused.message().contains("11 bytes"), "{refused}");
        }
        // Nothing waits for what was only announced.
        let announced = [0, 0xff, 0xff, 0xff, 0xff];
        assert!(passed(&announced, 5, 10).await.is_err());
    }
}
