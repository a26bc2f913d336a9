//! How mail servers are named and trusted.

use crate::domain::outbox::SendReason;
use std::error::Error as StdError;
use std::fmt;
use std::net::IpAddr;

use reqwest::Url;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret as _, SecretString};

/// Why an address of a server cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadServer {
    /// It does not parse, or is of another kind.
    #[error("expected an address such as smtps://user:password@mail.example, smtp:// for STARTTLS; imaps:// and imap:// for the mailbox")]
    NoUrl,
    /// There is a name without a password.
    #[error("it has a user name and no password: give both, with `%40` for an `@`")]
    NoPassword,
}

/// How a line to a server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// Encrypted from the start.
    Implicit,
    /// Encrypted by STARTTLS, or not used at all.
    StartTls,
    /// Encrypted where certificates are given to trust (over SMTP also only where the server offers it): it is on this machine.
    OwnMachine,
}

/// A mail server.
#[derive(Clone)]
pub struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) login: Option<(String, SecretString)>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Server {
    /// Reads an address of `scheme` (`smtp` or `imap`), or of the same with an `s` for encryption from the start.
    pub(super) fn parse(scheme: &str, url: &SecretString) -> Result<Self, BadServer> {
        let url = Url::parse(url.expose_secret().trim()).map_err(|_| BadServer::NoUrl)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(BadServer::NoUrl)?.to_owned();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_encrypted = url.scheme().strip_suffix('s').is_some_and(|rest| rest == scheme);
        if !is_encrypted && url.scheme() != scheme {
            return Err(BadServer::NoUrl);
        }
        let security = match (is_encrypted, is_own_machine(&host)) {
            (true, _) => Security::Implicit,
            (false, true) => Security::OwnMachine,
            (false, false) => Security::StartTls,
        };
        let usual = match (scheme, is_encrypted) {
            ("imap", true) => 993,
            ("imap", false) => 143,
            (_, true) => 465,
            (_, false) => 587,
        };
        let login = match (url.username(), url.password()) {
            ("", _) => None,
            (_, None) => return Err(BadServer::NoPassword),
            (user, Some(password)) => Some((decoded(user), decoded(password).into())),
        };
        Ok(Self { host, port: url.port().unwrap_or(usual), security, login })
    }
}

fn is_own_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
}

/// A part of an address with its `%…` read.
fn decoded(part: &str) -> String {
    let bytes = part.as_bytes();
    let (mut read, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let escaped = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|digits| hex::decode(digits).ok());
        if let Some(escaped) = escaped {
            read.extend(escaped);
            at += 3;
        } else {
            read.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// The certificates of a file.
pub(super) fn certificates(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect()
}

/// Whether an error comes from a certificate or from what the two sides know of encryption, else that there is no line.
pub(super) fn why_no_line(error: &(dyn StdError + 'static)) -> SendReason {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if error.is::<rustls::Error>() || inner.is_some_and(<dyn StdError + Send + Sync>::is::<rustls::Error>) {
            return SendReason::NoTrust;
        }
        cause = error.source();
    }
    SendReason::ServerAway
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_encrypted_unless_it_is_this_machine() {
        let read = |scheme: &str, url: &str| {
            let server = Server::parse(scheme, &url.into()).unwrap();
            (server.to_string(), server.security)
        };
        assert_eq!(read("smtp", "smtps://mail.example"), ("mail.example:465".to_owned(), Security::Implicit));
        assert_eq!(read("smtp", "smtp://mail.example"), ("mail.example:587".to_owned(), Security::StartTls));
        assert_eq!(read("smtp", "smtp://127.0.0.1:2525"), ("127.0.0.1:2525".to_owned(), Security::OwnMachine));
        assert_eq!(read("imap", "imap://localhost"), ("localhost:143".to_owned(), Security::OwnMachine));
        assert_eq!(read("imap", "imaps://u:p@[::1]"), ("::1:993".to_owned(), Security::Implicit));
        assert_eq!(Server::parse("imap", &"smtps://mail.example".into()).unwrap_err(), BadServer::NoUrl);
    }

    #[test]
    fn names_and_passwords_are_read_as_they_were_meant() {
        let server = Server::parse("smtp", &"smtps://desk%40desk.example:p%C3%A9%3a%2F%zz@mail.example".into()).unwrap();
        let (user, password) = server.login.unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("desk@desk.example", "pé:/%zz"));
    }
}
