//! Texts that people wrote, made ready for the page: quoted parts set apart, cited spans marked.

use std::ops::Range;

/// A text in blocks, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) blocks: Vec<Block>,
}

/// A stretch of whole lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// Why it is shown on demand only, if it is.
    pub(super) fold: Option<Fold>,
    pub(super) pieces: Vec<Piece>,
}

/// Why a stretch is folded away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// It repeats an earlier message.
    Quoted,
    /// It says who wrote.
    Signature,
}

/// A stretch of text that is cited as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// The anchor that citations jump to.
    pub(super) anchor: Option<String>,
}

/// The anchor of a cited span.
pub(super) fn anchor(prefix: &str, span: &Range<usize>) -> String {
    format!("{prefix}-at-{}", span.start)
}

/// Sorts spans and joins those that overlap.
pub(super) fn joined(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_by_key(|span| (span.start, span.end));
    spans.into_iter().fold(Vec::new(), |mut joined: Vec<Range<usize>>, span| {
        match joined.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
        joined
    })
}

impl Body {
    /// Cuts a text into blocks and marks `spans`, which are sorted, apart from each other and on character borders.
    pub(super) fn new(text: &str, prefix: &str, spans: &[Range<usize>]) -> Self {
        let mut stretches = folds(text);
        if stretches.iter().all(|(_, fold)| fold.is_some()) {
            // Folding everything would leave the reader with nothing.
            stretches = vec![(0..text.len(), None)];
        }
        let mut anchored = Vec::new();
        let blocks = stretches
            .into_iter()
            .map(|(range, fold)| Block { fold, pieces: pieces(text, trimmed(text, range), prefix, spans, &mut anchored) })
            .filter(|block| !block.pieces.is_empty())
            .collect();
        Self { blocks }
    }
}

/// A range without the blank lines around its text.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + (inner.len() - inner.trim_start_matches(['\r', '\n']).len());
    let end = range.start + inner.trim_end().len();
    start.min(end)..end
}

fn pieces(text: &str, range: Range<usize>, prefix: &str, spans: &[Range<usize>], anchored: &mut Vec<usize>) -> Vec<Piece> {
    let mut made = Vec::new();
    let mut at = range.start;
    for span in spans.iter().filter(|span| span.start < range.end && span.end > range.start) {
        let (from, to) = (span.start.max(range.start), span.end.min(range.end));
        if at < from {
            made.push(Piece { text: text[at..from].to_owned(), anchor: None });
        }
        // A span that runs over two blocks is anchored in the first only: an id stands once on a page.
        let first = !anchored.contains(&span.start);
        anchored.push(span.start);
        made.push(Piece { text: text[from..to].to_owned(), anchor: first.then(|| anchor(prefix, span)) });
        at = to;
    }
    if at < range.end {
        made.push(Piece { text: text[at..range.end].to_owned(), anchor: None });
    }
    made
}

/// Whole lines in stretches, each folded or not.
fn folds(text: &str) -> Vec<(Range<usize>, Option<Fold>)> {
    let mut stretches: Vec<(Range<usize>, Option<Fold>)> = Vec::new();
    let mut at = 0;
    let mut to_the_end = None;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for (number, line) in lines.iter().enumerate() {
        let bare = line.trim();
        let opens = opens_quote(bare);
        let next_is_quoted =
            lines[number + 1..].iter().map(|line| line.trim()).find(|line| !line.is_empty()).is_some_and(|line| line.starts_with('>'));
        if starts_forward(bare) || (opens && !next_is_quoted) {
            to_the_end = Some(Fold::Quoted);
        } else if to_the_end.is_none() && bare == "--" {
            to_the_end = Some(Fold::Signature);
        }
        let between = bare.is_empty() && next_is_quoted && stretches.last().is_some_and(|(_, fold)| fold.is_some());
        let quoted = bare.starts_with('>') || (opens && next_is_quoted) || between;
        let fold = to_the_end.or(quoted.then_some(Fold::Quoted));
        let range = at..at + line.len();
        at = range.end;
        match stretches.last_mut() {
            Some((last, same)) if *same == fold => last.end = range.end,
            _ => stretches.push((range, fold)),
        }
    }
    stretches
}

/// Whether the line is one such as "On Monday, Ana wrote:", in the languages that mail programs commonly use.
fn opens_quote(line: &str) -> bool {
    const SAYS: [(&str, &str); 5] =
        [("On ", "wrote:"), ("Le ", "écrit :"), ("Le ", "écrit\u{a0}:"), ("Am ", "schrieb:"), ("El ", "escribió:")];
    line.len() < 300 && SAYS.iter().any(|(start, end)| line.starts_with(start) && line.ends_with(end))
}

/// Whether the line starts a forwarded or answered message, which then runs to the end.
fn starts_forward(line: &str) -> bool {
    const HEADS: [&str; 4] = ["Original Message", "Forwarded message", "Message d'origine", "Message transféré"];
    line.starts_with("---") && HEADS.iter().any(|head| line.contains(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Vec<(Option<Fold>, String)> {
        let join = |block: &Block| block.pieces.iter().map(|piece| piece.text.as_str()).collect::<String>();
        Body::new(text, "m", &[]).blocks.iter().map(|block| (block.fold, join(block))).collect()
    }

    #[test]
    fn quoted_lines_are_folded_with_the_line_that_opens_them() {
        let text = "Still broken.\n\nOn Mon, 2 Nov 2026, Tom wrote:\n> Please restart it.\n>\n> Tom\n\nAny news?\n-- \nAna";
        let expected = [
            (None, "Still broken."),
            (Some(Fold::Quoted), "On Mon, 2 Nov 2026, Tom wrote:\n> Please restart it.\n>\n> Tom"),
            (None, "Any news?"),
            (Some(Fold::Signature), "-- \nAna"),
        ];
        assert_eq!(shape(text), expected.map(|(fold, text)| (fold, text.to_owned())));
    }

    #[test]
    fn a_french_reply_without_angle_brackets_is_folded_to_the_end() {
        let text = "Merci.\n\nLe 3 nov. 2026 à 10:02, Lucie a écrit :\nBonjour,\nVotre colis est parti.";
        assert_eq!(shape(text)[0], (None, "Merci.".to_owned()));
        assert!(shape(text)[1].0 == Some(Fold::Quoted) && shape(text).len() == 2);
    }

    #[test]
    fn a_text_that_is_all_quote_is_shown() {
        assert_eq!(shape("> only this"), [(None, "> only this".to_owned())]);
    }

    #[test]
    fn a_cited_span_is_marked_and_the_text_stays_whole() {
        let text = "Il gonfle. Que faire ?";
        let body = Body::new(text, "c1", std::slice::from_ref(&(0..10)));
        assert_eq!(body.blocks[0].pieces[0], Piece { text: "Il gonfle.".to_owned(), anchor: Some("c1-at-0".to_owned()) });
        assert_eq!(body.blocks[0].pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
    }

    #[test]
    fn overlapping_spans_are_joined() {
        assert_eq!(joined(vec![5..9, 0..3, 8..12, 3..4]), [0..3, 3..4, 5..12]);
    }
}
