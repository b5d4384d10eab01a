//! Changes of an answer.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::stream::{self, StreamExt};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use crate::LARGEST;
use crate::lane::Answer;

/// A text that only altered answers have. Nothing that an adapter says may hold it. It is no code: those of a vendor's documents are passed on.
pub(crate) const MARK: &str = "Zq7 Kanarië";
/// How deep nested things are nested.
const DEEP: usize = 10_000;
/// Stands for raw text in JSON that is being written.
const RAW: &str = "\u{e000}raw\u{e000}";

/// A change of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// The body ends early.
    Cut(Index),
    /// A byte is another one, often none of UTF-8.
    Byte(Index, u8),
    /// Nothing but the head.
    Empty,
    /// A page of a gateway, with the status as it was.
    Page,
    /// The whole body is another text.
    Whole(&'static str),
    /// Nothing but opening brackets.
    Brackets,
    /// Blanks before the body, or after it: more than is taken, or less.
    Blanks(usize, bool),
    /// It begins and does not go on.
    Stall(Index),
    /// The body comes under another name, or under none.
    ContentType(Option<&'static str>),
    /// Another status, with the body as it was, or with a complaint.
    Status(u16, bool),
    /// Something in the body is something else.
    Node(Index, Node),
}

/// What becomes of a member, an element or a text.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Null,
    Gone,
    /// Another type.
    Other(&'static str),
    /// In a list, or in an object.
    Wrapped(bool),
    /// A number that is none of ours.
    Huge(&'static str),
    /// It comes twice, the second time as something else.
    Twice(&'static str),
    Deep,
}

/// An altered answer, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Altered {
    pub(crate) status: Option<u16>,
    /// None: as it was. Some(None): none.
    pub(crate) content_type: Option<Option<String>>,
    pub(crate) body: Option<Vec<u8>>,
    /// Bytes after which nothing more comes, and the connection stays open.
    pub(crate) stall: Option<usize>,
}

/// Any change.
pub(crate) fn change() -> impl Strategy<Value = Change> {
    let others = select(vec!["true", "[]", "{}", "[[]]", "-1.5e3x", "\"\\ud800\""]);
    let huge = select(vec![
        "1e400",
        "-1e400",
        "1E+99999999999",
        "99999999999999999999999999999999999",
        "-0.00000000000000000000000000000000000001",
        "9223372036854775808",
        "1e-400",
        "NaN",
        "00012",
    ]);
    let statuses = select(vec![
        200_u16, 201, 202, 204, 206, 299, 300, 302, 304, 400, 401, 403, 404, 409, 410, 412, 415, 418, 422, 429, 500, 501, 502,
        503, 504, 599,
    ]);
    let node = prop_oneof![
        2 => Just(Node::Null),
        2 => Just(Node::Gone),
        2 => others.prop_map(Node::Other),
        1 => any::<bool>().prop_map(Node::Wrapped),
        2 => huge.prop_map(Node::Huge),
        1 => select(vec!["null", "[]", "true"]).prop_map(Node::Twice),
        1 => Just(Node::Deep),
    ];
    prop_oneof![
        120 => (any::<Index>(), node).prop_map(|(at, node)| Change::Node(at, node)),
        20 => any::<Index>().prop_map(Change::Cut),
        20 => (any::<Index>(), select(vec![0xff, 0xc0, 0x00, b'"', b'{', b']', b'<', b'&'])).prop_map(|(at, byte)| Change::Byte(at, byte)),
        4 => Just(Change::Empty),
        6 => Just(Change::Page),
        8 => select(vec!["null", "[]", "{}", "0", "true", "\"\"", "<a/>", "<a>", "<?xml version=\"1.0\"?>", "{\"records\":[]}"])
            .prop_map(Change::Whole),
        2 => Just(Change::Brackets),
        2 => (select(vec![1_000, LARGEST / 2, LARGEST + 100_000]), any::<bool>()).prop_map(|(many, before)| Change::Blanks(many, before)),
        1 => any::<Index>().prop_map(Change::Stall),
        6 => select(vec![None, Some("text/html"), Some("application/octet-stream"), Some("application/xml"), Some("\u{fc}")])
            .prop_map(Change::ContentType),
        10 => (statuses, any::<bool>()).prop_map(|(status, complains)| Change::Status(status, complains)),
    ]
}

impl Change {
    /// What is sent instead of the right answer.
    pub(crate) fn of(&self, right: &Answer) -> Altered {
        let mut altered = Altered {
            status: None,
            content_type: None,
            body: None,
            stall: None,
        };
        let old = &right.body;
        let at = |index: &Index| index.index(old.len().max(1)).min(old.len());
        match self {
            Self::Cut(index) => altered.body = Some(old[..at(index)].to_vec()),
            Self::Byte(index, byte) => {
                let mut body = old.clone();
                match body.get_mut(at(index)) {
                    Some(held) => *held = *byte,
                    None => body.push(*byte),
                }
                altered.body = Some(body);
            }
            Self::Empty => altered.body = Some(Vec::new()),
            Self::Page => {
                let page =
                    format!("<!DOCTYPE html><html><head><title>{MARK}</title></head><body><p>id 7 {MARK}<br></body></html>");
                altered.body = Some(page.into_bytes());
                altered.content_type = Some(Some("text/html".to_owned()));
            }
            Self::Whole(text) => altered.body = Some(text.as_bytes().to_vec()),
            Self::Brackets => altered.body = Some(vec![b'['; DEEP]),
            Self::Blanks(many, before) => {
                let blanks = vec![b' '; *many];
                altered.body = Some(if *before {
                    [blanks, old.clone()].concat()
                } else {
                    [old.clone(), blanks].concat()
                });
            }
            Self::Stall(index) => altered.stall = Some(at(index)),
            Self::ContentType(kind) => altered.content_type = Some(kind.map(str::to_owned)),
            Self::Status(status, complains) => {
                altered.status = Some(*status);
                if *complains {
                    let text = format!(
                        r#"[{{"errorCode":"{MARK}","message":"{MARK} {MARK}","fields":["{MARK}"],"errors":[{{"message":"{MARK}"}}],"o:errorDetails":[{{"detail":"{MARK}","o:errorCode":"{MARK}"}}]}}]"#
                    );
                    altered.body = Some(text.into_bytes());
                }
            }
            Self::Node(index, node) => altered.body = Some(within(old, index, node)),
        }
        altered
    }
}

impl Altered {
    pub(crate) fn response(&self, right: &Answer) -> Response {
        let mut response = Response::builder().status(self.status.unwrap_or(right.status));
        for (name, value) in &right.headers {
            if self.content_type.is_none() || name != "content-type" {
                response = response.header(name, value);
            }
        }
        if let Some(Some(kind)) = &self.content_type {
            response = response.header("content-type", kind.as_bytes());
        }
        let bytes = Bytes::from(self.body.clone().unwrap_or_else(|| right.body.clone()));
        let body = match self.stall {
            Some(after) => {
                let begun = stream::iter([Ok::<_, Infallible>(bytes.slice(..after.min(bytes.len())))]);
                Body::from_stream(begun.chain(stream::pending()))
            }
            None => Body::from(bytes),
        };
        response.body(body).unwrap()
    }
}

/// The body with something in it changed. What is neither JSON nor XML is cut in the middle.
fn within(body: &[u8], index: &Index, node: &Node) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).into_owned();
    if let Ok(mut value) = serde_json::from_str::<Value>(&text) {
        let count = places(&value);
        let mut at = index.index(count);
        return in_json(&mut value, &mut at, node).into_bytes();
    }
    let spans = elements(&text);
    if spans.is_empty() {
        return body[..body.len() / 2].to_vec();
    }
    in_xml(&text, &spans[index.index(spans.len())], node).into_bytes()
}

fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(places).sum(),
        Value::Object(members) => members.values().map(places).sum(),
        _ => 0,
    }
}

fn in_json(value: &mut Value, at: &mut usize, node: &Node) -> String {
    let mut raw = String::new();
    let mut gone = false;
    replace(value, at, node, &mut raw, &mut gone);
    let text = value.to_string();
    if let Node::Twice(second) = node {
        // "name": RAW becomes "name": first, "name": second.
        let marked = format!("\"{RAW}\"");
        let Some(place) = text.find(&marked) else { return text };
        let before = &text[..place];
        let name = before.trim_end_matches(':');
        let name = name.rfind(['{', ',']).map_or("", |from| name[from + 1..].trim());
        let twice = if before.ends_with(':') {
            format!("{raw},{name}:{second}")
        } else {
            format!("{raw},{second}")
        };
        return text.replacen(&marked, &twice, 1);
    }
    text.replacen(&format!("\"{RAW}\""), &raw, 1)
}

/// Puts a mark at the place, and says what stands for it. True: the member is to go.
fn replace(value: &mut Value, at: &mut usize, node: &Node, raw: &mut String, gone: &mut bool) {
    if *at == 0 {
        *at = usize::MAX;
        let old = value.to_string();
        *raw = match node {
            Node::Null => "null".to_owned(),
            Node::Gone => {
                *gone = true;
                "null".to_owned()
            }
            Node::Other(text) => (*text).to_owned(),
            Node::Wrapped(true) => format!("[{old}]"),
            Node::Wrapped(false) => format!("{{\"value\":{old},\"id\":{old}}}"),
            Node::Huge(text) => (*text).to_owned(),
            Node::Twice(_) => old,
            Node::Deep => format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP)),
        };
        *value = Value::String(RAW.to_owned());
        return;
    }
    if *at == usize::MAX {
        return;
    }
    *at -= 1;
    match value {
        Value::Array(list) => list.iter_mut().for_each(|below| replace(below, at, node, raw, gone)),
        Value::Object(members) => {
            let mut drop = None;
            for (name, below) in members.iter_mut() {
                replace(below, at, node, raw, gone);
                if *gone && below.as_str() == Some(RAW) {
                    drop = Some(name.clone());
                }
            }
            // An element of a list stays as null: a list that is one shorter is a right answer to another question.
            if let Some(name) = drop {
                members.remove(&name);
            }
        }
        _ => {}
    }
}

