//! Plain text in whatever encoding it comes.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

use super::Extracted;

pub(super) fn extract(bytes: &[u8]) -> Extracted {
    let text = decode(bytes, false);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    Extracted { text: lines.join("\n").trim_matches('\n').to_owned(), ..Extracted::default() }
}

/// Decodes bytes: a byte order mark decides, then UTF-8 if it is valid, then a declared HTML charset, then a guess. Never fails.
pub(super) fn decode(bytes: &[u8], html: bool) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    if let Some(encoding) = html.then(|| declared(bytes)).flatten() {
        return encoding.decode(bytes).0.into_owned();
    }
    guess(bytes, true).decode(bytes).0.into_owned()
}

/// The most likely encoding of bytes that are no UTF-8, by what letters they would make; `is_whole` where no more of them follow.
pub(super) fn guess(bytes: &[u8], is_whole: bool) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, is_whole);
    detector.guess(None, Utf8Detection::Allow)
}

/// The charset that the first kilobyte of a page declares.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let after = head.split_once("charset=")?.1.trim_start_matches(['"', '\'']);
    let label: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_read_and_none_aborts() {
        let table: &[(&[u8], &str)] = &[
            (b"caf\xC3\xA9", "café"),
            (b"\xEF\xBB\xBFcaf\xC3\xA9", "café"),
            (b"\xFF\xFEc\0a\0f\0\xE9\0", "café"),
            (b"\xFE\xFF\0c\0a\0f\0\xE9", "café"),
            (b"Votre commande a \xE9t\xE9 exp\xE9di\xE9e \xE0 No\xEBl", "Votre commande a été expédiée à Noël"),
        ];
        for (bytes, expected) in table {
            assert_eq!(decode(bytes, false), *expected, "{bytes:?}");
        }
        assert!(!decode(&(0u8..=255).collect::<Vec<_>>(), false).is_empty());
    }

    #[test]
    fn a_page_may_declare_its_charset() {
        assert_eq!(decode(b"<meta charset=\"windows-1252\">\x80 \xE9", true), "<meta charset=\"windows-1252\">€ é");
    }
}
