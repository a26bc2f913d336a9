//! One conversation with a server that takes mails.
//!
//! In two steps, so that whoever sends can note in between that the message may leave: [`Post::open`] goes as far as the server's word on each
//! recipient, [`Opened::hand_over`] gives it the mail.

use std::fmt::Display;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use super::server::{Security, why_no_line};
use super::{Away, Post, Server};
use crate::domain::outbox::SendReason;
use crate::domain::vocabulary::EmailAddress;

/// A server that has the whole mail may look into it for a while before it answers (RFC 5321, section 4.5.3.2.6).
const HANDOVER: Duration = Duration::from_mins(10);
const GOODBYE: Duration = Duration::from_secs(5);

/// What a server said of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Taken,
    /// Not now.
    Later(SendReason),
    /// Never.
    Refused(SendReason),
}

/// What a server said of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Who was to have the mail.
    pub address: EmailAddress,
    /// What it said.
    pub verdict: Verdict,
}

/// What came of giving the mail away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// The server answered.
    Answered(Verdict),
    /// The line broke before it answered: it may have the mail or not.
    Unknown,
}

/// A server that waits for a mail.
pub struct Opened {
    connection: AsyncSmtpConnection,
    timeout: Duration,
    /// What it said of each recipient.
    pub outcomes: Vec<Outcome>,
    /// Whether the desk gets its own copy.
    pub is_copied: bool,
}

/// Of what an answer speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Sender,
    Recipient,
    Mail,
}

impl Post {
    /// Whether mails could be handed over now.
    ///
    /// # Errors
    /// [`Away`] says why not.
    pub async fn check_smtp(&self, server: &Server) -> Result<(), Away> {
        let mut connection = self.connect(server).await.map_err(Away)?;
        let _ = timeout(GOODBYE, connection.quit()).await;
        Ok(())
    }

    /// Opens a conversation for a mail from `reply_to`, which gets a copy of its own.
    ///
    /// Answers also where no recipient is taken; then there is nothing to hand over.
    ///
    /// # Errors
    /// What the server said, or that it said nothing; nothing has left.
    pub async fn open(&self, server: &Server, reply_to: &str, recipients: &[EmailAddress]) -> Result<Opened, Verdict> {
        let mut connection = self.connect(server).await.map_err(Verdict::Later)?;
        let (outcomes, is_copied) = begin(&mut connection, self.timeout, reply_to, recipients).await?;
        Ok(Opened { connection, timeout: self.timeout, outcomes, is_copied })
    }

    async fn connect(&self, server: &Server) -> Result<AsyncSmtpConnection, SendReason> {
        let connecting = timeout(self.timeout, self.connect_now(server)).await;
        connecting.unwrap_or(Err(SendReason::ServerAway))
    }

    async fn connect_now(&self, server: &Server) -> Result<AsyncSmtpConnection, SendReason> {
        let Server { host, port, security, login } = server;
        let name = ClientId::Domain(self.address.domain().to_owned());
        let tls = match security {
            Security::Implicit => Some(self.tls(host)?),
            Security::StartTls | Security::OwnMachine => None,
        };
        let connecting = AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), Some(self.timeout), &name, tls, None).await;
        let mut connection = connecting.map_err(|error| no_service(&error))?;
        let upgrades = match security {
            Security::Implicit => false,
            Security::StartTls => true,
            Security::OwnMachine => connection.can_starttls() && self.trusted.is_some(),
        };
        if upgrades {
            if !connection.can_starttls() {
                return Err(SendReason::NoTrust);
            }
            connection.starttls(self.tls(host)?, &name).await.map_err(|error| no_service(&error))?;
        }
        if let Some((user, password)) = login {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let asked = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            asked.map_err(|error| if error.is_permanent() || error.is_client() { SendReason::LoginRefused } else { no_service(&error) })?;
        }
        Ok(connection)
    }

    fn tls(&self, host: &str) -> Result<TlsParameters, SendReason> {
        let mut tls = TlsParameters::builder(host.to_owned());
        if let Some(pem) = &self.trusted {
            tls = tls.add_root_certificate(Certificate::from_pem(pem).map_err(|_| SendReason::NoTrust)?);
        }
        tls.build_rustls().map_err(|_| SendReason::NoTrust)
    }
}

