//! Calls any method of ours by its descriptor, so that a test covers methods that are added later.

use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value};
use strata_contract::{POOL, Transport};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status};

/// Every unary method of ours. The clocks of a development installation are left out: they hold no data.
pub(crate) fn methods() -> Vec<MethodDescriptor> {
    let ours = POOL.services().filter(|service| service.full_name().starts_with("strata."));
    let served = ours.filter(|service| service.package_name() != "strata.dev.v1");
    let methods = served.flat_map(|service| service.methods().collect::<Vec<_>>());
    methods.filter(|method| !method.is_server_streaming()).collect()
}

/// Calls a method.
pub(crate) async fn call(to: &Transport, method: &MethodDescriptor, request: DynamicMessage) -> Result<DynamicMessage, Status> {
    call_with(to, method, Request::new(request)).await
}

/// Calls a method as whoever the token is of.
pub(crate) async fn call_as(to: &Transport, method: &MethodDescriptor, token: &str) -> Result<DynamicMessage, Status> {
    ask_as(to, method, DynamicMessage::new(method.input()), token).await
}

/// Asks a method for something as whoever the token is of.
pub(crate) async fn ask_as(
    to: &Transport,
    method: &MethodDescriptor,
    request: DynamicMessage,
    token: &str,
) -> Result<DynamicMessage, Status> {
    let mut request = Request::new(request);
    let bearer = format!("Bearer {token}");
    request.metadata_mut().insert("authorization", bearer.parse().unwrap());
    call_with(to, method, request).await
}

async fn call_with(
    to: &Transport,
    method: &MethodDescriptor,
    request: Request<DynamicMessage>,
) -> Result<DynamicMessage, Status> {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let mut grpc = Grpc::new(to.clone());
    grpc.ready().await?;
    let answer = grpc.unary(request, path.parse().unwrap(), Dynamic(method.output()));
    Ok(answer.await?.into_inner())
}

/// An amount of money.
pub(crate) const MONEY: &str = "strata.common.v1.Money";

/// A field somewhere in a request, by the way to it.
#[derive(Clone)]
pub(crate) struct Place(Vec<FieldDescriptor>);

impl Place {
    /// Every field of a message and of the messages in it.
    pub(crate) fn all(message: &MessageDescriptor) -> Vec<Self> {
        let mut places = Vec::new();
        for field in message.fields() {
            if let Kind::Message(inner) = field.kind() {
                let below = Self::all(&inner).into_iter();
                places.extend(below.map(|place| Self([vec![field.clone()], place.0].concat())));
            }
            places.push(Self(vec![field]));
        }
        places
    }

    /// The field itself.
    pub(crate) fn field(&self) -> &FieldDescriptor {
        self.0.last().unwrap()
    }

    /// The field that holds the message the field is in. None: the request itself does.
    pub(crate) fn holder(&self) -> Option<&FieldDescriptor> {
        self.0.iter().rev().nth(1)
    }

    /// As refusals name it: `lines[0].net.minor_units`.
    pub(crate) fn name(&self) -> String {
        name(&self.0)
    }

    /// Whether a refusal that names this field means the place. An amount may be refused as a whole.
    pub(crate) fn is_at(&self, named: &str) -> bool {
        let is_money = self.field().parent_message().full_name() == MONEY;
        named == self.name() || is_money && named == name(&self.0[..self.0.len() - 1])
    }

    /// A request in which nothing is said but this.
    pub(crate) fn request(&self, value: &Value) -> DynamicMessage {
        let mut value = value.clone();
        for field in self.0.iter().rev() {
            let mut message = DynamicMessage::new(field.parent_message().clone());
            let one = if field.is_list() { Value::List(vec![value]) } else { value };
            message.set_field(field, one);
            value = Value::Message(message);
        }
        let Value::Message(request) = value else {
            unreachable!("a place has a field")
        };
        request
    }
}

fn name(steps: &[FieldDescriptor]) -> String {
    let steps = steps.iter().map(|field| match field.is_list() {
        true => format!("{}[0]", field.name()),
        false => field.name().to_owned(),
    });
    steps.collect::<Vec<_>>().join(".")
}

/// The plain codec, for a message known by its descriptor only. It checks nothing: that is what is tested.
struct Dynamic(MessageDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Plain;
    type Decoder = Dynamic;

    fn encoder(&mut self) -> Plain {
        Plain
    }

    fn decoder(&mut self) -> Dynamic {
        Dynamic(self.0.clone())
    }
}

struct Plain;

impl Encoder for Plain {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, item: DynamicMessage, buf: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(buf).map_err(|cause| Status::internal(cause.to_string()))
    }
}

impl Decoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let decoded = DynamicMessage::decode(self.0.clone(), buf);
        decoded.map(Some).map_err(|cause| Status::internal(cause.to_string()))
    }
}

/// Sends bytes as a message, whatever they are, and looks at no answer.
#[derive(Clone, Copy)]
pub(crate) struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buf: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put_slice(buf, &item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, _: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        Ok(Some(()))
    }
}

/// How a call with these bytes ends. On the wire a call with one answer is a stream of one.
pub(crate) async fn send(to: &Transport, path: &str, request: Request<Vec<u8>>) -> Status {
    let mut grpc = Grpc::new(to.clone());
    grpc.ready().await.unwrap();
    let answer = grpc.server_streaming(request, path.parse().unwrap(), Raw).await;
    match answer {
        Ok(mut stream) => stream.get_mut().message().await.err().unwrap_or_else(|| Status::ok("")),
        Err(status) => status,
    }
}
