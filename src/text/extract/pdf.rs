//! PDF: every letter with its place and size, handed to the layout, which makes lines, headings and paragraphs of them.
//!
//! The parser underneath panics on odd files, which is caught, and may exhaust the stack on hostile ones, which can't be: callers run
//! this in a child process.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document, Error, MediaBox, Object, OutputDev, OutputError, Transform, output_doc};

use super::pdf_layout::{Glyph, Page, Written, write};
use super::{ExtractError, Extracted, Format, Limits, language_of, title_of};
use crate::domain::vocabulary::Language;

fn unreadable(detail: &str) -> ExtractError {
    ExtractError::Unreadable { format: Format::Pdf, detail: detail.to_owned() }
}

pub(super) fn extract(bytes: &[u8], limits: &Limits) -> Result<Extracted, ExtractError> {
    catch_unwind(AssertUnwindSafe(|| read(bytes, limits)))
        .unwrap_or_else(|_| Err(unreadable("one of its parts breaks the rules of the format")))
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Extracted, ExtractError> {
    let mut document = Document::load_mem(bytes).map_err(|error| describe(&error))?;
    if document.is_encrypted() {
        document.decrypt("").map_err(|_| ExtractError::Encrypted)?;
    }
    let pages = document.get_pages().len();
    if pages == 0 {
        return Err(unreadable("it has no pages"));
    }
    if pages > limits.max_pages {
        return Err(ExtractError::TooLarge { what: "pages", limit: limits.max_pages });
    }
    let mut collector = Collector { pages: Vec::new(), left: limits.max_text_bytes };
    match output_doc(&document, &mut collector) {
        Ok(()) => {}
        Err(OutputError::FormatError(_)) => return Err(ExtractError::TooLarge { what: "bytes of text", limit: limits.max_text_bytes }),
        Err(OutputError::PdfError(error)) => return Err(describe(&error)),
        Err(OutputError::IoError(_)) => return Err(unreadable("one of its streams ends too early")),
    }
    let Written { text, first_heading, pages } = write(&collector.pages);
    if text.is_empty() {
        return Err(ExtractError::NoText(Format::Pdf));
    }
    let title = stated_title(&document).or_else(|| first_heading.as_deref().and_then(title_of));
    Ok(Extracted { title, text, language: stated_language(&document), pages, ..Extracted::default() })
}

fn describe(error: &Error) -> ExtractError {
    if matches!(error, Error::InvalidPassword | Error::Decryption(_) | Error::UnsupportedSecurityHandler(_)) {
        return ExtractError::Encrypted;
    }
    unreadable("its structure is damaged")
}

fn words_of(object: &Object) -> Option<String> {
    let Object::String(bytes, _) = object else { return None };
    match bytes.strip_prefix(b"\xFE\xFF") {
        Some(wide) => {
            let units: Vec<u16> = wide.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            Some(String::from_utf16_lossy(&units))
        }
        None => Some(super::plain::decode(bytes, false)),
    }
}

/// The title in the document's own data, unless it is what a program put there.
fn stated_title(document: &Document) -> Option<String> {
    let info = document.trailer.get(b"Info").ok()?;
    let (_, info) = document.dereference(info).ok()?;
    let title = words_of(info.as_dict().ok()?.get(b"Title").ok()?).and_then(|title| title_of(&title))?;
    let low = title.to_lowercase();
    let by_program = low.starts_with("microsoft ")
        || low.starts_with("untitled")
        || low.starts_with("sans titre")
        || [".doc", ".docx", ".odt", ".pdf"].iter().any(|end| low.ends_with(end));
    (!by_program).then_some(title)
}

fn stated_language(document: &Document) -> Option<Language> {
    words_of(document.catalog().ok()?.get(b"Lang").ok()?).as_deref().and_then(language_of)
}

/// Takes the letters as they are drawn.
struct Collector {
    pages: Vec<Page>,
    /// How many bytes of text may still come.
    left: usize,
}

impl OutputDev for Collector {
    fn begin_page(&mut self, _number: u32, media_box: &MediaBox, _art_box: Option<(f64, f64, f64, f64)>) -> Result<(), OutputError> {
        self.pages.push(Page { top: media_box.ury, bottom: media_box.lly, glyphs: Vec::new() });
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(&mut self, place: &Transform, width: f64, _spacing: f64, font_size: f64, text: &str) -> Result<(), OutputError> {
        // The length of the transformed unit vector upwards is the size that a reader sees.
        let size = font_size.abs() * place.m21.hypot(place.m22);
        let advance = width * font_size * place.m11.hypot(place.m12);
        self.left = self.left.checked_sub(text.len()).ok_or(OutputError::FormatError(std::fmt::Error))?;
        if let Some(page) = self.pages.last_mut().filter(|_| [place.m31, place.m32, size, advance].iter().all(|number| number.is_finite()))
        {
            page.glyphs.push(Glyph { x: place.m31, y: place.m32, size, advance, text: text.to_owned() });
        }
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}
