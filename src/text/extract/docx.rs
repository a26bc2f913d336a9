//! Word documents: paragraphs with their heading styles, lists with their numbers, tables row by row.

use std::collections::HashMap;

use super::blocks::Blocks;
use super::office_xml::{Archive, Node, attribute, read_xml, unreadable};
use super::{ExtractError, Extracted, Limits, language_of, title_of};
use crate::domain::vocabulary::Language;

pub(super) fn extract(bytes: &[u8], limits: &Limits) -> Result<Extracted, ExtractError> {
    let mut archive = Archive::open(bytes, limits)?;
    let styles = archive.read("word/styles.xml")?.map_or_else(|| Ok(Styles::default()), |xml| Styles::read(&xml, limits))?;
    let numbering = archive.read("word/numbering.xml")?.map_or_else(|| Ok(HashMap::new()), |xml| read_numbering(&xml, limits))?;
    let stated_title = archive.read("docProps/core.xml")?.map_or(Ok(None), |xml| read_title(&xml, limits))?;
    let body = archive.read("word/document.xml")?.ok_or_else(|| unreadable("it has no text part"))?;
    let mut document = Document::new(&styles, &numbering);
    read_xml(&body, limits, |node| {
        document.node(node);
        if document.blocks.len() > limits.max_text_bytes {
            return Err(ExtractError::TooLarge { what: "bytes of text", limit: limits.max_text_bytes });
        }
        Ok(())
    })?;
    let title = stated_title.or(document.title);
    Ok(Extracted { title, text: document.blocks.finish(), language: styles.language, ..Extracted::default() })
}

fn read_title(xml: &str, limits: &Limits) -> Result<Option<String>, ExtractError> {
    let (mut inside, mut title) = (false, String::new());
    read_xml(xml, limits, |node| {
        match node {
            Node::Open(element) => inside = element.local_name().as_ref() == "title",
            Node::Close(_) => inside = false,
            Node::Text(text) if inside => title.push_str(&text),
            Node::Text(_) => {}
        }
        Ok(())
    })?;
    Ok(title_of(&title))
}

/// What a paragraph style says.
#[derive(Debug, Clone, Default)]
struct Style {
    heading: Option<usize>,
    is_title: bool,
    list: Option<(String, usize)>,
    based_on: Option<String>,
}

#[derive(Debug, Default)]
struct Styles {
    by_id: HashMap<String, Style>,
    language: Option<Language>,
}