/// Elements with nothing but text in them: from the opening bracket to the end of the closing tag, and the name.
fn elements(text: &str) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find('<').map(|at| at + from) {
        from = open + 1;
        let Some(end) = text[open..].find('>').map(|at| at + open) else {
            break;
        };
        let name: String = text[open + 1..end]
            .chars()
            .take_while(|c| !c.is_whitespace() && *c != '/')
            .collect();
        let closing = format!("</{name}>");
        let Some(next) = text[end..].find('<').map(|at| at + end) else {
            break;
        };
        if !name.is_empty() && !name.starts_with(['?', '!']) && text[next..].starts_with(&closing) {
            found.push((open, next + closing.len(), name));
        }
    }
    found
}

fn in_xml(text: &str, (open, end, name): &(usize, usize, String), node: &Node) -> String {
    let element = &text[*open..*end];
    let head = element.find('>').map_or(0, |at| at + 1);
    let tail = element.rfind("</").unwrap_or(element.len());
    let said = |inner: &str| format!("{}{inner}{}", &element[..head], &element[tail..]);
    let new = match node {
        Node::Null => said(""),
        Node::Gone => String::new(),
        Node::Other(other) => said(&other.replace(['<', '&'], "")),
        Node::Wrapped(_) => format!("<{name}>{element}</{name}>"),
        Node::Huge(number) => said(number),
        Node::Twice(second) => format!("{element}{}", said(second)),
        Node::Deep => said(&format!("{}{}", "<a>".repeat(DEEP), "</a>".repeat(DEEP))),
    };
    format!("{}{new}{}", &text[..*open], &text[*end..])
}
