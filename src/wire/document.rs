//! Documents, in and out.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::audience::Audience;
use crate::domain::document::{Document, DocumentHead};
use crate::domain::intake::NewDocument;
use crate::domain::vocabulary::TeamName;
use crate::wire::read::{FieldError, escape, filled, parse, parse_opt, unknown};

/// A document as text; files are sent as `multipart/form-data` instead.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "external_id": "returns-and-exchanges", "title": "Returns and exchanges", "text": "You have 30 days from delivery.",
    "format": "markdown", "language": "en", "audience": "public"
}))]
pub struct DocumentIn {
    /// Its id in the system it comes from, unique in the workspace.
    pub external_id: String,
    /// Its title; the text's own when not given.
    pub title: Option<String>,
    /// The text.
    pub text: String,
    /// How the text is written; `markdown` when not given.
    pub format: Option<DocumentFormat>,
    /// Its language as an ISO 639-1 code; told from the text when not given.
    pub language: Option<String>,
    /// Who may read it: `public`, `internal` (when not given) or `teams:legal,finance`.
    #[schema(examples("public"))]
    pub audience: Option<String>,
    /// When its authors last changed it; now when not given.
    #[schema(format = DateTime)]
    pub updated_at: Option<String>,
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentFormat {
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// Plain text.
    Text,
}

/// A file with what is said about it: the parts of a `multipart/form-data` body.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToSchema)]
pub struct DocumentUpload {
    /// The file: Markdown, HTML, text, PDF, DOCX or mail.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    /// The file's name, from the part's header.
    #[schema(ignore)]
    pub file_name: String,
    /// Its id in the system it comes from; the file's name when not given.
    pub external_id: Option<String>,
    /// Its title; the document's own when not given.
    pub title: Option<String>,
    /// Its language as an ISO 639-1 code; told from the text when not given.
    pub language: Option<String>,
    /// Who may read it: `public`, `internal` (when not given) or `teams:legal,finance`.
    pub audience: Option<String>,
    /// When its authors last changed it; now when not given.
    #[schema(format = DateTime)]
    pub updated_at: Option<String>,
}

/// A document in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DocumentHeadOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its id in the system it comes from.
    pub external_id: String,
    /// Its title.
    pub title: String,
    /// Its language, if known.
    #[schema(required)]
    pub language: Option<String>,
    /// Who may read it: `public`, `internal`, `teams:…` or `customer:…`.
    pub audience: String,
    /// When its authors last changed it.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

/// A document with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DocumentOut {
    /// What a list shows of it.
    #[serde(flatten)]
    pub head: DocumentHeadOut,
    /// sha256 of the bytes it came from, in hexadecimal.
    pub content_hash: String,
    /// The whole extracted text.
    pub text: String,
}

impl DocumentFormat {
    const fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Text => "txt",
        }
    }
}

impl DocumentIn {
    /// The document.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_new(self) -> Result<NewDocument, FieldError> {
        let Self { external_id, title, text, format, language, audience, updated_at } = self;
        let external_id = filled("/external_id", external_id)?;
        Ok(NewDocument {
            file_name: format!("{external_id}.{}", format.unwrap_or(DocumentFormat::Markdown).ending()),
            external_id,
            title,
            bytes: filled("/text", text)?.into_bytes(),
            language: parse_opt("/language", language.as_deref())?,
            audience: parse_audience(audience.as_deref())?,
            updated_at: parse_opt("/updated_at", updated_at.as_deref())?,
        })
    }
}

impl DocumentUpload {
    /// The names of the parts.
    pub const PARTS: [&str; 6] = ["file", "external_id", "title", "language", "audience", "updated_at"];

    /// Takes in a part that is not the file.
    ///
    /// # Errors
    /// [`FieldError`] when there is no such part; it names the nearest known one.
    pub fn set(&mut self, part: &str, text: String) -> Result<(), FieldError> {
        let field = match part {
            "external_id" => &mut self.external_id,
            "title" => &mut self.title,
            "language" => &mut self.language,
            "audience" => &mut self.audience,
            "updated_at" => &mut self.updated_at,
            other => {
                return Err(FieldError::new(format!("/{}", escape(other)), unknown("part", other, &Self::PARTS)));
            }
        };
        *field = Some(text).filter(|text| !text.is_empty());
        Ok(())
    }

