//! One conversation with the server that has the desk's mailbox: which mails are new, their bytes, and that they were read.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, MailboxDatum, MessageSection, Response, SectionPath, Status};
use async_imap::{Client, Session};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::server::{Security, certificates, why_no_line};
use super::{Away, Post, Server};
use crate::domain::outbox::SendReason;
use crate::domain::time::Day;

const INBOX: &str = "INBOX";
const GOODBYE: Duration = Duration::from_secs(5);
/// A mail may take longer to come than an answer.
const SLOWER: u32 = 10;
/// Of a mail that is too large so much of its text is read, and it begins with its words.
const TEXT_BYTES: usize = 256 << 10;

/// A line to a server, encrypted or not.
trait Line: AsyncRead + AsyncWrite + Unpin + Debug + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Debug + Send> Line for T {}

/// An open mailbox.
#[derive(Debug)]
pub struct Mailbox {
    session: Session<Box<dyn Line>>,
    timeout: Duration,
    /// The numbering of its mails; another one makes all numbers that are known void.
    pub uid_validity: u32,
}

/// A mail in the mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its number.
    pub uid: u32,
    /// How many bytes it has.
    pub size_bytes: u64,
}

impl Post {
    /// Whether the mailbox could be read now.
    ///
    /// # Errors
    /// [`Away`] says why not.
    pub async fn check_imap(&self, server: &Server) -> Result<(), Away> {
        self.open_mailbox(server).await?.close().await;
        Ok(())
    }

    /// Opens the mailbox.
    ///
    /// # Errors
    /// [`Away`] says why that is not possible just now.
    pub async fn open_mailbox(&self, server: &Server) -> Result<Mailbox, Away> {
        let opening = timeout(self.timeout, self.opened(server)).await;
        opening.unwrap_or(Err(SendReason::ServerAway)).map_err(Away)
    }

    async fn opened(&self, server: &Server) -> Result<Mailbox, SendReason> {
        let Server { host, port, security, login } = server;
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(|error| why_no_line(&error))?;
        let mut client = match security {
            Security::Implicit => greeted(self.encrypted(host, stream).await?).await?,
            Security::StartTls | Security::OwnMachine => greeted(Box::new(stream)).await?,
        };
        if *security == Security::StartTls || *security == Security::OwnMachine && self.trusted.is_some() {
            client.run_command_and_check_ok("STARTTLS", None).await.map_err(|_| SendReason::NoTrust)?;
            client = Client::new(self.encrypted(host, client.into_inner()).await?);
        }
        let (user, password) = login.as_ref().map_or(("", ""), |(user, password)| (user.as_str(), password.expose_secret()));
        let mut session = client.login(user, password).await.map_err(|(error, _)| {
            let is_refused = matches!(error, async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_));
            if is_refused { SendReason::LoginRefused } else { reason(&error) }
        })?;
        let inbox = session.select(INBOX).await.map_err(|error| reason(&error))?;
        let uid_validity = inbox.uid_validity.ok_or(SendReason::Rejected)?;
        Ok(Mailbox { session, timeout: self.timeout, uid_validity })
    }

    async fn encrypted(&self, host: &str, line: impl Line + 'static) -> Result<Box<dyn Line>, SendReason> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| SendReason::NoTrust)?;
        let trusted = self.trusted.clone();
        // The system's certificates are files.
        let roots = tokio::task::spawn_blocking(move || {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            roots.add_parsable_certificates(trusted.as_deref().map(certificates).unwrap_or_default());
            roots
        });
        let roots = roots.await.map_err(|_| SendReason::NoTrust)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = versions.map_err(|_| SendReason::NoTrust)?.with_root_certificates(roots).with_no_client_auth();
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, line).await;
        Ok(Box::new(connecting.map_err(|error| why_no_line(&error))?))
    }
}

impl Mailbox {
    /// The mails after a number, in their order.
    ///
    /// # Errors
    /// [`Away`], also where the server says something else.
    pub async fn after(&mut self, uid: u32) -> Result<Vec<Listed>, Away> {
        self.listed(&format!("{}:*", uid.saturating_add(1)), uid).await
    }

