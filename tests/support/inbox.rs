//! A mailbox on a port of this machine that answers as it is told: with mails, with a refusal, with what nobody asked for, or never.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Listens until it is dropped.
pub(crate) struct Inbox {
    address: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Inner {
    told: Mutex<Told>,
    /// Which mails were asked for, in that order.
    asked: Mutex<Vec<u32>>,
    /// How many were.
    many: watch::Sender<usize>,
    /// Whether what waits goes on.
    goes_on: watch::Sender<bool>,
}

/// How it answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// The mails, the first with the number 1.
    pub(crate) mails: Vec<Vec<u8>>,
    /// Whether lists are refused.
    pub(crate) refuses_lists: bool,
    /// The mails that are refused.
    pub(crate) refuses: BTreeSet<u32>,
    /// The mails at which the line breaks.
    pub(crate) breaks_at: BTreeSet<u32>,
    /// The mail that comes once [`Inbox::go_on`] says so.
    pub(crate) waits_at: Option<u32>,
    /// Whether a mail's flags are told before the mail, without being asked for.
    pub(crate) tells_flags: bool,
    /// Whether nothing may be marked.
    pub(crate) is_read_only: bool,
}

impl Inbox {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, inner) = (listener.local_addr().unwrap(), Arc::new(Inner::default()));
        let listening = Arc::clone(&inner);
        let task = tokio::spawn(async move {
            loop {
                let (line, _) = listener.accept().await.unwrap();
                tokio::spawn(speak(line, Arc::clone(&listening)));
            }
        });
        Self { address, inner, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("imap://desk:secret@{}", self.address)
    }

    /// Changes how it answers.
    pub(crate) fn tell(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.inner.told.lock().unwrap());
    }

    /// Which mails were asked for.
    pub(crate) fn asked(&self) -> Vec<u32> {
        self.inner.asked.lock().unwrap().clone()
    }

    /// Waits until so many mails were asked for.
    pub(crate) async fn until(&self, many: usize) {
        self.inner.many.subscribe().wait_for(|asked| *asked >= many).await.unwrap();
    }

    pub(crate) fn go_on(&self) {
        self.inner.goes_on.send_replace(true);
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn speak(line: TcpStream, inner: Arc<Inner>) {
    let (read, mut write) = line.into_split();
    let mut lines = BufReader::new(read).lines();
    let _ = write.write_all(b"* OK inbox\r\n").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let (tag, command) = line.split_once(' ').unwrap();
        let told = inner.told.lock().unwrap().clone();
        let words: Vec<String> = command.split(' ').map(str::to_ascii_uppercase).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let done = match words.as_slice() {
            ["SELECT", ..] => {
                let many = told.mails.len();
                format!("* {many} EXISTS\r\n* OK [UIDVALIDITY 7] numbered\r\n{tag} OK [READ-WRITE] open\r\n").into_bytes()
            }
            ["UID", "SEARCH" | "FETCH", ..] if told.refuses_lists && !command.contains("BODY") => {
                format!("{tag} NO [SERVERBUG] not now\r\n").into_bytes()
            }
            ["UID", "SEARCH", ..] => {
                let all: Vec<String> = (1..=told.mails.len()).map(|uid| format!(" {uid}")).collect();
                format!("* SEARCH{}\r\n{tag} OK searched\r\n", all.concat()).into_bytes()
            }
            ["UID", "FETCH", range, ..] if command.contains("SIZE") => listed(&told, tag, range),
            ["UID", "FETCH", uid, ..] => {
                let uid = uid.parse().unwrap();
                inner.asked.lock().unwrap().push(uid);
                inner.many.send_modify(|many| *many += 1);
                if told.breaks_at.contains(&uid) {
                    return;
                }
                if told.waits_at == Some(uid) {
                    inner.goes_on.subscribe().wait_for(|goes_on| *goes_on).await.unwrap();
                }
                fetched(&told, tag, uid, command.contains("HEADER"))
            }
            ["UID", "STORE", ..] if told.is_read_only => format!("{tag} NO [NOPERM] only to be read\r\n").into_bytes(),
            ["LOGOUT"] => {
                let _ = write.write_all(format!("* BYE\r\n{tag} OK bye\r\n").as_bytes()).await;
                return;
            }
            _ => format!("{tag} OK done\r\n").into_bytes(),
        };
        if write.write_all(&done).await.is_err() {
            return;
        }
    }
}

/// The mails from a number on; the last one in any case, as `*` is its number.
fn listed(told: &Told, tag: &str, range: &str) -> Vec<u8> {
    let first: usize = range.split(':').next().unwrap().parse().unwrap();
    let many = told.mails.len();
    let wanted = first.min(many.max(1))..=many;
    let mails: Vec<String> = wanted.map(|uid| format!("* {uid} FETCH (UID {uid} RFC822.SIZE {})\r\n", told.mails[uid - 1].len())).collect();
    format!("{}{tag} OK fetched\r\n", mails.concat()).into_bytes()
}

fn fetched(told: &Told, tag: &str, uid: u32, is_head: bool) -> Vec<u8> {
    if told.refuses.contains(&uid) {
        return format!("{tag} NO [SERVERBUG] not this one\r\n").into_bytes();
    }
    let mail = &told.mails[uid as usize - 1];
    let mut said = Vec::new();
    if told.tells_flags {
        said.extend(format!("* {uid} FETCH (UID {uid} FLAGS (\\Seen))\r\n").bytes());
    }
    let section = if is_head { "HEADER" } else { "" };
    said.extend(format!("* {uid} FETCH (UID {uid} BODY[{section}] {{{}}}\r\n", mail.len()).bytes());
    said.extend(mail);
    said.extend(format!(")\r\n{tag} OK fetched\r\n").bytes());
    said
}
