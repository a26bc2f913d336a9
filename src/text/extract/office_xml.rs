//! The parts of an office file: unpacked within limits, and read as XML without document types.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{ExtractError, Format, Limits, plain};

/// Below this size an entry may grow by any ratio.
const RATIO_FROM_BYTES: usize = 1 << 20;

/// An open archive that counts what it really unpacks.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    limits: Limits,
    inflated: usize,
}

pub(super) fn unreadable(detail: &str) -> ExtractError {
    ExtractError::Unreadable { format: Format::Docx, detail: detail.to_owned() }
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, ExtractError> {
        if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
            // A protected document is wrapped into the older container; so is a `.doc` under a wrong name.
            return Err(ExtractError::Encrypted);
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable("it is no archive"))?;
        if zip.len() > limits.max_entries {
            return Err(ExtractError::TooLarge { what: "entries", limit: limits.max_entries });
        }
        Ok(Self { zip, limits: *limits, inflated: 0 })
    }

    /// Unpacks one entry; `None` when it isn't there.
    pub(super) fn read(&mut self, name: &str) -> Result<Option<String>, ExtractError> {
        let mut file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(reason)) if reason == ZipError::PASSWORD_REQUIRED => return Err(ExtractError::Encrypted),
            Err(_) => return Err(unreadable("one of its parts can't be unpacked")),
        };
        let packed = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX).max(1);
        let left = self.limits.max_inflated_bytes.saturating_sub(self.inflated);
        let by_ratio = packed.saturating_mul(self.limits.max_ratio).max(RATIO_FROM_BYTES);
        let allowed = left.min(by_ratio);
        let mut bytes = Vec::new();
        let limited = u64::try_from(allowed).unwrap_or(u64::MAX).saturating_add(1);
        file.by_ref().take(limited).read_to_end(&mut bytes).map_err(|_| unreadable("one of its parts is damaged"))?;
        if bytes.len() > allowed {
            return Err(ExtractError::Bomb);
        }
        self.inflated += bytes.len();
        Ok(Some(plain::decode(&bytes, false)))
    }
}

/// What happens in an XML document, with prefixes cut off the names.
pub(super) enum Node<'a> {
    Open(BytesStart<'a>),
    Close(String),
    Text(String),
}

/// Reads XML event by event; empty elements open and close. Document types and deep nesting are errors.
pub(super) fn read_xml(xml: &str, limits: &Limits, mut on: impl FnMut(Node<'_>) -> Result<(), ExtractError>) -> Result<(), ExtractError> {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0;
    loop {
        match reader.read_event().map_err(|_| unreadable("one of its parts is no well-formed XML"))? {
            Event::Start(element) => {
                depth += 1;
                if depth > limits.max_depth {
                    return Err(ExtractError::TooDeep { limit: limits.max_depth });
                }
                on(Node::Open(element))?;
            }
            Event::Empty(element) => {
                let name = element.local_name().as_ref().to_owned();
                on(Node::Open(element))?;
                on(Node::Close(name))?;
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                on(Node::Close(element.local_name().as_ref().to_owned()))?;
            }
            Event::Text(text) => on(Node::Text(text.xml10_content().into_owned()))?,
            Event::CData(text) => on(Node::Text(text.xml10_content().into_owned()))?,
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    Ok(None) | Err(_) => quick_xml::escape::resolve_predefined_entity(&reference).unwrap_or_default().to_owned(),
                };
                on(Node::Text(resolved))?;
            }
            Event::DocType(_) => return Err(unreadable("it declares a document type, which documents of this format never do")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return Ok(()),
        }
    }
}

/// The value of the attribute with this local name.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element.attributes().with_checks(false).filter_map(Result::ok).find(|attribute| attribute.key.local_name().as_ref() == name).map(
        |attribute| {
            quick_xml::escape::unescape(&attribute.value).map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned)
        },
    )
}
