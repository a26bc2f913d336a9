//! The directory's lists as they are taken in and out whole: JSON lines as `ingest` reads them, or tables for spreadsheets.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::customer::Customer;
use crate::domain::intake::{NewCustomer, NewPerson};
use crate::domain::person::{Channel, Person, Team};
use crate::domain::vocabulary::{Register, RegisterFormat};
use crate::wire::csv;
use crate::wire::customer::{CustomerIn, CustomerOut};
use crate::wire::directory::{ChannelIn, ChannelOut, PersonIn, PersonOut, TeamIn, TeamOut};
use crate::wire::read::{FieldError, read_value, unknown};

/// The largest list that is taken in, in bytes; twenty thousand people fit.
pub const LARGEST_LIST_BYTES: usize = 8 * 1024 * 1024;
/// More lines at once are refused.
const MOST_LINES: usize = 20_000;

/// One line of a list that is taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Somebody who can be consulted.
    Person(NewPerson),
    /// A team.
    Team(Team),
    /// A place where teams are asked.
    Channel(Channel),
    /// A customer with their orders.
    Customer(NewCustomer),
}

/// What a list holds, to be written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// People.
    People(Vec<Person>),
    /// Teams.
    Teams(Vec<Team>),
    /// Channels.
    Channels(Vec<Channel>),
    /// Customers.
    Customers(Vec<Customer>),
}

/// Why a line cannot be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// The line, from 1; a row of a table is on the line where it begins.
    pub line: u64,
    /// JSON pointer (RFC 6901) to the field; empty for the whole line.
    pub pointer: String,
    /// What is wrong, and what to do.
    pub reason: String,
}

/// A line's number with the object on it, or why it cannot be read.
pub(super) type ReadLine = (u64, Result<Map<String, Value>, FieldError>);

/// What became of a list that was taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportOut {
    /// So many are new.
    pub created: u64,
    /// So many were known and are now different.
    pub updated: u64,
    /// So many were known and are the same.
    pub unchanged: u64,
}

impl LineFault {
    /// A fault of a line.
    #[must_use]
    pub fn new(line: u64, error: FieldError) -> Self {
        let FieldError { pointer, detail } = error;
        Self { line, pointer, reason: detail }
    }
}

impl Entry {
    /// What may stand in a list once: the address or the short name.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Person(person) => person.email.to_string(),
            Self::Team(team) => team.name.to_string(),
            Self::Channel(channel) => channel.name.to_string(),
            Self::Customer(customer) => customer.email.to_string(),
        }
    }
}

/// Reads a whole list; nothing of it is good unless all is.
///
/// # Errors
/// Every line that cannot be read, with the place in it.
pub fn read(register: Register, format: RegisterFormat, text: &str) -> Result<Vec<(u64, Entry)>, Vec<LineFault>> {
    let objects = match format {
        RegisterFormat::Lines => read_lines(register, text, MOST_LINES),
        RegisterFormat::Csv => csv::read(register, text, MOST_LINES).map_err(|error| vec![LineFault::new(1, error)])?,
    };
    if let Some((line, _)) = objects.get(MOST_LINES) {
        let reason = format!("at most {MOST_LINES} lines are taken at once, and this is one more: split the file before it");
        return Err(vec![LineFault { line: *line, pointer: String::new(), reason }]);
    }
    let mut faults = Vec::new();
    let mut entries = Vec::new();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for (line, object) in objects {
        match object.and_then(|object| entry(register, object)) {
            Ok(entry) => match seen.insert(entry.key(), line) {
                None => entries.push((line, entry)),
                Some(first) => {
                    let detail = format!("`{}` stands on line {first} already: leave one of them out", entry.key());
                    faults.push(LineFault::new(line, FieldError::new("", detail)));
                }
            },
            Err(error) => faults.push(LineFault::new(line, error)),
        }
    }
    if entries.is_empty() && faults.is_empty() {
        faults.push(LineFault { line: 0, pointer: String::new(), reason: "there is no line in it: choose a file with some".to_owned() });
    }
    if faults.is_empty() { Ok(entries) } else { Err(faults) }
}

/// Writes a whole list, as [`read`] reads it.
#[must_use]
pub fn write(held: Held, format: RegisterFormat) -> String {
    let (register, kind, objects) = match held {
        Held::People(people) => (Register::People, "person", objects(people, PersonOut::from)),
        Held::Teams(teams) => (Register::Teams, "team", objects(teams, TeamOut::from)),
        Held::Channels(channels) => (Register::Channels, "channel", objects(channels, ChannelOut::from)),
        Held::Customers(customers) => (Register::Customers, "customer", objects(customers, CustomerOut::from)),
    };
    match format {
        RegisterFormat::Csv => csv::write(register, &objects),
        RegisterFormat::Lines => objects.into_iter().fold(String::new(), |mut text, mut object| {
            object.insert("type".to_owned(), kind.into());
            text.push_str(&Value::Object(object).to_string());
            text.push('\n');
            text
        }),
    }
}

