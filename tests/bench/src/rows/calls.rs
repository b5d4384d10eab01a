//! A call through every layer, beside tonic alone.

use std::sync::Arc;

use anyhow::Result;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};

use crate::child::Server;
use crate::field::Field;
use crate::load::Shot;
use crate::record;
use crate::rounds::{Contestant, Measured, run};
use crate::row::{Row, Value};
use crate::serve::{ask, token};

/// Calls that share a connection, in every row: well below what a server lets one have.
const PER_CONNECTION: usize = 32;

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    let (bare, governed) = (Server::start(&["bare"])?, field.governed(&[])?);
    let mut rows = Vec::new();
    for in_flight in [1, 32, 128] {
        let [bare, governed] = run(
            [
                contestant("bare", &bare, in_flight)?,
                contestant("governed", &governed, in_flight)?,
            ],
            field.effort,
        )
        .await?;
        rows.push(Row {
            id: format!("call, {in_flight} in flight"),
            what: "a unary call through token, scope, rate class, deadline, validation, redaction and a trace of which every tenth is \
                   exported"
                .to_owned(),
            bound: "the same message through tonic alone".to_owned(),
            values: vec![
                Value::told("bound", "/s", bare.rate()),
                Value::told("ours", "/s", governed.rate()),
                Value::at_least("of its calls/s", "x", Measured::ratio(&governed.rate, &bare.rate), 0.80),
                Value::at_most("of its p99", "x", Measured::ratio(&governed.p99, &bare.p99), 1.5),
            ],
        });
    }
    Ok(rows)
}

/// A caller of a server, bare or governed: the same client, the same metadata.
pub(crate) fn contestant(name: &'static str, server: &Server, in_flight: usize) -> Result<Contestant> {
    Ok(Contestant {
        name,
        shot: shot(server.address(), in_flight)?,
        in_flight,
    })
}

fn shot(address: &str, in_flight: usize) -> Result<Shot> {
    let channels: Vec<Channel> = (0..in_flight.div_ceil(PER_CONNECTION))
        .map(|_| {
            Ok(Endpoint::from_shared(format!("http://{address}"))?
                .tcp_nodelay(true)
                .connect_lazy())
        })
        .collect::<Result<_>>()?;
    let token: MetadataValue<Ascii> = format!("Bearer {}", token("reader")?).parse()?;
    Ok(Arc::new(move |caller, number| {
        let (channel, token) = (channels[caller % channels.len()].clone(), token.clone());
        Box::pin(async move {
            let message = record::request(caller, number);
            let sent = message.cursor.clone();
            let mut request = Request::new(message);
            request.metadata_mut().insert("authorization", token);
            let answer = ask(channel, request).await?;
            record::check(&sent, answer.get_ref())
        })
    }))
}