    /// The mails that came on a day or later, in their order.
    ///
    /// # Errors
    /// As for [`Mailbox::after`].
    pub async fn since(&mut self, day: Day) -> Result<Vec<Listed>, Away> {
        let mut first: Option<u32> = None;
        let command = format!("UID SEARCH SINCE {}", imap_day(day));
        let found = self.ask(&command, 1, |said| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = said {
                first = first.into_iter().chain(uids.iter().copied()).min();
            }
        });
        found.await?;
        let Some(first) = first else { return Ok(Vec::new()) };
        self.listed(&format!("{first}:*"), first.saturating_sub(1)).await
    }

    async fn listed(&mut self, range: &str, after: u32) -> Result<Vec<Listed>, Away> {
        let size = |attribute: &AttributeValue<'_>| if let AttributeValue::Rfc822Size(size) = attribute { Some(*size) } else { None };
        let mut listed: Vec<Listed> = Vec::new();
        let command = format!("UID FETCH {range} (UID RFC822.SIZE)");
        let asked = self.ask(&command, 1, |said| {
            if let Response::Fetch(_, attributes) = said
                && let (Some(uid), Some(size)) = (uid_of(attributes), attributes.iter().find_map(size))
            {
                listed.push(Listed { uid, size_bytes: u64::from(size) });
            }
        });
        asked.await?;
        // `*` is the last mail, whatever number the range begins with.
        listed.retain(|mail| mail.uid > after);
        listed.sort_unstable();
        listed.dedup_by_key(|mail| mail.uid);
        Ok(listed)
    }

    /// The bytes of a mail: all of them, or, of one that is larger than the limit, its head and the beginning of its text; `None` where it
    /// is gone by now.
    ///
    /// # Errors
    /// As for [`Mailbox::after`].
    pub async fn fetch(&mut self, mail: Listed, limit_bytes: u64) -> Result<Option<Vec<u8>>, Away> {
        let is_whole = mail.size_bytes <= limit_bytes;
        let cut = format!("BODY.PEEK[HEADER] BODY.PEEK[TEXT]<0.{TEXT_BYTES}>");
        let wanted = if is_whole { "BODY.PEEK[]" } else { cut.as_str() };
        let command = format!("UID FETCH {} (UID {wanted})", mail.uid);
        let mut found = None;
        let asked = self.ask(&command, SLOWER, |said| {
            // Servers also say by themselves that a mail's flags have changed: such an answer names the mail and has no bytes.
            let Response::Fetch(_, attributes) = said else { return };
            if found.is_some() || uid_of(attributes) != Some(mail.uid) {
                return;
            }
            found = if is_whole {
                section(attributes, None).map(<[u8]>::to_vec)
            } else {
                let text = section(attributes, Some(MessageSection::Text)).unwrap_or_default();
                section(attributes, Some(MessageSection::Header)).map(|head| [head, text].concat())
            };
        });
        asked.await?;
        Ok(found)
    }

    /// Marks a mail as read, where the server lets anybody do so.
    ///
    /// # Errors
    /// [`Away`] where there is no line any more.
    pub async fn mark(&mut self, uid: u32) -> Result<(), Away> {
        match self.ask(&format!("UID STORE {uid} +FLAGS.SILENT (\\Seen)"), 1, |_| ()).await {
            // A mailbox that is only to be read is read all the same.
            Ok(()) | Err(Away(SendReason::ServerBusy | SendReason::Rejected)) => Ok(()),
            Err(away) => Err(away),
        }
    }

    /// Gives all that a server says to a command to `each`, until it says that it did it.
    ///
    /// The client's own methods end at the command's tag, whatever stands behind it: with them a `NO` would be an empty answer, and an empty
    /// answer says that a mail is gone.
    async fn ask(&mut self, command: &str, slower: u32, mut each: impl FnMut(&Response<'_>)) -> Result<(), Away> {
        let asking = async {
            let tag = self.session.run_command(command).await.map_err(|error| reason(&error))?;
            loop {
                let answer = self.session.read_response().await.map_err(|error| why_no_line(&error))?.ok_or(SendReason::ServerAway)?;
                if let Response::Done { tag: done, status, .. } = answer.parsed()
                    && *done == tag
                {
                    return match status {
                        Status::Ok => Ok(()),
                        Status::No => Err(SendReason::ServerBusy),
                        Status::Bad | Status::PreAuth | Status::Bye => Err(SendReason::Rejected),
                    };
                }
                each(answer.parsed());
            }
        };
        timeout(self.timeout * slower, asking).await.unwrap_or(Err(SendReason::ServerAway)).map_err(Away)
    }

    /// Ends the conversation.
    pub async fn close(mut self) {
        let _ = timeout(GOODBYE, self.session.logout()).await;
    }
}

fn uid_of(attributes: &[AttributeValue<'_>]) -> Option<u32> {
    attributes.iter().find_map(|attribute| if let AttributeValue::Uid(uid) = attribute { Some(*uid) } else { None })
}

/// The bytes of a part of a mail, or of all of it.
fn section<'a>(attributes: &'a [AttributeValue<'_>], wanted: Option<MessageSection>) -> Option<&'a [u8]> {
    let wanted = wanted.map(SectionPath::Full);
    attributes.iter().find_map(|attribute| {
        if let AttributeValue::BodySection { section, data: Some(data), .. } = attribute
            && *section == wanted
        {
            return Some(data.as_ref());
        }
        None
    })
}

/// A client whose server has said hello.
async fn greeted(line: Box<dyn Line>) -> Result<Client<Box<dyn Line>>, SendReason> {
    let mut client = Client::new(line);
    match client.read_response().await {
        Ok(Some(_)) => Ok(client),
        Ok(None) => Err(SendReason::ServerAway),
        Err(error) => Err(why_no_line(&error)),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it says makes no sense here, also what later versions add")]
fn reason(error: &async_imap::error::Error) -> SendReason {
    match error {
        async_imap::error::Error::Io(error) => why_no_line(error),
        async_imap::error::Error::No(_) => SendReason::ServerBusy,
        async_imap::error::Error::ConnectionLost => SendReason::ServerAway,
        _ => SendReason::Rejected,
    }
}

/// A day as servers read it (RFC 9051, section 9): `3-Nov-2026`.
fn imap_day(day: Day) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let written = day.to_string();
    let mut parts = written.split('-');
    let (year, month, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let month = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).unwrap_or(&"Jan");
    format!("{}-{month}-{year}", number.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_servers_read_it() {
        assert_eq!(imap_day("2026-11-03".parse().unwrap()), "3-Nov-2026");
        assert_eq!(imap_day("2026-01-30".parse().unwrap()), "30-Jan-2026");
    }
}
