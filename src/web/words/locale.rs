//! The languages of the interface, and which of them a reader gets.

use unic_langid::LanguageIdentifier;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// English, as it is written in Britain.
    #[default]
    English,
    /// French.
    French,
}

impl Locale {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::English, Self::French];

    /// The tag of BCP 47.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// What the language calls itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
        }
    }

    /// The language with this tag, however it is spelled and whatever region it names.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(language))
    }

    /// The language that a reader prefers by the `Accept-Language` header of their browser (RFC 9110, section 12.5.4).
    #[must_use]
    pub fn preferred(accept_language: &str) -> Option<Self> {
        let weighed = accept_language.split(',').filter_map(|range| {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse::<f32>().ok())?;
            Some((Self::of_tag(tag)?, weight)).filter(|(_, weight)| *weight > 0.0)
        });
        // Of ranges with equal weight the first is meant, and `max_by` would give the last.
        let preferred = weighed.reduce(|best, next| if next.1 > best.1 { next } else { best });
        preferred.map(|(locale, _)| locale)
    }

    pub(super) const fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("en.ftl"),
            Self::French => include_str!("fr.ftl"),
        }
    }

    pub(super) fn identifier(self) -> LanguageIdentifier {
        self.tag().parse().expect("the tags of the table are well formed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_the_language_they_weigh_most() {
        let check = |header: &str, locale: Option<Locale>| assert_eq!(Locale::preferred(header), locale, "{header}");
        check("fr", Some(Locale::French));
        check("fr-CA,fr;q=0.9,en;q=0.8", Some(Locale::French));
        check("de-DE, de;q=0.9, en-GB;q=0.7, fr;q=0.6", Some(Locale::English));
        check("en;q=0.3, FR ; q=0.9", Some(Locale::French));
        check("en, fr", Some(Locale::English));
        check("fr;q=0, en;q=0.1", Some(Locale::English));
        check("fr;q=0", None);
        check("de, *", None);
        check("fr;q=lots", None);
        check("", None);
        check(",;q=1,", None);
    }
}
