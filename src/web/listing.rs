//! What the lists of the directory, the administration and the knowledge base are made from, and the forms that change what is in them.

use std::collections::BTreeMap;

use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Register;
use crate::web::paths;
use crate::web::view::{Detail, Frame};
use crate::web::words::Text;

/// A page of the directory or the administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Who can be consulted.
    People,
    /// Teams.
    Teams,
    /// Where teams are asked.
    Channels,
    /// Customers.
    Customers,
    /// Who signs in.
    Users,
    /// API tokens.
    Tokens,
    /// Addresses that are told of events.
    Webhooks,
    /// What was learned from labels.
    Learning,
    /// How many side conversations were needed.
    Insights,
    /// Lists in and out.
    Lists,
    /// Documents of the knowledge base.
    Knowledge,
    /// What the knowledge base lacks.
    Gaps,
    /// The reader's own account.
    Account,
}

impl Place {
    /// The pages between which the tabs of this one lead.
    #[must_use]
    pub const fn neighbours(self) -> &'static [Self] {
        match self {
            Self::People | Self::Teams | Self::Channels | Self::Customers => &[Self::People, Self::Teams, Self::Channels, Self::Customers],
            Self::Users | Self::Tokens | Self::Webhooks | Self::Learning | Self::Insights | Self::Lists => {
                &[Self::Users, Self::Tokens, Self::Webhooks, Self::Learning, Self::Insights, Self::Lists]
            }
            Self::Knowledge | Self::Gaps => &[Self::Knowledge, Self::Gaps],
            Self::Account => &[Self::Account],
        }
    }

    /// Whether it belongs to the directory.
    #[must_use]
    pub const fn is_directory(self) -> bool {
        matches!(self, Self::People | Self::Teams | Self::Channels | Self::Customers)
    }

    /// Whether it belongs to the knowledge base.
    #[must_use]
    pub const fn is_knowledge(self) -> bool {
        matches!(self, Self::Knowledge | Self::Gaps)
    }

    /// Whether it belongs to the administration.
    #[must_use]
    pub const fn is_admin(self) -> bool {
        matches!(self, Self::Users | Self::Tokens | Self::Webhooks | Self::Learning | Self::Insights | Self::Lists)
    }

    /// Its address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::People => paths::PEOPLE,
            Self::Teams => paths::TEAMS,
            Self::Channels => paths::CHANNELS,
            Self::Customers => paths::CUSTOMERS,
            Self::Users => paths::USERS,
            Self::Tokens => paths::TOKENS,
            Self::Webhooks => paths::WEBHOOKS,
            Self::Learning => paths::LEARNING,
            Self::Insights => paths::INSIGHTS,
            Self::Lists => paths::LISTS,
            Self::Knowledge => paths::KNOWLEDGE,
            Self::Gaps => paths::GAPS,
            Self::Account => paths::ACCOUNT,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Teams => "teams",
            Self::Channels => "channels",
            Self::Customers => "customers",
            Self::Users => "users",
            Self::Tokens => "tokens",
            Self::Webhooks => "webhooks",
            Self::Learning => "learning",
            Self::Insights => "insights",
            Self::Lists => "lists",
            Self::Knowledge => "knowledge",
            Self::Gaps => "knowledge-gaps",
            Self::Account => "account",
        }
    }

    /// What its button for something new says.
    #[must_use]
    pub const fn add(self) -> &'static str {
        match self {
            Self::People => "people-add",
            Self::Teams => "teams-add",
            Self::Channels => "channels-add",
            Self::Customers => "customers-add",
            Self::Users => "users-add",
            Self::Knowledge | Self::Gaps => "knowledge-add",
            Self::Webhooks => "webhooks-add",
            Self::Tokens | Self::Learning | Self::Insights | Self::Lists | Self::Account => "tokens-add",
        }
    }

    /// What stands there while there is nothing.
    #[must_use]
    pub const fn empty(self) -> (&'static str, &'static str) {
        match self {
            Self::People => ("people-empty", "people-empty-help"),
            Self::Teams => ("teams-empty", "teams-empty-help"),
            Self::Channels => ("channels-empty", "channels-empty-help"),
            Self::Customers => ("customers-empty", "customers-empty-help"),
            Self::Users | Self::Account => ("users-empty", "users-empty-help"),
            Self::Knowledge | Self::Gaps => ("knowledge-empty", "knowledge-empty-help"),
            Self::Webhooks => ("webhooks-empty", "webhooks-empty-help"),
            Self::Tokens | Self::Learning | Self::Insights | Self::Lists => ("tokens-empty", "tokens-empty-help"),
        }
    }

    /// The heads of its columns.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::People => &["field-name", "field-team", "field-skills", "field-languages", "people-availability"],
            Self::Teams => &["field-title", "teams-where", "people", "channels"],
            Self::Channels => &["field-address", "field-kind", "teams", "field-expected"],
            Self::Customers => &["field-name", "field-organisation", "field-tier", "customer-orders", "customers-since"],
            Self::Users => &["field-name", "field-role", "teams", "users-state", "users-signed-in"],
            Self::Knowledge | Self::Gaps => {
                &["knowledge-title", "field-language", "knowledge-audience", "knowledge-passages", "knowledge-used", "knowledge-updated"]
            }
            Self::Webhooks => &["webhooks-url", "webhooks-events", "tokens-made", "tokens-state"],
            Self::Tokens | Self::Learning | Self::Insights | Self::Lists | Self::Account => {
                &["field-name", "field-role", "tokens-made-by", "tokens-made", "tokens-used", "tokens-state"]
            }
        }
    }
}

