//! The codec that every generated client and server uses: prost, plus validation of each request
//! against the rules its contract states, before a handler sees it.

use std::marker::PhantomData;

use prost::Message;
use prost_reflect::ReflectMessage;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use crate::validate::refuse;

/// Prost with validation. Only messages named `...Request` are checked: what a server answers is its own.
#[derive(Debug, Clone)]
pub struct ValidatingCodec<T, U>(PhantomData<fn() -> (T, U)>);

impl<T, U> Default for ValidatingCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for ValidatingCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + ReflectMessage + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = ValidatingDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder(PhantomData)
    }

    fn decoder(&mut self) -> Self::Decoder {
        ValidatingDecoder(PhantomData)
    }
}

/// Encodes a message.
#[derive(Debug)]
pub struct ProstEncoder<T>(PhantomData<fn() -> T>);

impl<T: Message> Encoder for ProstEncoder<T> {
    type Item = T;
    type Error = Status;

    fn encode(&mut self, item: T, buf: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(buf)
            .map_err(|_| Status::internal("a message did not fit its buffer"))
    }
}

/// Decodes a message, refuses a request that breaks its contract, and clears what only the server says.
#[derive(Debug)]
pub struct ValidatingDecoder<U>(PhantomData<fn() -> U>);

impl<U: Message + ReflectMessage + Default> Decoder for ValidatingDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let message = U::decode(buf).map_err(|_| Status::invalid_argument("the bytes are not the message this method takes"))?;
        refuse(message).map(Some)
    }
}