/// As they are read: without the ids, which are this installation's own.
fn objects<T, O: Serialize>(items: Vec<T>, out: impl Fn(T) -> O) -> Vec<Map<String, Value>> {
    let object = |item| match serde_json::to_value(out(item)) {
        Ok(Value::Object(mut object)) => {
            object.remove("id");
            Some(object)
        }
        _ => None,
    };
    items.into_iter().filter_map(object).collect()
}

/// The objects of the lines; at most one more than `most`.
fn read_lines(register: Register, text: &str, most: usize) -> Vec<ReadLine> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()).take(most.saturating_add(1));
    lines.map(|(line, number)| (number, read_line(register, line))).collect()
}

fn read_line(register: Register, line: &str) -> Result<Map<String, Value>, FieldError> {
    let mut object: Map<String, Value> = crate::wire::read::read(line.as_bytes()).map_err(crate::wire::read::ReadError::into_field)?;
    let expected = match register {
        Register::People => "person",
        Register::Teams => "team",
        Register::Channels => "channel",
        Register::Customers => "customer",
    };
    match object.remove("type") {
        None => Ok(object),
        Some(Value::String(kind)) if kind == expected => Ok(object),
        Some(kind) => {
            let kind = kind.as_str().map_or_else(|| kind.to_string(), str::to_owned);
            Err(FieldError::new("/type", unknown("value", &kind, &[expected])))
        }
    }
}

fn entry(register: Register, object: Map<String, Value>) -> Result<Entry, FieldError> {
    let object = Value::Object(object);
    Ok(match register {
        Register::People => Entry::Person(read_value::<PersonIn>(object)?.into_new()?),
        Register::Teams => Entry::Team(read_value::<TeamIn>(object)?.into_team()?),
        Register::Channels => Entry::Channel(read_value::<ChannelIn>(object)?.into_channel()?),
        Register::Customers => Entry::Customer(read_value::<CustomerIn>(object)?.into_new()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_that_cannot_be_taken_is_told_with_its_place() {
        let text = "{\"email\":\"Ana@Mail.example\",\"name\":\"A\",\"role\":\"expert\"}\n\n{\"email\":\"ana\",\"name\":\"A\",\"role\":\"expert\"}\n\
                    {\"email\":\"b@mail.example\",\"name\":\"B\",\"role\":\"exprt\"}\n{\"email\":\"ANA@mail.example\",\"name\":\"A\",\"role\":\"agent\"}\nno\n";
        let faults = read(Register::People, RegisterFormat::Lines, text).unwrap_err();
        let told: Vec<_> = faults.iter().map(|fault| (fault.line, fault.pointer.as_str(), fault.reason.as_str())).collect();
        assert_eq!(told[0], (3, "/email", "`ana` is not an e-mail address: expected `name@domain`"));
        assert_eq!(told[1], (4, "/role", "unknown value `exprt`: did you mean `expert`?"));
        assert_eq!(told[2], (5, "", "`ana@mail.example` stands on line 1 already: leave one of them out"));
        assert_eq!((told[3].0, told.len()), (6, 4));
    }

    #[test]
    fn a_list_that_is_too_long_is_read_no_further_than_the_first_line_too_many() {
        let line = |number| format!("{{\"name\":\"t{number}\",\"title\":\"T\"}}\n");
        let lines: String = (0..MOST_LINES + 2).map(line).collect();
        assert_eq!(read_lines(Register::Teams, &lines, MOST_LINES).len(), MOST_LINES + 1);
        let rows: String = std::iter::once("name,title\n".to_owned()).chain((0..MOST_LINES + 2).map(|n| format!("t{n},T\n"))).collect();
        assert_eq!(csv::read(Register::Teams, &rows, MOST_LINES).unwrap().len(), MOST_LINES + 1);
        for (format, text, line) in [(RegisterFormat::Lines, &lines, 20_001), (RegisterFormat::Csv, &rows, 20_002)] {
            let faults = read(Register::Teams, format, text).unwrap_err();
            assert_eq!((faults.len(), faults[0].line), (1, line));
            assert!(faults[0].reason.starts_with("at most 20000 lines"), "{}", faults[0].reason);
        }
        let longest: String = (0..MOST_LINES).map(line).collect();
        assert_eq!(read(Register::Teams, RegisterFormat::Lines, &longest).unwrap().len(), MOST_LINES);
    }

    #[test]
    fn a_list_of_another_kind_or_without_lines_is_refused() {
        let faults = read(Register::Teams, RegisterFormat::Lines, "{\"type\":\"person\"}").unwrap_err();
        assert_eq!(faults[0].pointer, "/type");
        for (format, text) in [(RegisterFormat::Lines, "\n"), (RegisterFormat::Csv, "name,title\n")] {
            assert!(read(Register::Teams, format, text).unwrap_err()[0].reason.starts_with("there is no line"));
        }
    }
}