impl Opened {
    /// Gives the server the mail.
    ///
    /// # Cancel safety
    /// Dropped halfway, the server may have it or not.
    pub async fn hand_over(mut self, mail: &[u8]) -> Handover {
        match timeout(self.timeout, self.connection.command(Data)).await {
            Ok(Ok(_)) => {}
            // Not a byte of it has left.
            Ok(Err(error)) => return Handover::Answered(verdict(&error, About::Mail)),
            Err(_) => return Handover::Answered(Verdict::Later(SendReason::ServerAway)),
        }
        let handover = match timeout(HANDOVER, self.connection.message(mail)).await {
            Ok(Ok(_)) => Handover::Answered(Verdict::Taken),
            Ok(Err(error)) if error.status().is_some() => Handover::Answered(verdict(&error, About::Mail)),
            Ok(Err(_)) | Err(_) => return Handover::Unknown,
        };
        self.close().await;
        handover
    }

    /// Ends the conversation without a mail.
    pub async fn close(mut self) {
        let _ = timeout(GOODBYE, self.connection.quit()).await;
    }
}

/// Names the sender and the recipients; the desk's own copy last. Answers also whether that is taken.
async fn begin(
    connection: &mut AsyncSmtpConnection,
    patience: Duration,
    reply_to: &str,
    recipients: &[EmailAddress],
) -> Result<(Vec<Outcome>, bool), Verdict> {
    let own: Address = reply_to.parse().map_err(|_| Verdict::Refused(SendReason::Unfit))?;
    match said(connection, patience, Mail::new(Some(own.clone()), Vec::new()), About::Sender).await? {
        Verdict::Taken => {}
        verdict @ (Verdict::Later(_) | Verdict::Refused(_)) => return Err(verdict),
    }
    let mut outcomes = Vec::with_capacity(recipients.len());
    for address in recipients {
        let verdict = match parsed(address) {
            None => Verdict::Refused(SendReason::Unfit),
            Some(parsed) => said(connection, patience, Rcpt::new(parsed, Vec::new()), About::Recipient).await?,
        };
        outcomes.push(Outcome { address: address.clone(), verdict });
    }
    let mut is_copied = false;
    if outcomes.iter().any(|outcome| outcome.verdict == Verdict::Taken) {
        is_copied = said(connection, patience, Rcpt::new(own, Vec::new()), About::Recipient).await? == Verdict::Taken;
        if !is_copied {
            tracing::warn!("the mail server does not take the desk's own copy of a message: check that `email.address` may have a `+`");
        }
    }
    Ok((outcomes, is_copied))
}

/// What a server says to one command, for which it has the whole time (RFC 5321, section 4.5.3.2): each recipient may be asked about elsewhere.
///
/// # Errors
/// There is no line any more, or no answer.
async fn said(connection: &mut AsyncSmtpConnection, patience: Duration, command: impl Display, about: About) -> Result<Verdict, Verdict> {
    match timeout(patience, connection.command(command)).await {
        Ok(Ok(_)) => Ok(Verdict::Taken),
        Ok(Err(error)) if error.status().is_some() => Ok(verdict(&error, about)),
        Ok(Err(error)) => Err(Verdict::Later(why_no_line(&error))),
        Err(_) => Err(Verdict::Later(SendReason::ServerAway)),
    }
}

/// An address as a server without extensions takes it.
fn parsed(address: &EmailAddress) -> Option<Address> {
    address.as_str().parse().ok().filter(|_| address.as_str().is_ascii())
}

/// Why a server is of no use before any mail was spoken of.
fn no_service(error: &Error) -> SendReason {
    if error.status().is_some() { SendReason::ServerBusy } else { why_no_line(error) }
}

fn verdict(error: &Error, about: About) -> Verdict {
    let Some(code) = error.status() else { return Verdict::Later(why_no_line(error)) };
    let said = error.to_string();
    judged(&code.to_string(), &said, about)
}

