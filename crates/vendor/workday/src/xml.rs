//! A small tree of XML. Names are read without their prefix: which one a vendor picks says nothing.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// Deepest nesting read, so that an answer cannot exhaust the stack.
const MAX_DEPTH: usize = 60;

/// An element.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Without its prefix.
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Node>,
}

impl Node {
    /// First element at a path below this one: `Worker_Data/Worker_ID`.
    pub(crate) fn at(&self, path: &str) -> Option<&Node> {
        path.split('/')
            .try_fold(self, |node, name| node.children.iter().find(|child| child.name == name))
    }

    /// Children of a name.
    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = &Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Text at a path. Empty is as good as absent.
    pub(crate) fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).and_then(Node::text)
    }

    /// Text of the element itself.
    pub(crate) fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// An attribute, by its name without prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The id of a kind in a reference: `<wd:ID wd:type="WID">`.
    pub(crate) fn id(&self, kind: &str) -> Option<&str> {
        self.all("ID").find(|id| id.attribute("type") == Some(kind))?.text()
    }
}

/// Reads a document. The error says what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Node, String> {
    let mut reader = Reader::from_str(text);
    // The outermost entry collects the root element.
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().map_err(|cause| cause.to_string())? {
            Event::Start(start) if open.len() <= MAX_DEPTH => open.push(element(&start)?),
            Event::Start(_) => return Err("elements are nested too deeply".to_owned()),
            Event::Empty(start) => {
                let node = element(&start)?;
                parent(&mut open)?.children.push(node);
            }
            Event::End(_) => {
                let node = open.pop().ok_or("an end without a start")?;
                parent(&mut open)?.children.push(node);
            }
            Event::Text(text) => parent(&mut open)?.text.push_str(&text.xml10_content()),
            Event::CData(text) => parent(&mut open)?.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => {
                let node = parent(&mut open)?;
                match entity.resolve_char_ref().map_err(|cause| cause.to_string())? {
                    Some(letter) => node.text.push(letter),
                    None => node
                        .text
                        .push_str(resolve_predefined_entity(&entity).ok_or("an entity that is not declared")?),
                }
            }
            Event::DocType(_) => return Err("a document type is not expected".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    match (open.len(), open.pop().unwrap_or_default().children.pop()) {
        (1, Some(root)) => Ok(root),
        (1, None) => Err("there is no element".to_owned()),
        _ => Err("the document ends too early".to_owned()),
    }
}

fn parent(open: &mut [Node]) -> Result<&mut Node, String> {
    open.last_mut().ok_or_else(|| "an end without a start".to_owned())
}

fn element(start: &BytesStart<'_>) -> Result<Node, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|cause| cause.to_string())?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|cause| cause.to_string())?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    Ok(Node {
        name: start.local_name().as_ref().to_owned(),
        attributes,
        ..Node::default()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn any_prefix_will_do() {
        for text in [
            "<wd:A xmlns:wd='u'><wd:R><wd:ID wd:type='WID'>7&amp;8</wd:ID></wd:R></wd:A>",
            "<A xmlns='u'><R><ID type='WID'>7&#38;8</ID></R></A>",
            "<?xml version='1.0'?>\n<x:A xmlns:x='u'> <x:R><x:ID x:type='WID'><![CDATA[7&8]]></x:ID></x:R> </x:A>",
        ] {
            let root = parse(text).unwrap();
            assert_eq!(root.name, "A");
            assert_eq!(root.at("R").unwrap().id("WID"), Some("7&8"));
            assert_eq!(
                (root.text(), root.at("R/X"), root.at("R").unwrap().id("Other")),
                (None, None, None)
            );
        }
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(90), "</a>".repeat(90));
        for bad in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a>&nope;</a>",
            "<!DOCTYPE a><a/>",
            "</a>",
            deep.as_str(),
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
