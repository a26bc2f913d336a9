//! E-mail: sending messages over SMTP, and reading the desk's mailbox over IMAP.
//!
//! Holds the options, how servers are named and reached, how a mail is written, and one conversation with each kind of server. Knows nothing of
//! side conversations, of when to try again and of what is kept. What servers say never leaves this room: it answers in words of its own.
//! Called by `app`. Addresses of private networks are fine here: the operator names the servers, nobody else.

mod compose;
mod html;
mod imap;
mod server;
mod smtp;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

pub use self::compose::{Enclosure, Letter, Unwritable};
pub use self::imap::{Listed, Mailbox};
pub use self::server::{BadServer, Server};
pub use self::smtp::{Handover, Opened, Outcome, Verdict, reason_of_status};
use crate::domain::outbox::SendReason;
use crate::domain::vocabulary::{EmailAddress, Slug};

/// An address has room for 64 characters before its `@` (RFC 5321, section 4.5.3.1.1), and answers carry a `+` and 42 more there.
const LONGEST_LOCAL_CHARS: usize = 64 - 43;

/// What an operator may set about e-mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The server that takes mails: `smtps://user:password@host`, or `smtp://…` for STARTTLS.
    pub smtp_url: Option<SecretString>,
    /// The server that has the desk's mailbox: `imaps://user:password@host`, or `imap://…` for STARTTLS.
    pub imap_url: Option<SecretString>,
    /// The desk's own address.
    pub address: Option<EmailAddress>,
    /// How the desk calls itself where a message's author has no name.
    pub name: String,
    /// A file of certificates, in PEM, that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// What the desk's own mail server calls itself where it says whether a sender is true (RFC 8601); nothing is believed when left out.
    pub authserv_id: Option<String>,
    /// The workspace whose side conversations travel by e-mail; the only one when left out.
    pub workspace: Option<Slug>,
    /// How often the mailbox is looked into, in seconds.
    pub poll_seconds: u64,
    /// How long a server may take to answer, in seconds.
    pub timeout_seconds: u64,
    /// How long the desk's own copy of a message may take to arrive, in seconds.
    pub settle_seconds: u64,
    /// The most that the files of one message may have together, in bytes.
    pub attachments_bytes: u64,
    /// Of a mail that is larger only the text is read, in bytes.
    pub incoming_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            smtp_url: None,
            imap_url: None,
            address: None,
            name: "Support".to_owned(),
            ca_file: None,
            authserv_id: None,
            workspace: None,
            poll_seconds: 30,
            timeout_seconds: 30,
            settle_seconds: 600,
            attachments_bytes: 20 << 20,
            incoming_bytes: 25 << 20,
        }
    }
}

/// Options of e-mail that cannot go together; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// A server is given without the desk's address.
    #[error("`email.address` is missing: give the desk's own address beside the servers")]
    NoAddress,
    /// An address of a server cannot be used; what it was is not repeated, as it may hold a password.
    #[error("`email.{key}` cannot be used: {why}")]
    Server {
        /// The key.
        key: &'static str,
        /// What is wrong.
        why: BadServer,
    },
    /// The file of certificates cannot be used.
    #[error("`email.ca_file`: {0}")]
    Certificates(String),
    /// The desk's address leaves no room for what answers carry.
    #[error("`email.address` has {chars} characters before its `@`: at most {LONGEST_LOCAL_CHARS} leave room for what answers carry")]
    LongAddress {
        /// How many it has.
        chars: usize,
    },
    /// A number that cannot work.
    #[error("`email.{key}` is 0: set 1 or more")]
    Zero {
        /// The key.
        key: &'static str,
    },
}

/// Why no mail can be sent or read just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mail server does not do what it should: {0}")]
pub struct Away(pub SendReason);

/// The desk's mail: its address and its servers.
#[derive(Debug, Clone)]
pub struct Post {
    /// The desk's own address.
    pub address: EmailAddress,
    /// How the desk calls itself.
    pub name: String,
    /// The workspace that it belongs to; the only one when not given.
    pub workspace: Option<Slug>,
    /// Where mails are handed over.
    pub smtp: Option<Server>,
    /// Where mails are read.
    pub imap: Option<Server>,
    /// The certificates that are trusted beside those of the system, in PEM.
    trusted: Option<Vec<u8>>,
    timeout: Duration,
}

