//! XML in and out: a small tree on top of the reader and writer.

use std::io::Cursor;

use quick_xml::escape::{partial_escape, resolve_predefined_entity};
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::{NsReader, Writer, XmlVersion};

/// Namespace of the vendor's elements.
pub(crate) const WORKDAY: &str = "urn:com.workday/bsvc";
/// Namespace of the envelope.
pub(crate) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Deepest nesting read, so that a body cannot exhaust the stack.
const MAX_DEPTH: usize = 60;

/// Whose element it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Workday,
    Soap,
    Other,
}

/// An element that was read.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) owner: Owner,
    /// Name without prefix.
    pub(crate) name: String,
    /// Attributes by name without prefix.
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

/// Reads a document. The error says what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Node, String> {
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Node> = Vec::new();
    let mut root: Option<Node> = None;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|e| e.to_string())?;
        match event {
            Event::Start(start) => {
                if open.len() == MAX_DEPTH {
                    return Err("elements are nested too deeply".to_owned());
                }
                open.push(node(&namespace, &start)?);
            }
            Event::Empty(start) => close(node(&namespace, &start)?, &mut open, &mut root)?,
            Event::End(_) => {
                // The reader itself refuses an end without its start.
                let done = open.pop().ok_or("an end tag closes nothing")?;
                close(done, &mut open, &mut root)?;
            }
            Event::Text(text) => add_text(&text.xml10_content(), &mut open)?,
            Event::CData(text) => add_text(&text.xml10_content(), &mut open)?,
            Event::GeneralRef(entity) => match entity.resolve_char_ref().map_err(|e| e.to_string())? {
                Some(c) => add_text(c.encode_utf8(&mut [0; 4]), &mut open)?,
                None => {
                    let value = resolve_predefined_entity(&entity).ok_or_else(|| format!("unknown entity {}", &*entity))?;
                    add_text(value, &mut open)?;
                }
            },
            Event::DocType(_) => return Err("a document type is not allowed".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    if !open.is_empty() {
        return Err("the document ends too early".to_owned());
    }
    root.ok_or_else(|| "there is no element".to_owned())
}

fn node(namespace: &ResolveResult<'_>, start: &BytesStart<'_>) -> Result<Node, String> {
    let owner = match namespace {
        ResolveResult::Bound(Namespace(WORKDAY)) => Owner::Workday,
        ResolveResult::Bound(Namespace(SOAP)) => Owner::Soap,
        ResolveResult::Bound(_) | ResolveResult::Unbound => Owner::Other,
        ResolveResult::Unknown(prefix) => return Err(format!("prefix {prefix} is not declared")),
    };
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| e.to_string())?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|e| e.to_string())?;
        check_characters(&value)?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Node {
        owner,
        name,
        attributes,
        text: String::new(),
        children: Vec::new(),
    })
}

fn close(done: Node, open: &mut [Node], root: &mut Option<Node>) -> Result<(), String> {
    match open.last_mut() {
        Some(parent) => parent.children.push(done),
        None if root.is_none() => *root = Some(done),
        None => return Err("there is more than one root element".to_owned()),
    }
    Ok(())
}

fn add_text(text: &str, open: &mut [Node]) -> Result<(), String> {
    check_characters(text)?;
    match open.last_mut() {
        Some(node) => node.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("text outside of the root element".to_owned()),
    }
    Ok(())
}

/// Control characters cannot be written in XML 1.0, so they must not come in by reference either.
fn check_characters(text: &str) -> Result<(), String> {
    let bad = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.contains(bad) {
        Err("a character that XML does not allow".to_owned())
    } else {
        Ok(())
    }
}

/// An element to be written.
#[derive(Clone, Debug)]
pub(crate) struct Out {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: String,
    children: Vec<Out>,
}

/// An element of this prefixed name.
pub(crate) fn el(name: &'static str) -> Out {
    Out {
        name,
        attributes: Vec::new(),
        text: String::new(),
        children: Vec::new(),
    }
}

/// An element with nothing but text in it.
pub(crate) fn leaf(name: &'static str, text: impl Into<String>) -> Out {
    Out {
        text: text.into(),
        ..el(name)
    }
}

impl Out {
    pub(crate) fn attr(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    pub(crate) fn with(mut self, child: Out) -> Self {
        self.children.push(child);
        self
    }

    pub(crate) fn with_all(mut self, children: impl IntoIterator<Item = Out>) -> Self {
        self.children.extend(children);
        self
    }

    /// The document with this element at its root.
    pub(crate) fn print(&self) -> std::io::Result<Vec<u8>> {
        let mut writer = Writer::new(Cursor::new(Vec::new()));
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        self.write(&mut writer)?;
        Ok(writer.into_inner().into_inner())
    }

    fn write(&self, writer: &mut Writer<Cursor<Vec<u8>>>) -> std::io::Result<()> {
        let mut start = BytesStart::new(self.name);
        for (name, value) in &self.attributes {
            // Pushing a pair of texts escapes the value.
            start.push_attribute((*name, value.as_str()));
        }
        if self.text.is_empty() && self.children.is_empty() {
            return writer.write_event(Event::Empty(start));
        }
        writer.write_event(Event::Start(start))?;
        writer.write_event(Event::Text(BytesText::from_escaped(partial_escape(&self.text))))?;
        for child in &self.children {
            child.write(writer)?;
        }
        writer.write_event(Event::End(BytesEnd::new(self.name)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_written_reads_back_whatever_it_holds() {
        let nasty = "<a> & \"b\" 'c' ]]> &amp; Zoë\u{1f600}";
        let out = el("wd:Root")
            .attr("xmlns:wd", WORKDAY)
            .attr("wd:Name", nasty)
            .with(leaf("wd:Text", nasty))
            .with(el("wd:None"));
        let bytes = out.print().unwrap();
        let node = parse(std::str::from_utf8(&bytes).unwrap()).unwrap();
        assert_eq!((node.owner, node.name.as_str()), (Owner::Workday, "Root"));
        assert!(node.attributes.contains(&("Name".to_owned(), nasty.to_owned())));
        assert_eq!(node.children[0].text, nasty);
        assert_eq!(node.children[1].name, "None");
    }

    #[test]
    fn any_prefix_will_do_and_references_are_resolved() {
        let node = parse("<x:A xmlns:x='urn:com.workday/bsvc' x:t='&lt;'>a&amp;&#x42;<![CDATA[<c>]]></x:A>").unwrap();
        assert_eq!((node.owner, node.text.as_str()), (Owner::Workday, "a&B<c>"));
        assert_eq!(node.attributes[1], ("t".to_owned(), "<".to_owned()));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(70), "</a>".repeat(70));
        for bad in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<x:a/>",
            "<a>&nope;</a>",
            "<a>&#1;</a>",
            "<a b='1' b='2'/>",
            "<!DOCTYPE a><a/>",
            &deep,
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
