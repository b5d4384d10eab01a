//! HTTP/2 written out frame by frame: what no client library would send.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// Error codes of HTTP/2.
pub(crate) const FLOW_CONTROL_ERROR: u32 = 3;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

/// One connection, as bytes.
pub(crate) struct Raw(TcpStream);

/// A frame that was read.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Raw {
    pub(crate) async fn open(running: &Running) -> Self {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        let mut raw = Self(stream);
        raw.send(SETTINGS, 0, 0, &[]).await;
        raw
    }

    /// Sends a frame. The server may have closed already: that is read, and not noticed here.
    pub(crate) async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.0.write_all(&frame).await.ok();
    }

    /// Begins a call that is not ended.
    pub(crate) async fn call(&mut self, stream: u32, path: &str, more: &[(&str, &str)]) {
        self.send(HEADERS, END_HEADERS, stream, &fields(path, more)).await;
    }

    /// The next frame. None: the connection was closed.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).await.ok()?;
        Some(Frame {
            kind: head[3],
            stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]),
            payload,
        })
    }

    /// The next frame of a kind.
    pub(crate) async fn next(&mut self, kind: u8) -> Frame {
        let read = async {
            loop {
                match self.frame().await {
                    Some(frame) if frame.kind == kind => return frame,
                    Some(_) => {}
                    None => panic!("the connection was closed without a frame of the kind {kind}"),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), read).await.unwrap()
    }

    /// Error code of the end of the connection, and what the server says of it.
    pub(crate) async fn ended(&mut self) -> (u32, String) {
        let frame = self.next(GOAWAY).await;
        (
            number(&frame.payload[4..8]),
            String::from_utf8_lossy(&frame.payload[8..]).into_owned(),
        )
    }
}

/// A number of four bytes.
pub(crate) fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

/// The fields of a gRPC call, none of them by reference to a table.
pub(crate) fn fields(path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let usual = usual(path);
    let mut block = Vec::new();
    for (name, value) in usual.iter().chain(more) {
        block.push(0);
        text(&mut block, name);
        text(&mut block, value);
    }
    block
}

fn usual(path: &str) -> [(&str, &str); 6] {
    [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "server"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ]
}

/// Size of the fields as HTTP/2 counts them: each has 32 bytes beside its own.
pub(crate) fn counted(path: &str, more: &[(&str, &str)]) -> usize {
    let all = usual(path);
    all.iter()
        .chain(more)
        .map(|(name, value)| name.len() + value.len() + 32)
        .sum()
}

fn text(block: &mut Vec<u8>, text: &str) {
    // An integer with a prefix of seven bits.
    let mut length = text.len();
    if length < 127 {
        block.push(length as u8);
    } else {
        block.push(127);
        length -= 127;
        while length >= 128 {
            block.push((length % 128 + 128) as u8);
            length /= 128;
        }
        block.push(length as u8);
    }
    block.extend(text.as_bytes());
}
