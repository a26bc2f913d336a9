//! Reading the query of an address so that every error names the parameter and says what to do.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::wire::read::{FieldError, shape};

/// Reads the parameters of a query.
///
/// # Errors
/// [`FieldError`] at the parameter, such as `/limit`; for an unknown one with the nearest that is known.
pub fn read_query<T: DeserializeOwned>(query: &str) -> Result<T, FieldError> {
    let parameters = form_urlencoded::parse(query.as_bytes());
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(parameters)).map_err(|error| {
        let FieldError { pointer, detail } = shape(error.path(), &error.inner().to_string(), "parameter");
        // Which one is there twice is known before its value is read, so that it is not in the path.
        let twice = detail.strip_prefix("duplicate field `").and_then(|rest| rest.strip_suffix('`'));
        let pointer = twice.map_or(pointer, |name| format!("/{name}"));
        let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| pointer.strip_prefix('/') == Some(name));
        FieldError::new(pointer, plainly(given.map(|(_, value)| value), detail))
    })
}

/// The same in words that say what is allowed, where the reader's own do not.
fn plainly(given: Option<Cow<'_, str>>, detail: String) -> String {
    let given: String = given.unwrap_or_default().chars().take(40).collect();
    match detail.as_str() {
        "provided string was not `true` or `false`" => format!("`{given}` is neither `true` nor `false`: send one of them"),
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            format!("`{given}` is not a whole number: send one such as `50`")
        }
        "number too large to fit in target type" | "number too small to fit in target type" => {
            format!("`{given}` is out of all bounds: send a number such as `50`")
        }
        _ if detail.starts_with("duplicate field ") => "the parameter is there twice: send it once".to_owned(),
        _ => detail,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Of {
        People,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Parameters {
        limit: Option<u32>,
        dry_run: Option<bool>,
        of: Of,
    }

    #[test]
    fn every_error_names_the_parameter_and_what_is_allowed() {
        let check = |query: &str, told: &str| assert_eq!(read_query::<Parameters>(query).unwrap_err().to_string(), told, "{query}");
        check("of=people&limit=abc", "`/limit`: `abc` is not a whole number: send one such as `50`");
        check("of=people&limit=", "`/limit`: `` is not a whole number: send one such as `50`");
        check("of=people&limit=99999999999", "`/limit`: `99999999999` is out of all bounds: send a number such as `50`");
        check("of=people&dry_run=yes", "`/dry_run`: `yes` is neither `true` nor `false`: send one of them");
        check("of=people&limti=5", "`/limti`: unknown parameter `limti`: did you mean `limit`?");
        check("of=people&foo=1", "`/foo`: unknown parameter `foo`: expected one of `limit`, `dry_run`, `of`");
        check("of=cats", "`/of`: unknown value `cats`: expected one of `people`");
        check("of=people&of=people", "`/of`: the parameter is there twice: send it once");
        check("", "`/of`: this parameter is required");
    }

    #[test]
    fn a_query_is_read_with_its_escapes() {
        let read: Parameters = read_query("of=people&limit=%35").unwrap();
        assert_eq!(read.limit, Some(5));
    }
}