/// What a code and the server's words mean; the words are only searched for the code that stands in them (RFC 3463).
fn judged(code: &str, said: &str, about: About) -> Verdict {
    let detailed = said.split(|c: char| !(c.is_ascii_digit() || c == '.')).find(|word| is_detailed(word));
    let (_, detail) = detailed.and_then(|word| word.split_once('.')).unwrap_or_default();
    let reason = match (detail, code, about) {
        (_, "530" | "534" | "535" | "538", _) => return Verdict::Later(SendReason::LoginRefused),
        // That is no fault of the message: it goes once the operator has seen to it.
        (_, code, About::Sender) if code.starts_with('5') => return Verdict::Later(SendReason::SenderRefused),
        ("1.1" | "1.2" | "1.3" | "1.10" | "2.1", ..) => SendReason::MailboxUnknown,
        ("2.2", ..) => SendReason::MailboxFull,
        ("2.3" | "3.4", ..) => SendReason::TooLarge,
        (detail, ..) if detail.starts_with("7.") => SendReason::NotAllowed,
        (_, "550" | "551" | "553", About::Recipient) => SendReason::MailboxUnknown,
        (_, "552" | "452", About::Recipient) => SendReason::MailboxFull,
        (_, "552", About::Mail) => SendReason::TooLarge,
        _ if code.starts_with('4') => SendReason::ServerBusy,
        _ => SendReason::Rejected,
    };
    if code.starts_with('4') { Verdict::Later(reason) } else { Verdict::Refused(reason) }
}

/// Whether a word is such as `5.1.1`.
fn is_detailed(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    matches!(parts.as_slice(), ["2" | "4" | "5", subject, detail] if [subject, detail].iter().all(|part| (1..=3).contains(&part.len())))
}

/// What a delivery report's code means, such as `5.1.1`.
#[must_use]
pub fn reason_of_status(status: &str) -> SendReason {
    let class = if status.trim().starts_with('4') { "450" } else { "554" };
    match judged(class, status, About::Mail) {
        Verdict::Later(reason) | Verdict::Refused(reason) => reason,
        Verdict::Taken => SendReason::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_becomes_a_reason() {
        let check =
            |code: &str, said: &str, about: About, verdict: Verdict| assert_eq!(judged(code, said, about), verdict, "{code} {said}");
        let (to, mail) = (About::Recipient, About::Mail);
        check("550", "5.1.1 no such user", to, Verdict::Refused(SendReason::MailboxUnknown));
        check("550", "permanent error (550): 5.7.1 relaying denied", to, Verdict::Refused(SendReason::NotAllowed));
        check("550", "Invalid recipient: <a@b.example>", to, Verdict::Refused(SendReason::MailboxUnknown));
        check("552", "5.2.2 over quota", to, Verdict::Refused(SendReason::MailboxFull));
        check("452", "4.2.2 over quota", to, Verdict::Later(SendReason::MailboxFull));
        check("450", "4.2.0 greylisted, see 10.0.0.1", to, Verdict::Later(SendReason::ServerBusy));
        check("421", "busy", mail, Verdict::Later(SendReason::ServerBusy));
        check("552", "5.3.4 too big", mail, Verdict::Refused(SendReason::TooLarge));
        check("554", "no", mail, Verdict::Refused(SendReason::Rejected));
        check("530", "5.7.0 log in", mail, Verdict::Later(SendReason::LoginRefused));
        check("550", "5.7.1 sender not allowed", About::Sender, Verdict::Later(SendReason::SenderRefused));
        check("451", "4.3.0 later", About::Sender, Verdict::Later(SendReason::ServerBusy));
        check("530", "5.7.0 log in", About::Sender, Verdict::Later(SendReason::LoginRefused));
        assert_eq!(reason_of_status("5.1.1"), SendReason::MailboxUnknown);
        assert_eq!((reason_of_status("5.2.2"), reason_of_status("4.4.7")), (SendReason::MailboxFull, SendReason::ServerBusy));
        assert_eq!((reason_of_status(""), reason_of_status("x")), (SendReason::Rejected, SendReason::Rejected));
    }
}