/// A list with its search and its pages.
#[derive(Debug, Clone)]
pub struct ListView {
    /// The frame.
    pub frame: Frame,
    /// Which list it is.
    pub place: Place,
    /// What is searched for; `None` where a list is too short to be searched.
    pub words: Option<String>,
    /// What is on this page of it.
    pub lines: Vec<Line>,
    /// The address of the first page, on every other.
    pub first: Option<String>,
    /// The address of the next page.
    pub next: Option<String>,
    /// Whether the reader may add to it and change it.
    pub may_write: bool,
    /// What was just done.
    pub told: Option<Text>,
}

impl ListView {
    /// Whether only a part of the list is asked for.
    #[must_use]
    pub fn is_searched(&self) -> bool {
        self.words.as_ref().is_some_and(|words| !words.is_empty())
    }
}

/// One thing of a list.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its page.
    pub href: Option<String>,
    /// Its name.
    pub title: String,
    /// What stands below the name.
    pub below: String,
    /// What stands under the other columns.
    pub cells: Vec<Cell>,
    /// Whether it is out of use.
    pub is_over: bool,
    /// What can be done to it right here.
    pub act: Option<Act>,
}

/// What stands under a column.
#[derive(Debug, Clone)]
pub enum Cell {
    /// What somebody wrote; empty where nobody did.
    Words(String),
    /// A text of the console.
    Ours(Text),
    /// The same as a mark.
    Mark(&'static str, Text),
    /// A moment, told by its age.
    When(Timestamp),
    /// A day.
    Day(Timestamp),
}

/// A button that sends a form.
#[derive(Debug, Clone)]
pub struct Act {
    /// Where to.
    pub action: String,
    /// What it says.
    pub label: &'static str,
    /// What it does, told before it is pressed.
    pub help: &'static str,
}

/// A form that adds or changes one thing.
#[derive(Debug, Clone)]
pub struct FormView {
    /// The frame.
    pub frame: Frame,
    /// To which list it belongs.
    pub place: Place,
    /// What it is for.
    pub title: Text,
    /// More about it.
    pub help: Option<Text>,
    /// Where it is sent.
    pub action: String,
    /// Its fields in their order.
    pub fields: Vec<Field>,
    /// What its button says; `None` where the reader may only look.
    pub submit: Option<&'static str>,
    /// Where to go without sending it.
    pub back: String,
    /// What was wrong with what was sent.
    pub problem: Option<Detail>,
    /// What was just done.
    pub told: Option<Text>,
    /// What else can be done to the thing.
    pub acts: Vec<Act>,
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// What it is called: a key.
    pub label: &'static str,
    /// What to write there: a key.
    pub help: Option<&'static str>,
    /// Whether it must be filled in.
    pub is_required: bool,
    /// Whether what was sent in it is what was wrong.
    pub is_wrong: bool,
    /// How it is filled in.
    pub input: Input,
}

/// How a field is filled in.
#[derive(Debug, Clone)]
pub enum Input {
    /// One line; the type and the purpose for the browser.
    Line {
        /// The `type` of the element.
        kind: &'static str,
        /// The `autocomplete` of the element.
        fill: &'static str,
        /// What stands there.
        value: String,
        /// Whether it cannot be changed here.
        is_fixed: bool,
    },
    /// Several lines.
    Area(String),
    /// A file; the formats for the browser.
    File(&'static str),
    /// Not seen: what the form is about.
    Hidden(String),
    /// One of several.
    Choice(Vec<Choice>),
    /// Any of several; each is a field of its own.
    Choices(Vec<Choice>),
}

/// One of several.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// Something that is shown once and kept nowhere: a link or a token.
#[derive(Debug, Clone)]
pub struct OnceView {
    /// The frame.
    pub frame: Frame,
    /// To which list it belongs.
    pub place: Place,
    /// What it is.
    pub title: Text,
    /// What to do with it.
    pub help: Text,
    /// The thing itself.
    pub secret: String,
    /// Until when it works.
    pub until: Option<Timestamp>,
    /// Where to go from here.
    pub back: String,
}

/// Lists in and out.
#[derive(Debug, Clone)]
pub struct ListsView {
    /// The frame.
    pub frame: Frame,
    /// Whether the reader may take lists in.
    pub may_write: bool,
    /// Which list was chosen.
    pub chosen: Register,
    /// What became of the last one that was taken in.
    pub report: Option<Report>,
}

/// What became of a list that was taken in.
#[derive(Debug, Clone)]
pub enum Report {
    /// It is in.
    Done(Text),
    /// It would be in.
    Checked(Text),
    /// Nothing of it is in.
    Refused {
        /// Lines that cannot be taken, with their number and the reason; 0 stands for the whole file.
        faults: Vec<(u64, String)>,
        /// How many more there are.
        more: u64,
    },
}

impl Field {
    /// A field of one line.
    #[must_use]
    pub fn line(name: &str, label: &'static str, value: impl Into<String>) -> Self {
        let input = Input::Line { kind: "text", fill: "off", value: value.into(), is_fixed: false };
        Self { name: name.to_owned(), label, help: None, is_required: false, is_wrong: false, input }
    }

