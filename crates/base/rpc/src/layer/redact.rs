//! An answer holds only what its caller may see.

use http::{Request, Response};
use strata_contract::Mask;
use strata_identity::Guard;
use tonic::body::Body;

use crate::caller::Caller;
use crate::credentials::WHOLE_HEADER;
use crate::next::Next;
use crate::rewrite::{Rewritten, broken};
use crate::sight::Sights;
use crate::status::status;

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
    response.map(|inner| Body::new(masked(inner, mask)))
}

/// A body whose messages go through a mask.
fn masked(inner: Body, mask: Mask) -> Rewritten {
    Rewritten::new(inner, move |message| {
        let kept = mask.apply(message);
        kept.map_err(|_| broken("an answer is no message of its contract"))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use bytes::{BufMut, Bytes};
    use http_body::Frame;
    use http_body_util::{BodyExt, StreamBody};
    use prost::Message;
    use strata_contract::strata::common::v1::Money;
    use strata_contract::strata::system::hr::v1::{ListWorkerChangesResponse, Worker};
    use strata_contract::{Masks, Policies};
    use tonic::Status;

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
    async fn sent(bytes: &[u8], piece: usize) -> Result<Vec<u8>, Status> {
        let policies = Policies::built_in();
        let masks = Masks::new(&policies, &policies.hidden(true, |_| false));
        let pieces: Vec<_> = bytes
            .chunks(piece)
            .map(|piece| Ok::<_, Status>(Frame::data(Bytes::copy_from_slice(piece))))
            .collect();
        let inner = Body::new(StreamBody::new(futures::stream::iter(pieces)));
        let mask = masks.of("/strata.system.hr.v1.HrService/ListWorkerChanges").unwrap();
        let whole = masked(inner, mask).collect().await?;
        match whole.trailers().and_then(Status::from_header_map) {
            Some(refused) => Err(refused),
            None => Ok(whole.to_bytes().to_vec()),
        }
    }

    #[tokio::test]
    async fn however_a_stream_is_cut_into_pieces_every_message_is_masked() {
        let whole: Vec<u8> = ["W-1", "W-2", "W-3"]
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
        for piece in [1, 2, 5, 7, whole.len()] {
            assert_eq!(sent(&whole, piece).await.unwrap(), expected, "in pieces of {piece}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_looked_into_is_not_sent() {
        let mut compressed = frame(&answer("W-1").encode_to_vec());
        compressed[0] = 1;
        let refused = sent(&compressed, 64).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::Internal);
        assert!(sent(&frame(&[0xff, 0xff]), 64).await.is_err());
        // A message that never became whole is none.
        assert_eq!(
            sent(&frame(&answer("W-1").encode_to_vec())[..9], 64).await.unwrap(),
            Vec::<u8>::new()
        );
    }
}
