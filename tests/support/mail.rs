//! The mail servers that `tests/support/mail.sh` starts: mailboxes of a test's own, what arrived in them, and mails to them.

use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use backchannel::connectors::email::Options;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

const LONGEST: Duration = Duration::from_mins(1);
/// Looks into a folder of another process, which tells nobody when it has written there.
const LOOK_EVERY: Duration = Duration::from_millis(20);

static SAID: Once = Once::new();

/// The servers.
#[derive(Debug, Clone)]
pub(crate) struct Servers {
    smtp_port: u16,
    imap_port: u16,
    /// Those for STARTTLS.
    open_ports: (u16, u16),
    folder: PathBuf,
}

/// The servers, where there are any; says loudly that there are none.
pub(crate) fn servers() -> Option<Servers> {
    let known = |name: &str| std::env::var(format!("BACKCHANNEL_TEST_{name}")).ok();
    let port = |url: String| url.rsplit(':').next().unwrap().parse().unwrap();
    let open = known("SMTP_STARTTLS_URL").zip(known("IMAP_STARTTLS_URL"));
    let (Some(smtp), Some(imap), Some(open), Some(folder)) = (known("SMTP_URL"), known("IMAP_URL"), open, known("MAIL_DIR")) else {
        assert!(std::env::var("BACKCHANNEL_REQUIRE_MAIL").is_err(), "the mail servers are missing: tests/support/mail.sh starts them");
        SAID.call_once(say_what_is_left_out);
        return None;
    };
    let open_ports = (port(open.0), port(open.1));
    Some(Servers { smtp_port: port(smtp), imap_port: port(imap), open_ports, folder: folder.into() })
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
fn say_what_is_left_out() {
    eprintln!("LEFT OUT: no mail is really sent or read; see tests/support/mail.sh");
}

/// A name that no other mailbox has.
pub(crate) fn fresh_name(begins: &str) -> String {
    format!("{begins}-{:016x}", rand::random::<u64>())
}

impl Servers {
    /// How a desk with this mailbox sends and reads.
    pub(crate) fn options(&self, name: &str) -> Options {
        Options {
            smtp_url: Some(self.smtp_url(name).into()),
            imap_url: Some(self.imap_url(name).into()),
            address: Some(format!("{name}@desk.example").parse().unwrap()),
            ca_file: Some(self.ca_file()),
            ..Options::default()
        }
    }

    /// The same by STARTTLS.
    pub(crate) fn by_starttls(&self, name: &str) -> Options {
        let (smtp, imap) = self.open_ports;
        let url = |scheme: &str, port: u16| Some(format!("{scheme}://{name}:{name}-secret@127.0.0.1:{port}").into());
        Options { smtp_url: url("smtp", smtp), imap_url: url("imap", imap), ..self.options(name) }
    }

    pub(crate) fn smtp_url(&self, name: &str) -> String {
        format!("smtps://{name}:{name}-secret@127.0.0.1:{}", self.smtp_port)
    }

    pub(crate) fn imap_url(&self, name: &str) -> String {
        format!("imaps://{name}:{name}-secret@127.0.0.1:{}", self.imap_port)
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// What is in a mailbox now.
    pub(crate) fn mails(&self, name: &str) -> Vec<Vec<u8>> {
        let folder = self.folder.join("mail").join(name).join("Maildir");
        let files = ["new", "cur"].into_iter().flat_map(|part| fs_err::read_dir(folder.join(part)).into_iter().flatten());
        // One that a reader moves at this moment is found at the next look.
        files.filter_map(|file| fs_err::read(file.ok()?.path()).ok()).collect()
    }

    /// Waits until so many mails are in a mailbox.
    pub(crate) async fn arrived(&self, name: &str, many: usize) -> Vec<Vec<u8>> {
        let looking = async {
            loop {
                let mails = self.mails(name);
                if mails.len() >= many {
                    return mails;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        timeout(LONGEST, looking).await.unwrap_or_else(|_| panic!("{many} mails for {name}"))
    }

    /// How many mails are in a mailbox once one that is sent now has arrived behind them; that one is not counted.
    pub(crate) async fn settled(&self, name: &str) -> usize {
        let (mark, before) = (fresh_name("mark"), self.mails(name).len());
        let to = format!("{name}@desk.example");
        self.send("world@other.example", &[&to], format!("From: <world@other.example>\r\nSubject: {mark}\r\n\r\n.\r\n").as_bytes()).await;
        let mut mails = self.arrived(name, before + 1).await;
        let is_mark = |mail: &Vec<u8>| String::from_utf8_lossy(mail).contains(&mark);
        while !mails.iter().any(is_mark) {
            mails = self.arrived(name, mails.len() + 1).await;
        }
        let others = mails.len() - 1;
        let file = self.folder.join("mail").join(name).join("Maildir");
        for part in ["new", "cur"] {
            for entry in fs_err::read_dir(file.join(part)).into_iter().flatten().flatten() {
                if fs_err::read(entry.path()).is_ok_and(|mail| is_mark(&mail)) {
                    let _ = fs_err::remove_file(entry.path());
                }
            }
        }
        others
    }

    /// Sends a mail as somebody else would.
    pub(crate) async fn send(&self, from: &str, to: &[&str], mail: &[u8]) {
        let authority = Certificate::from_pem(&fs_err::read(self.ca_file()).unwrap()).unwrap();
        let tls = TlsParameters::builder("127.0.0.1".to_owned()).add_root_certificate(authority).build_rustls().unwrap();
        let name = ClientId::Domain("localhost".to_owned());
        let server = ("127.0.0.1", self.smtp_port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(server, Some(LONGEST), &name, Some(tls), None).await.unwrap();
        connection.auth(&[Mechanism::Plain], &Credentials::new("world".to_owned(), "world-secret".to_owned())).await.unwrap();
        let to = to.iter().map(|address| address.parse().unwrap()).collect();
        connection.send(&Envelope::new(from.parse().ok(), to).unwrap(), mail).await.unwrap();
        let _ = connection.quit().await;
    }
}
