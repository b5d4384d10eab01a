//! SOAP envelopes, written and read as far as HR needs them.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};

/// An element to write.
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: String,
    children: Vec<Element>,
}

/// An element with children.
pub(super) fn el<const N: usize>(name: &'static str, children: [Element; N]) -> Element {
    Element {
        name,
        attributes: Vec::new(),
        text: String::new(),
        children: children.into_iter().collect(),
    }
}

/// An element with text.
pub(super) fn leaf(name: &'static str, text: impl ToString) -> Element {
    Element {
        text: text.to_string(),
        ..el(name, [])
    }
}

/// A reference: an element that holds an id of a kind.
pub(super) fn reference(name: &'static str, kind: &str, id: &str) -> Element {
    let id = Element {
        attributes: vec![("type", kind.to_owned())],
        ..leaf("ID", id)
    };
    el(name, [id])
}

/// The envelope around a request.
pub(super) fn envelope(request: &Element) -> String {
    let mut out = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>"#,
    );
    print(request, r#" xmlns:wd="urn:com.workday/bsvc" wd:version="v44.0""#, &mut out);
    out.push_str("</env:Body></env:Envelope>");
    out
}

fn print(element: &Element, more: &str, out: &mut String) {
    let name = element.name;
    out.push_str(&format!("<wd:{name}{more}"));
    for (attribute, value) in &element.attributes {
        out.push_str(&format!(" wd:{attribute}=\"{}\"", escape(value.as_str())));
    }
    out.push('>');
    out.push_str(&escape(element.text.as_str()));
    for child in &element.children {
        print(child, "", out);
    }
    out.push_str(&format!("</wd:{name}>"));
}

/// A text read from an answer: the local names on the way to it, the `type` attribute of its element, and the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    path: Vec<String>,
    kind: String,
    pub(super) text: String,
}

impl Found {
    /// Whether the way to the text ends with these names.
    pub(super) fn ends(&self, names: &[&str]) -> bool {
        self.path.len() >= names.len() && self.path[self.path.len() - names.len()..].iter().eq(names.iter())
    }

    /// Whether it is an id of this kind.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }
}

/// Every text of an answer, in order.
pub(super) fn texts(xml: &str) -> Result<Vec<Found>, quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    let (mut path, mut kinds, mut found) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                path.push(local(&start));
                kinds.push(kind(&start));
            }
            Event::End(_) => {
                path.pop();
                kinds.pop();
            }
            Event::Text(text) => {
                let text = text.xml10_content().trim().to_owned();
                if !text.is_empty() {
                    found.push(Found {
                        path: path.clone(),
                        kind: kinds.last().cloned().unwrap_or_default(),
                        text,
                    });
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

fn local(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_owned()
}

fn kind(start: &BytesStart<'_>) -> String {
    let attribute = start.attributes().flatten().find(|a| a.key.local_name().as_ref() == "type");
    attribute.map_or_else(String::new, |a| a.value.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let request = el(
            "Get_Workers_Request",
            [reference("Worker_Reference", "Employee_ID", "EM-1"), leaf("Count", 3)],
        );
        let found = texts(&envelope(&request)).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].ends(&["Worker_Reference", "ID"]) && found[0].is("Employee_ID"));
        assert_eq!(found[1].text, "3");
    }
}