    /// A file.
    #[must_use]
    pub fn file(name: &str, label: &'static str, formats: &'static str) -> Self {
        Self { input: Input::File(formats), ..Self::line(name, label, "") }
    }

    /// A field that is not seen.
    #[must_use]
    pub fn hidden(name: &str, value: &impl ToString) -> Self {
        Self { input: Input::Hidden(value.to_string()), ..Self::line(name, "form-title", "") }
    }

    /// A field of several lines.
    #[must_use]
    pub fn area(name: &str, label: &'static str, value: impl Into<String>) -> Self {
        Self { input: Input::Area(value.into()), ..Self::line(name, label, "") }
    }

    /// A choice of one.
    #[must_use]
    pub fn choice(name: &str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self { input: Input::Choice(choices), ..Self::line(name, label, "") }
    }

    /// A choice of any.
    #[must_use]
    pub fn choices(name: &str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self { input: Input::Choices(choices), ..Self::line(name, label, "") }
    }

    /// The same, of a type and a purpose that the browser knows.
    #[must_use]
    pub fn of(self, wanted: &'static str, purpose: &'static str) -> Self {
        let input = match self.input {
            Input::Line { value, is_fixed, .. } => Input::Line { kind: wanted, fill: purpose, value, is_fixed },
            other @ (Input::Area(_) | Input::File(_) | Input::Hidden(_) | Input::Choice(_) | Input::Choices(_)) => other,
        };
        Self { input, ..self }
    }

    /// The same, to be filled in.
    #[must_use]
    pub fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// The same with what to write there.
    #[must_use]
    pub fn with_help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }

    /// The same, not to be changed where `fixed`.
    #[must_use]
    pub fn fixed(self, fixed: bool) -> Self {
        let input = match self.input {
            Input::Line { kind, fill, value, .. } => Input::Line { kind, fill, value, is_fixed: fixed },
            other @ (Input::Area(_) | Input::File(_) | Input::Hidden(_) | Input::Choice(_) | Input::Choices(_)) => other,
        };
        Self { input, ..self }
    }
}

impl Choice {
    /// One of several.
    #[must_use]
    pub fn new(value: &(impl ToString + ?Sized), label: &(impl ToString + ?Sized), is_chosen: bool) -> Self {
        Self { value: value.to_string(), label: label.to_string(), is_chosen }
    }
}

impl FormView {
    /// Whether a file is sent with it.
    #[must_use]
    pub fn has_file(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.input, Input::File(_)))
    }

    /// The same form as it was sent, with what was wrong with it: the field named by a JSON pointer or a name is marked.
    #[must_use]
    pub fn refused(mut self, field: &str, detail: Detail) -> Self {
        let wrong = field.trim_start_matches('/').split('/').find(|part| self.fields.iter().any(|field| field.name == *part));
        let wrong = wrong.map(str::to_owned);
        for field in &mut self.fields {
            field.is_wrong = wrong.as_ref() == Some(&field.name);
        }
        self.problem = Some(detail);
        self
    }
}

/// What was searched for, in the parameters of an address.
pub(super) fn words_of(parameters: &BTreeMap<String, String>) -> String {
    parameters.get("q").map(|words| words.trim().chars().take(200).collect()).unwrap_or_default()
}
