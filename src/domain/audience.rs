//! Who may read something, and who is reading.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::id::{CustomerId, WorkspaceId};
use crate::domain::vocabulary::TeamName;

/// Who may read a passage, comment or message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Audience {
    /// Anybody, customers included.
    Public,
    /// Every colleague.
    Internal,
    /// Colleagues of these teams only; never empty.
    Teams(BTreeSet<TeamName>),
    /// Every colleague and this one customer: what passed between them and the desk.
    Customer(CustomerId),
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reader {
    /// Anybody: sees what is public.
    Anyone,
    /// A customer: sees what is public and their own tickets.
    Customer(CustomerId),
    /// A colleague: sees what is public, internal, any customer's, and what is restricted to their teams.
    Colleague(BTreeSet<TeamName>),
    /// An administrator or the service itself: sees every audience of the workspace.
    Everything,
}

/// The two arguments without which nothing is searched or read: the workspace and who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    workspace: WorkspaceId,
    reader: Reader,
}

impl Scope {
    /// Makes a scope; there is no default.
    #[must_use]
    pub const fn new(workspace: WorkspaceId, reader: Reader) -> Self {
        Self { workspace, reader }
    }

    /// The workspace that is asked.
    #[must_use]
    pub const fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// Who asks.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }
}

impl Audience {
    /// The words that an index or a table keeps beside an item: a reader may see it who holds any of them.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        match self {
            Self::Public => vec!["public".to_owned()],
            Self::Internal => vec!["internal".to_owned()],
            Self::Teams(teams) => teams.iter().map(|team| format!("team:{team}")).collect(),
            Self::Customer(customer) => vec!["customer".to_owned(), format!("customer:{customer}")],
        }
    }

    /// Reads the words of [`Audience::tokens`] back; `None` when they are not of one audience.
    #[must_use]
    pub fn from_tokens(tokens: &[String]) -> Option<Self> {
        match tokens {
            [one] if one == "public" => Some(Self::Public),
            [one] if one == "internal" => Some(Self::Internal),
            [_, own] if tokens[0] == "customer" => own.strip_prefix("customer:")?.parse().ok().map(Self::Customer),
            [] => None,
            teams => teams.iter().map(|token| token.strip_prefix("team:")?.parse().ok()).collect::<Option<BTreeSet<_>>>().map(Self::Teams),
        }
    }
}

impl Reader {
    /// The words of which an item must carry at least one; `None` means that nothing is hidden.
    #[must_use]
    pub fn tokens(&self) -> Option<Vec<String>> {
        match self {
            Self::Anyone => Some(vec!["public".to_owned()]),
            Self::Customer(customer) => Some(vec!["public".to_owned(), format!("customer:{customer}")]),
            Self::Colleague(teams) => Some(
                ["public", "internal", "customer"]
                    .into_iter()
                    .map(str::to_owned)
                    .chain(teams.iter().map(|team| format!("team:{team}")))
                    .collect(),
            ),
            Self::Everything => None,
        }
    }

    /// Whether this reader may see something of that audience.
    #[must_use]
    pub fn may_see(&self, audience: &Audience) -> bool {
        self.tokens().is_none_or(|held| audience.tokens().iter().any(|token| held.contains(token)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn customer(byte: u8) -> CustomerId {
        CustomerId::at(Timestamp::from_micros(0), [byte; 10])
    }

    fn teams(names: &[&str]) -> BTreeSet<TeamName> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn each_reader_sees_exactly_their_audiences() {
        let all = [Audience::Public, Audience::Internal, Audience::Teams(teams(&["legal"])), Audience::Customer(customer(1))];
        let check = |reader: &Reader, expected: [bool; 4]| {
            assert_eq!(all.each_ref().map(|audience| reader.may_see(audience)), expected, "{reader:?}");
        };
        check(&Reader::Anyone, [true, false, false, false]);
        check(&Reader::Customer(customer(1)), [true, false, false, true]);
        check(&Reader::Customer(customer(2)), [true, false, false, false]);
        check(&Reader::Colleague(teams(&["finance"])), [true, true, false, true]);
        check(&Reader::Colleague(teams(&["legal", "finance"])), [true, true, true, true]);
        check(&Reader::Everything, [true, true, true, true]);
    }

    #[test]
    fn an_audience_survives_the_way_through_its_tokens() {
        for audience in [Audience::Public, Audience::Internal, Audience::Teams(teams(&["a", "b"])), Audience::Customer(customer(3))] {
            assert_eq!(Audience::from_tokens(&audience.tokens()), Some(audience));
        }
        assert_eq!(Audience::from_tokens(&[]), None);
        assert_eq!(Audience::from_tokens(&["public".into(), "internal".into()]), None);
    }
}
