//! A server of mails on a port of this machine that hands them on to the real one, and answers as it is told: late, never, or not at all.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::support::mail::Servers;

/// What to do with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Hand it on, and say so.
    Relay,
    /// Hand it on, and hang up without a word.
    RelayAndHangUp,
    /// Hand it on, and say nothing more.
    RelayAndWait,
    /// Hang up without handing it on.
    HangUp,
    /// Say nothing more without handing it on.
    Wait,
    /// Ask to try later.
    Busy,
}

/// Listens until it is dropped or shut.
pub(crate) struct Gate {
    address: SocketAddr,
    inner: Arc<Inner>,
    task: Option<JoinHandle<()>>,
}

struct Inner {
    servers: Servers,
    next: Mutex<VecDeque<Plan>>,
    /// What is answered to the next commands that hold these words, once each.
    answers: Mutex<Vec<(String, &'static str)>>,
    /// How long each recipient takes.
    slowness: Mutex<Duration>,
    /// How many mails came, whatever became of them.
    came: watch::Sender<usize>,
}

impl Gate {
    pub(crate) async fn open(servers: &Servers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Inner {
            servers: servers.clone(),
            next: Mutex::default(),
            answers: Mutex::default(),
            slowness: Mutex::default(),
            came: watch::Sender::new(0),
        };
        let mut gate = Self { address, inner: Arc::new(inner), task: None };
        gate.listen(listener);
        gate
    }

    fn listen(&mut self, listener: TcpListener) {
        let inner = Arc::clone(&self.inner);
        self.task = Some(tokio::spawn(async move {
            loop {
                let (line, _) = listener.accept().await.unwrap();
                tokio::spawn(speak(line, Arc::clone(&inner)));
            }
        }));
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Takes nobody in any more.
    pub(crate) async fn shut(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// Takes people in again, at the same port.
    pub(crate) async fn reopen(&mut self) {
        self.listen(TcpListener::bind(self.address).await.unwrap());
    }

    /// What to do with the next mails, one each; those after them are handed on.
    pub(crate) fn next(&self, plans: impl IntoIterator<Item = Plan>) {
        self.inner.next.lock().unwrap().extend(plans);
    }

    /// Answers this to the next command that holds these words, instead of doing what it says.
    pub(crate) fn answer(&self, words: &str, answer: &'static str) {
        self.inner.answers.lock().unwrap().push((words.to_owned(), answer));
    }

    /// Takes so long for each recipient.
    pub(crate) fn slow_down(&self, slowness: Duration) {
        *self.inner.slowness.lock().unwrap() = slowness;
    }

    /// How many mails came.
    pub(crate) fn came(&self) -> usize {
        *self.inner.came.borrow()
    }

    /// Waits until so many mails came.
    pub(crate) async fn until(&self, many: usize) {
        self.inner.came.subscribe().wait_for(|came| *came >= many).await.unwrap();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn speak(line: TcpStream, inner: Arc<Inner>) {
    let (read, mut write) = line.into_split();
    let mut lines = BufReader::new(read);
    let (mut from, mut to) = (String::new(), Vec::new());
    let address = |command: &str| command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
    let mut answer = "220 gate\r\n";
    loop {
        if write.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        let Some(command) = next_line(&mut lines).await else { return };
        let told = {
            let mut answers = inner.answers.lock().unwrap();
            answers.iter().position(|(words, _)| command.contains(words.as_str())).map(|at| answers.remove(at).1)
        };
        if let Some(told) = told {
            answer = told;
            continue;
        }
        let verb: String = command.chars().take(4).collect::<String>().to_ascii_uppercase();
        match verb.as_str() {
            "MAIL" => from = address(&command),
            "RCPT" => {
                let slowness = *inner.slowness.lock().unwrap();
                tokio::time::sleep(slowness).await;
                to.push(address(&command));
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.unwrap();
                let mail = body(&mut lines).await;
                let plan = inner.next.lock().unwrap().pop_front().unwrap_or(Plan::Relay);
                if matches!(plan, Plan::Relay | Plan::RelayAndHangUp | Plan::RelayAndWait) {
                    let to: Vec<&str> = to.iter().map(String::as_str).collect();
                    inner.servers.send(&from, &to, &mail).await;
                }
                inner.came.send_modify(|came| *came += 1);
                match plan {
                    Plan::Relay => {}
                    Plan::RelayAndHangUp | Plan::HangUp => return,
                    Plan::RelayAndWait | Plan::Wait => std::future::pending().await,
                    Plan::Busy => {
                        answer = "451 4.3.0 later\r\n";
                        continue;
                    }
                }
            }
            "QUIT" => {
                let _ = write.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => {}
        }
        answer = "250 ok\r\n";
    }
}

async fn next_line(lines: &mut BufReader<tokio::net::tcp::OwnedReadHalf>) -> Option<String> {
    let mut line = String::new();
    (lines.read_line(&mut line).await.ok()? > 0).then_some(line)
}

/// A mail up to its dot.
async fn body(lines: &mut BufReader<tokio::net::tcp::OwnedReadHalf>) -> Vec<u8> {
    let mut mail = String::new();
    while let Some(line) = next_line(lines).await {
        if line == ".\r\n" {
            break;
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
    mail.into_bytes()
}
