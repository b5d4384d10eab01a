//! An answer holds only what its caller may see.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{Request, Response};
use http_body::Frame;
use strata_contract::Mask;
use strata_identity::Guard;
use strata_kernel::Error;
use tonic::Status;
use tonic::body::Body;

use crate::caller::Caller;
use crate::credentials::WHOLE_HEADER;
use crate::next::Next;
use crate::sight::Sights;
use crate::status::status;

/// Bytes of a gRPC frame before its message: compressed or not, and the length.
const PREFIX: usize = 5;

/// Leaves out of an answer, message by message, what its caller may not see. Who asks for whole answers is refused where something might
/// be left out, before anything is done: half of the costs is worse than none.
pub(crate) async fn redact(sights: Sights, request: Request<Body>, next: Next) -> Response<Body> {
    let caller = request.extensions().get::<Caller>().cloned();
    let mask = caller.as_ref().and_then(|caller| sights.of(caller, request.uri().path()));
    let Some(mask) = mask else {
        return next.run(request).await;
    };
    if request.headers().contains_key(WHOLE_HEADER) {
        let scopes = caller.map(|caller| sights.missing(&caller)).unwrap_or_default();
        return status(Guard::partial(&scopes)).into_http();
    }
    let response = next.run(request).await;
    response.map(|inner| {
        let held = BytesMut::new();
        Body::new(Masked { inner, mask, held })
    })
}

/// A body whose messages go through a mask.
struct Masked {
    inner: Body,
    mask: Mask,
    /// What came of a message that is not whole yet.
    held: BytesMut,
}

impl Masked {
    /// Every whole message of what came, masked.
    fn whole(&mut self) -> Result<Bytes, Status> {
        let mut out = BytesMut::new();
        while let Some(len) = self.next_len()? {
            self.held.advance(PREFIX);
            let message = self.held.split_to(len);
            let kept = self.mask.apply(&message);
            let kept = kept.map_err(|_| broken("an answer is no message of its contract"))?;
            let len = u32::try_from(kept.len()).map_err(|_| broken("an answer is too long"))?;
            out.put_u8(0);
            out.put_u32(len);
            out.put_slice(&kept);
        }
        Ok(out.freeze())
    }

    /// Length of the first message, when all of it is here.
    fn next_len(&self) -> Result<Option<usize>, Status> {
        let Some((prefix, rest)) = self.held.split_at_checked(PREFIX) else {
            return Ok(None);
        };
        if prefix[0] != 0 {
            return Err(broken("an answer is compressed, so nobody can see what it holds"));
        }
        let len = (&prefix[1..]).get_u32() as usize;
        Ok((rest.len() >= len).then_some(len))
    }
}

fn broken(what: &str) -> Status {
    status(Error::internal(what))
}

impl http_body::Body for Masked {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        loop {
            let Some(frame) = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx)) else {
                return Poll::Ready(None);
            };
            match frame?.into_data() {
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                Ok(data) => self.held.extend_from_slice(&data),
            }
            let whole = self.whole()?;
            if !whole.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(whole))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http_body_util::{BodyExt, StreamBody};
    use prost::Message;
    use strata_contract::strata::common::v1::Money;
    use strata_contract::strata::system::hr::v1::{ListWorkerChangesResponse, Worker};
    use strata_contract::{Masks, Policies};

    use super::*;

    fn frame(message: &[u8]) -> Vec<u8> {
        let mut out = vec![0];
        out.put_u32(u32::try_from(message.len()).unwrap());
        out.extend_from_slice(message);
        out
    }

    fn answer(id: &str) -> ListWorkerChangesResponse {
        let worker = Worker {
            id: id.into(),
            hourly_cost: Some(Money {
                currency_code: "EUR".into(),
                minor_units: 4_321,
            }),
            ..Worker::default()
        };
        ListWorkerChangesResponse {
            workers: vec![worker],
            ..ListWorkerChangesResponse::default()
        }
    }

    /// Sends bytes in pieces through the mask of somebody who may not see what work costs.
    async fn masked(bytes: &[u8], piece: usize) -> Result<Vec<u8>, Status> {
        let policies = Policies::built_in();
        let masks = Masks::new(&policies, &policies.hidden(true, |_| false));
        let pieces: Vec<_> = bytes
            .chunks(piece)
            .map(|piece| Ok::<_, Status>(Frame::data(Bytes::copy_from_slice(piece))))
            .collect();
        let body = Masked {
            inner: Body::new(StreamBody::new(futures::stream::iter(pieces))),
            mask: masks.of("/strata.system.hr.v1.HrService/ListWorkerChanges").unwrap(),
            held: BytesMut::new(),
        };
        Ok(body.collect().await?.to_bytes().to_vec())
    }

    #[tokio::test]
    async fn however_a_stream_is_cut_into_pieces_every_message_is_masked() {
        let sent: Vec<u8> = ["W-1", "W-2", "W-3"]
            .iter()
            .flat_map(|id| frame(&answer(id).encode_to_vec()))
            .collect();
        let expected: Vec<u8> = ["W-1", "W-2", "W-3"]
            .iter()
            .flat_map(|id| {
                let mut shown = answer(id);
                shown.workers[0].hourly_cost = None;
                frame(&shown.encode_to_vec())
            })
            .collect();
        for piece in [1, 2, 5, 7, sent.len()] {
            assert_eq!(masked(&sent, piece).await.unwrap(), expected, "in pieces of {piece}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_looked_into_is_not_sent() {
        let mut compressed = frame(&answer("W-1").encode_to_vec());
        compressed[0] = 1;
        let refused = masked(&compressed, 64).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::Internal);
        assert!(masked(&frame(&[0xff, 0xff]), 64).await.is_err());
        // A message that never became whole is none.
        assert_eq!(
            masked(&frame(&answer("W-1").encode_to_vec())[..9], 64).await.unwrap(),
            Vec::<u8>::new()
        );
    }
}