impl Post {
    /// The desk's mail; `None` where nothing of it is set.
    ///
    /// # Errors
    /// [`Unfit`] names the key and says what to do.
    pub fn new(options: &Options) -> Result<Option<Self>, Unfit> {
        let Options { smtp_url, imap_url, address, name, ca_file, workspace, poll_seconds, timeout_seconds, .. } = options;
        for (key, value) in [("poll_seconds", poll_seconds), ("timeout_seconds", timeout_seconds)] {
            if *value == 0 {
                return Err(Unfit::Zero { key });
            }
        }
        let server = |key: &'static str, url: &Option<SecretString>| {
            let scheme = key.split('_').next().unwrap_or_default();
            url.as_ref().map(|url| Server::parse(scheme, url)).transpose().map_err(|why| Unfit::Server { key, why })
        };
        let (smtp, imap) = (server("smtp_url", smtp_url)?, server("imap_url", imap_url)?);
        let Some(address) = address.clone() else {
            return if smtp.is_some() || imap.is_some() { Err(Unfit::NoAddress) } else { Ok(None) };
        };
        let chars = address.as_str().split('@').next().map_or(0, str::len);
        if chars > LONGEST_LOCAL_CHARS {
            return Err(Unfit::LongAddress { chars });
        }
        let trusted = match ca_file {
            Some(file) => Some(fs_err::read(file).map_err(|error| Unfit::Certificates(error.to_string()))?),
            None => None,
        };
        if trusted.as_deref().is_some_and(|pem| server::certificates(pem).is_empty()) {
            return Err(Unfit::Certificates("it holds no certificate in PEM".to_owned()));
        }
        let timeout = Duration::from_secs(*timeout_seconds);
        Ok(Some(Self { address, name: name.clone(), workspace: workspace.clone(), smtp, imap, trusted, timeout }))
    }

    /// The address with something between the name and the `@` that servers leave to the mailbox.
    #[must_use]
    pub fn tagged(&self, tag: &str) -> String {
        let (local, domain) = self.address.as_str().split_once('@').unwrap_or((self.address.as_str(), ""));
        format!("{local}+{tag}@{domain}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options {
            smtp_url: Some("smtps://desk:secret%40word@mail.desk.example".into()),
            address: Some("desk@desk.example".parse().unwrap()),
            ..Options::default()
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused_without_a_secret_in_the_words() {
        assert!(Post::new(&Options::default()).unwrap().is_none());
        assert!(Post::new(&options()).unwrap().is_some());
        let refused = |options: Options| Post::new(&options).unwrap_err().to_string();
        assert!(refused(Options { address: None, ..options() }).contains("email.address"));
        assert!(refused(Options { poll_seconds: 0, ..options() }).contains("email.poll_seconds"));
        assert!(refused(Options { ca_file: Some("nowhere.pem".into()), ..options() }).contains("email.ca_file"));
        for url in ["http://desk:secret@mail.example", "smtp://", "desk:secret@mail", "smtps://desk@mail.example"] {
            let said = refused(Options { smtp_url: Some(url.into()), ..options() });
            assert!(said.contains("email.smtp_url") && !said.contains("secret"), "{said}");
        }
        assert!(!format!("{:?}{:?}", options(), Post::new(&options())).contains("word"));
    }

    #[test]
    fn an_address_that_leaves_no_room_for_what_answers_carry_is_refused() {
        let long = |chars: usize| Options { address: Some(format!("{}@desk.example", "d".repeat(chars)).parse().unwrap()), ..options() };
        let tagged = Post::new(&long(LONGEST_LOCAL_CHARS)).unwrap().unwrap().tagged(&"t".repeat(42));
        assert_eq!(tagged.split('@').next().unwrap().len(), 64);
        let said = Post::new(&long(LONGEST_LOCAL_CHARS + 1)).unwrap_err().to_string();
        assert!(said.contains("`email.address` has 22 characters") && said.contains("at most 21"), "{said}");
    }
}