impl Styles {
    fn read(xml: &str, limits: &Limits) -> Result<Self, ExtractError> {
        let mut styles = Self::default();
        let mut current: Option<(String, Style)> = None;
        read_xml(xml, limits, |node| {
            let element = match node {
                Node::Open(element) => element,
                Node::Close(name) => {
                    if name == "style"
                        && let Some((id, style)) = current.take()
                    {
                        styles.by_id.insert(id, style);
                    }
                    return Ok(());
                }
                Node::Text(_) => return Ok(()),
            };
            let value = || attribute(&element, "val");
            match (element.local_name().as_ref(), &mut current) {
                ("style", _) => current = attribute(&element, "styleId").map(|id| (id, Style::default())),
                ("lang", None) => styles.language = styles.language.or_else(|| value().as_deref().and_then(language_of)),
                ("lang", Some((id, _))) if matches!(id.as_str(), "Normal" | "Standard") => {
                    styles.language = value().as_deref().and_then(language_of).or(styles.language);
                }
                ("name", Some((_, style))) => {
                    let name = value().unwrap_or_default().to_lowercase();
                    style.is_title = name == "title";
                    let level = name.strip_prefix("heading ").and_then(|level| level.trim().parse().ok());
                    style.heading = style.heading.or(level.filter(|level| (1..=9).contains(level)));
                }
                ("basedOn", Some((_, style))) => style.based_on = value(),
                ("outlineLvl", Some((_, style))) => {
                    let level = value().and_then(|level| level.parse::<usize>().ok()).filter(|level| *level < 9);
                    style.heading = style.heading.or(level.map(|level| level + 1));
                }
                ("numId", Some((_, style))) => style.list = value().map(|id| (id, style.list.as_ref().map_or(0, |(_, level)| *level))),
                ("ilvl", Some((_, style))) => {
                    let level = value().and_then(|level| level.parse().ok()).unwrap_or(0);
                    style.list = Some((style.list.take().map(|(id, _)| id).unwrap_or_default(), level));
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(styles)
    }

    /// A style with what it inherits.
    fn resolved(&self, id: &str) -> Style {
        let mut style = self.by_id.get(id).cloned().unwrap_or_default();
        let mut parent = style.based_on.clone();
        for _ in 0..10 {
            let Some(above) = parent.as_ref().and_then(|id| self.by_id.get(id)) else { break };
            style.heading = style.heading.or(above.heading);
            style.list = style.list.or_else(|| above.list.clone());
            parent.clone_from(&above.based_on);
        }
        style
    }
}

/// Whether the levels of each list are numbered (`true`) or have bullets.
type Numbering = HashMap<String, Vec<bool>>;

fn read_numbering(xml: &str, limits: &Limits) -> Result<Numbering, ExtractError> {
    let mut abstracts: HashMap<String, Vec<bool>> = HashMap::new();
    let mut numbering: Numbering = HashMap::new();
    let (mut current_abstract, mut current_list, mut level) = (String::new(), String::new(), 0_usize);
    read_xml(xml, limits, |node| {
        let Node::Open(element) = node else { return Ok(()) };
        match element.local_name().as_ref() {
            "abstractNum" => current_abstract = attribute(&element, "abstractNumId").unwrap_or_default(),
            "lvl" => level = attribute(&element, "ilvl").and_then(|level| level.parse().ok()).unwrap_or(0).min(9),
            "numFmt" => {
                let ordered = attribute(&element, "val").is_some_and(|format| !matches!(format.as_str(), "bullet" | "none"));
                let levels = abstracts.entry(current_abstract.clone()).or_default();
                if levels.len() <= level {
                    levels.resize(level + 1, false);
                }
                levels[level] = ordered;
            }
            "num" => current_list = attribute(&element, "numId").unwrap_or_default(),
            "abstractNumId" => {
                let levels = attribute(&element, "val").and_then(|id| abstracts.get(&id)).cloned().unwrap_or_default();
                numbering.insert(current_list.clone(), levels);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(numbering)
}

/// The paragraph that is being read.
#[derive(Default)]
struct Paragraph {
    words: String,
    style: Option<String>,
    list: Option<String>,
    level: Option<usize>,
    outline: Option<usize>,
}

struct Document<'a> {
    styles: &'a Styles,
    numbering: &'a Numbering,
    blocks: Blocks,
    title: Option<String>,
    /// Whether a title stood above, so that headings begin one level lower.
    has_title: bool,
    paragraph: Paragraph,
    in_text: bool,
    /// How deep inside an element whose text isn't shown: deleted text, field codes, fallbacks.
    skipped: usize,
    /// Rows of the open tables, outermost first: only the outermost are written.
    tables: usize,
    cells: Vec<String>,
    counters: HashMap<(String, usize), usize>,
}

const SKIPPED: &[&str] = &["del", "moveFrom", "Fallback", "instrText", "delText", "pict", "rPrChange", "pPrChange"];

impl<'a> Document<'a> {
    fn new(styles: &'a Styles, numbering: &'a Numbering) -> Self {
        Self {
            styles,
            numbering,
            blocks: Blocks::default(),
            title: None,
            has_title: false,
            paragraph: Paragraph::default(),
            in_text: false,
            skipped: 0,
            tables: 0,
            cells: Vec::new(),
            counters: HashMap::new(),
        }
    }

    fn node(&mut self, node: Node<'_>) {
        match node {
            Node::Open(element) => {
                let name = element.local_name();
                if self.skipped > 0 || SKIPPED.contains(&name.as_ref()) {
                    self.skipped += 1;
                    return;
                }
                let value = || attribute(&element, "val");
                match name.as_ref() {
                    "t" => self.in_text = true,
                    "tab" | "br" | "cr" => self.paragraph.words.push(' '),
                    "noBreakHyphen" => self.paragraph.words.push('-'),
                    "pStyle" => self.paragraph.style = value(),
                    "numId" => self.paragraph.list = value(),
                    "ilvl" => self.paragraph.level = value().and_then(|level| level.parse().ok()),
                    "outlineLvl" => self.paragraph.outline = value().and_then(|level| level.parse().ok()),
                    "tbl" => {
                        self.tables += 1;
                        if self.tables == 1 {
                            self.blocks.end_group();
                        }
                    }
                    "tc" if self.tables == 1 => self.cells.push(String::new()),
                    _ => {}
                }
            }
            Node::Close(_) if self.skipped > 0 => self.skipped -= 1,
            Node::Close(name) => match name.as_str() {
                "t" => self.in_text = false,
                "p" => self.end_paragraph(),
                "tr" if self.tables == 1 => self.blocks.row(&std::mem::take(&mut self.cells)),
                "tbl" => {
                    self.tables = self.tables.saturating_sub(1);
                    if self.tables == 0 {
                        self.blocks.end_group();
                    }
                }
                _ => {}
            },
            Node::Text(text) if self.in_text && self.skipped == 0 => self.paragraph.words.push_str(&text),
            Node::Text(_) => {}
        }
    }

    fn end_paragraph(&mut self) {
        let Paragraph { words, style, list, level, outline } = std::mem::take(&mut self.paragraph);
        if let Some(cell) = self.cells.last_mut().filter(|_| self.tables > 0) {
            cell.push(' ');
            cell.push_str(&words);
            return;
        }
        if words.trim().is_empty() {
            return;
        }
        let style = style.map(|id| self.styles.resolved(&id)).unwrap_or_default();
        let heading = outline.filter(|level| *level < 9).map(|level| level + 1).or(style.heading);
        if style.is_title || heading == Some(1) {
            self.title = self.title.take().or_else(|| title_of(&words));
        }
        if style.is_title {
            self.has_title = true;
            self.blocks.heading(1, &words);
            return;
        }
        if let Some(level) = heading {
            self.blocks.heading(level + usize::from(self.has_title), &words);
            return;
        }
        let inherited = style.list.unwrap_or_default();
        let id = list.unwrap_or(inherited.0);
        if id.is_empty() || id == "0" {
            self.blocks.paragraph(&words);
            return;
        }
        let level = level.unwrap_or(inherited.1).min(9);
        let ordered = self.numbering.get(&id).and_then(|levels| levels.get(level)).copied().unwrap_or(false);
        let number = ordered.then(|| self.next_number(id, level));
        self.blocks.item(level, number, &words);
    }

    fn next_number(&mut self, id: String, level: usize) -> usize {
        self.counters.retain(|(of, deeper), _| *of != id || *deeper <= level);
        let counter = self.counters.entry((id, level)).or_insert(0);
        *counter += 1;
        *counter
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn document(body: &str) -> String {
        format!(r#"<?xml version="1.0"?><w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#)
    }

    const STYLES: &str = r#"<w:styles xmlns:w="w"><w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="fr-FR"/></w:rPr></w:rPrDefault></w:docDefaults>
        <w:style w:styleId="Titre1"><w:name w:val="heading 1"/></w:style><w:style w:styleId="Mine"><w:name w:val="mine"/><w:basedOn w:val="Titre2"/></w:style>
        <w:style w:styleId="Titre2"><w:name w:val="Heading 2"/></w:style></w:styles>"#;
    const NUMBERING: &str = r#"<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num></w:numbering>"#;

    #[test]
    fn headings_lists_and_tables_are_kept_and_deleted_text_is_not() {
        let item = |level: usize, words: &str| {
            format!(
                r#"<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"#
            )
        };
        let body = document(&format!(
            r#"<w:p><w:pPr><w:pStyle w:val="Titre1"/></w:pPr><w:r><w:t>Rembourser &amp; rendre</w:t></w:r></w:p>
            <w:p><w:r><w:t xml:space="preserve">Un </w:t></w:r><w:del><w:r><w:delText>vieux</w:delText></w:r></w:del><w:ins><w:r><w:t>texte&#160;neuf</w:t></w:r></w:ins></w:p>
            {}{}{}<w:p><w:pPr><w:pStyle w:val="Mine"/></w:pPr><w:r><w:t>Prix</w:t></w:r></w:p>
            <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Pays</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Prix</w:t></w:r></w:p></w:tc></w:tr>
            <w:tr><w:tc><w:p><w:r><w:t>France</w:t></w:r></w:p><w:p><w:r><w:t>Belgique</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"#,
            item(0, "ouvrir"),
            item(1, "vite"),
            item(0, "rendre"),
        ));
        let bytes = archive(&[
            ("word/document.xml", body.as_bytes()),
            ("word/styles.xml", STYLES.as_bytes()),
            ("word/numbering.xml", NUMBERING.as_bytes()),
        ]);
        let found = extract(&bytes, &Limits::default()).unwrap();
        assert_eq!(found.title.as_deref(), Some("Rembourser & rendre"));
        assert_eq!(found.language, Some(Language::FRENCH));
        assert_eq!(
            found.text,
            "# Rembourser & rendre\n\nUn texte neuf\n\n1. ouvrir\n  - vite\n2. rendre\n\n## Prix\n\nPays | Prix\nFrance Belgique |"
        );
    }

    #[test]
    fn a_bomb_is_stopped_while_it_unpacks() {
        let bytes = archive(&[("word/document.xml", &vec![b' '; 300 << 20])]);
        assert!(bytes.len() < 1 << 20);
        assert_eq!(extract(&bytes, &Limits::default()), Err(ExtractError::Bomb));
    }

    #[test]
    fn too_many_entries_deep_xml_and_document_types_are_refused() {
        let names: Vec<String> = (0..20).map(|n| format!("e{n}")).collect();
        let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"" as &[u8])).collect();
        let limits = Limits { max_entries: 10, ..Limits::default() };
        assert_eq!(extract(&archive(&entries), &limits), Err(ExtractError::TooLarge { what: "entries", limit: 10 }));
        let deep = document(&"<w:x>".repeat(100_000));
        assert_eq!(extract(&archive(&[("word/document.xml", deep.as_bytes())]), &limits), Err(ExtractError::TooDeep { limit: 1_000 }));
        let laughs = r#"<!DOCTYPE x [<!ENTITY a "ha">]><w:document><w:t>&a;</w:t></w:document>"#;
        assert!(matches!(extract(&archive(&[("word/document.xml", laughs.as_bytes())]), &limits), Err(ExtractError::Unreadable { .. })));
    }

    #[test]
    fn other_archives_and_protected_documents_are_named() {
        assert!(matches!(extract(b"PK\x03\x04nonsense", &Limits::default()), Err(ExtractError::Unreadable { .. })));
        assert!(matches!(extract(&archive(&[("a", b"b")]), &Limits::default()), Err(ExtractError::Unreadable { .. })));
        assert_eq!(extract(b"\xD0\xCF\x11\xE0....", &Limits::default()), Err(ExtractError::Encrypted));
    }
}