    /// The document.
    ///
    /// # Errors
    /// [`FieldError`] at the first part that cannot be used.
    pub fn into_new(self) -> Result<NewDocument, FieldError> {
        let Self { file, file_name, external_id, title, language, audience, updated_at } = self;
        if file.is_empty() {
            return Err(FieldError::new("/file", "no file, or an empty one: send it as the part `file` with a file name"));
        }
        if file_name.is_empty() && external_id.is_none() {
            return Err(FieldError::new("/external_id", "give the part `file` a file name, or send `external_id`"));
        }
        Ok(NewDocument {
            external_id: external_id.unwrap_or_else(|| file_name.clone()),
            title,
            file_name,
            bytes: file,
            language: parse_opt("/language", language.as_deref())?,
            audience: parse_audience(audience.as_deref())?,
            updated_at: parse_opt("/updated_at", updated_at.as_deref())?,
        })
    }
}

/// Who may read something, in one word.
#[must_use]
pub fn audience_word(audience: &Audience) -> String {
    match audience {
        Audience::Public => "public".to_owned(),
        Audience::Internal => "internal".to_owned(),
        Audience::Teams(teams) => format!("teams:{}", teams.iter().map(TeamName::as_str).collect::<Vec<_>>().join(",")),
        Audience::Customer(customer) => format!("customer:{customer}"),
    }
}

/// Reads `public`, `internal` or `teams:…`; internal when not given.
///
/// # Errors
/// [`FieldError`] at `/audience`.
pub fn parse_audience(word: Option<&str>) -> Result<Audience, FieldError> {
    match word {
        None | Some("internal") => Ok(Audience::Internal),
        Some("public") => Ok(Audience::Public),
        Some(word) => {
            let names = word.strip_prefix("teams:").ok_or_else(|| {
                FieldError::new(
                    "/audience",
                    "unknown audience: expected `public`, `internal` or `teams:` with names such as `teams:legal,finance`",
                )
            })?;
            names.split(',').map(|name| parse("/audience", name.trim())).collect::<Result<BTreeSet<TeamName>, _>>().map(Audience::Teams)
        }
    }
}

impl From<Document> for DocumentOut {
    fn from(document: Document) -> Self {
        let Document { id, workspace: _, external_id, title, language, audience, content_hash, updated_at, text } = document;
        let head = DocumentHeadOut {
            id: id.to_string(),
            external_id,
            title,
            language: language.map(|language| language.to_string()),
            audience: audience_word(&audience),
            updated_at: updated_at.to_string(),
        };
        Self { head, content_hash, text }
    }
}

impl From<DocumentHead> for DocumentHeadOut {
    fn from(head: DocumentHead) -> Self {
        let DocumentHead { id, external_id, title, language, audience, updated_at, passages: _ } = head;
        Self {
            id: id.to_string(),
            external_id,
            title,
            language: language.map(|language| language.to_string()),
            audience: audience_word(&audience),
            updated_at: updated_at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_survives_the_way_through_its_word() {
        for word in ["public", "internal", "teams:finance,legal"] {
            assert_eq!(audience_word(&parse_audience(Some(word)).unwrap()), word);
        }
        assert_eq!(parse_audience(None), Ok(Audience::Internal));
        for word in ["everyone", "teams:", "teams:a,,b", "customer:x"] {
            assert_eq!(parse_audience(Some(word)).unwrap_err().pointer, "/audience", "{word}");
        }
    }

    #[test]
    fn an_upload_needs_a_file_and_a_name() {
        let mut upload = DocumentUpload { file: b"# Title".to_vec(), ..DocumentUpload::default() };
        assert_eq!(upload.clone().into_new().unwrap_err().pointer, "/external_id");
        assert_eq!(DocumentUpload::default().into_new().unwrap_err().pointer, "/file");
        upload.set("external_id", "returns".into()).unwrap();
        upload.set("title", String::new()).unwrap();
        assert_eq!(upload.clone().into_new().unwrap().title, None);
        assert_eq!(
            upload.set("lang", "en".into()).unwrap_err().detail,
            "unknown part `lang`: expected one of `file`, `external_id`, `title`, `language`, `audience`, `updated_at`"
        );
    }
}
