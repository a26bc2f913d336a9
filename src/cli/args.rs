//! The arguments of every command.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::domain::id::{JobId, TokenId};
use crate::domain::vocabulary::{EmailAddress, HeadPart, Role, Slug, TeamName};
use crate::text::extract::Format;

/// Triage and copilot service for support desks that learns from side conversations.
#[derive(Debug, Parser)]
#[command(name = "backchannel", version, max_term_width = 100)]
pub(super) struct Args {
    /// A TOML file over the built-in defaults.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The data folder (`data.dir`).
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    /// Where to listen (`server.listen`).
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(super) listen: Option<SocketAddr>,
    /// The workspace, by its short name; the first one when left out.
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) workspace: Option<Slug>,
    /// Print results as JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Load a small company and serve it on this machine, to try everything; its data lies in the folder `demo` of the data folder, or
    /// in the data folder itself where that is called `demo`.
    Demo,
    /// Serve pages, API and background work.
    Serve {
        /// What this process does; roles split over processes need PostgreSQL and a Qdrant server.
        #[arg(long, value_enum, default_value_t = ServeRole::All)]
        role: ServeRole,
    },
    /// Take in tickets, people, threads and customers (JSON lines) and documents (Markdown, HTML, text, PDF, DOCX, mail).
    Ingest {
        /// Files and folders; folders are walked.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Who may read the documents among them; without it known ones keep their readers, new ones are for colleagues, and other content
        /// under the name of a public one is refused.
        #[arg(long, value_enum)]
        audience: Option<IngestAudience>,
    },
    /// Say what a ticket is, from a JSON ticket or plain text; many, from JSON lines: a line of JSON for each, in their order, and exit
    /// code 1 where one failed.
    Triage {
        /// A file, or `-` for standard input.
        file: PathBuf,
    },
    /// Learn from the workspace's labels and playbook; a running server takes the new version at once. With `--builtin`, learn a head that
    /// comes with the product; a build takes it in from the folder `models` of the source.
    Train {
        /// A head that comes with the product.
        #[arg(long, value_enum, value_name = "NAME", requires = "data")]
        builtin: Option<Builtin>,
        /// The folder of the public sets, with `goemotions` and `tatoeba_112` in it.
        #[arg(long, value_name = "DIR", requires = "builtin")]
        data: Option<PathBuf>,
        /// The folder of the own labelled texts.
        #[arg(long, value_name = "DIR", default_value = "eval/texts", requires = "builtin")]
        texts: PathBuf,
        /// The folder to write to.
        #[arg(long, value_name = "DIR", default_value = "models", requires = "builtin")]
        out: PathBuf,
    },
    /// List what was learned, go back to a version, find thresholds and suspect labels.
    #[command(subcommand)]
    Heads(HeadsCommand),
    /// Fetch, list and check encoders.
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Measure the product on labelled data.
    #[command(subcommand)]
    Eval(EvalCommand),
    /// Check, apply and export what an admin tunes.
    #[command(subcommand)]
    Playbook(PlaybookCommand),
    /// Print a link that signs somebody in once, within 15 minutes; a new address becomes a user.
    SignInLink {
        /// Their address; the first admin when left out.
        email: Option<EmailAddress>,
        /// What a new user may do.
        #[arg(long, default_value = "agent")]
        role: Role,
        /// A team whose restricted documents they may read; repeat it for more. Replaces the teams of a known user.
        #[arg(long = "team", value_name = "TEAM", requires = "email")]
        teams: Vec<TeamName>,
    },
    /// Make, list and revoke API tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Check the audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Rebuild the index from the database.
    Reindex,
    /// Look at the queue of background work.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Check this machine and installation, and say what to do about what is wrong.
    Doctor,
    /// Print the OpenAPI document of the REST API.
    Openapi,
    /// Take one file apart under limits; the service runs this itself.
    #[command(hide = true)]
    ExtractChild {
        #[arg(long)]
        format: Format,
    },
}

impl Command {
    /// Whether the command needs an installation that somebody began.
    pub(super) const fn works_on_data(&self) -> bool {
        match self {
            Self::Ingest { .. }
            | Self::Triage { .. }
            | Self::SignInLink { .. }
            | Self::Token(_)
            | Self::Audit(_)
            | Self::Reindex
            | Self::Train { builtin: None, .. }
            | Self::Heads(_)
            | Self::Jobs(_) => true,
            Self::Playbook(command) => !matches!(command, PlaybookCommand::Check { .. }),
            Self::Demo
            | Self::Serve { .. }
            | Self::Train { builtin: Some(_), .. }
            | Self::Models(_)
            | Self::Eval(_)
            | Self::Doctor
            | Self::Openapi
            | Self::ExtractChild { .. } => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ServeRole {
    /// Pages and API.
    Api,
    /// Background work.
    Worker,
    /// Both.
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum IngestAudience {
    /// Anybody, customers included.
    Public,
    /// Every colleague.
    Internal,
}

/// A head that comes with the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Builtin {
    /// How a customer feels.
    Sentiment,
    /// How pressing a matter is.
    Urgency,
    /// The language of a text.
    Language,
    /// Which sentences of a conversation belong in its summary.
    Salience,
}

#[derive(Debug, Subcommand)]
pub(super) enum ModelsCommand {
    /// Fetch a model and check its sums.
    Pull {
        /// Its name; the configured one when left out.
        name: Option<String>,
    },
    /// List the models of the manifest and whether they are here.
    List,
    /// Check every sum of the models that are here.
    Verify,
    /// Measure how fast the encoder is on this machine.
    Bench {
        /// A file with a text on each line, or several; some made-up short and long ones when left out.
        #[arg(long, num_args = 1..)]
        texts: Vec<PathBuf>,
        /// How often all texts are encoded.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
        /// Where to write the vectors of each file, one name for one file: numbers of 32 bits, the low byte first, text after text.
        #[arg(long, num_args = 1.., requires = "texts")]
        vectors: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum HeadsCommand {
    /// List the versions, with how good each head is on tickets that it did not see.
    List,
    /// Let a version answer, whatever is learned later.
    Use {
        /// Its number.
        version: i64,
    },
    /// Let the newest version answer again.
    Follow,
    /// Say from which probability on guesses keep a precision, and how many tickets that covers.
    Threshold {
        /// What the head says of a ticket: intent, route, `next_step`, priority, sentiment or urgency.
        #[arg(long, default_value = "intent")]
        head: HeadPart,
        /// The share of guesses that should be right.
        #[arg(long, default_value_t = 0.95)]
        precision: f64,
    },
    /// List labels that heads which did not learn from them hardly believe.
    Suspects,
    /// Measure what corrections are worth: learn from the earlier two thirds of the tickets without and with them, and ask the last third.
    Feedback,
}

#[derive(Debug, Subcommand)]
pub(super) enum EvalCommand {
    /// Run a suite: ask one part of a data set, after learning from the other where something is learned.
    Run {
        /// Its name, as `eval list` has it, or a TOML file.
        #[arg(long)]
        suite: String,
        /// The folder that its files are in.
        #[arg(long)]
        data: PathBuf,
        /// A folder of a playbook in place of the suite's own.
        #[arg(long, value_name = "DIR")]
        playbook: Option<PathBuf>,
        /// Write the whole report with every item that was asked, to be compared later.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Write the report as one page with plots.
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Compare two runs of a suite, item by item.
    Compare {
        /// The report of the first run, as `eval run --out` writes it.
        a: PathBuf,
        /// The report of the second.
        b: PathBuf,
    },
    /// Run suites and hold them against what was written down; ends with 1 where one is worse beyond chance.
    Gate {
        /// Which suites; all that have a baseline when left out.
        #[arg(long)]
        suite: Vec<String>,
        /// The folder that their files are in.
        #[arg(long)]
        data: PathBuf,
        /// The folder of the baselines, one `SUITE.json` each.
        #[arg(long, value_name = "DIR", default_value = "eval/baselines")]
        baselines: PathBuf,
        /// A folder of a playbook in place of the suites' own.
        #[arg(long, value_name = "DIR")]
        playbook: Option<PathBuf>,
        /// Write the runs down as the new baselines.
        #[arg(long)]
        write: bool,
    },
    /// List the suites that come along.
    List {
        /// Say of each whether its data is in this folder.
        #[arg(long)]
        data: Option<PathBuf>,
    },
    /// Write the files of the suites from public data sets, which `eval/datasets.toml` names.
    Import {
        /// The folder of the sets, with `fewshot_intent`, `clinc150` and `nlupp` in it.
        #[arg(long)]
        from: PathBuf,
        /// The folder to write to.
        #[arg(long)]
        data: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum PlaybookCommand {
    /// Check a folder of TOML without keeping it.
    Check {
        /// The folder.
        dir: PathBuf,
    },
    /// Check a folder and put it in force.
    Apply {
        /// The folder.
        dir: PathBuf,
    },
    /// Write the playbook in force to a folder.
    Export {
        /// The folder; made when it is not there.
        dir: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token and print it once.
    Create {
        /// What it is for.
        name: String,
        /// What it may do.
        #[arg(long, default_value = "service")]
        role: Role,
        /// A team whose restricted documents it may read; repeat it for more.
        #[arg(long = "team", value_name = "TEAM")]
        teams: Vec<TeamName>,
    },
    /// List the tokens, without their secrets.
    List,
    /// Revoke a token.
    Revoke {
        /// Its id, as `token list` shows it.
        id: TokenId,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check that no line of the audit trail was changed or removed.
    Verify,
}

#[derive(Debug, Subcommand)]
pub(super) enum JobsCommand {
    /// List jobs that wait, run or are dead.
    List,
    /// Let a dead job run again.
    Redrive {
        /// Its id, as `jobs list` shows it.
        id: JobId,
    },
}

impl Args {
    /// The flags that are configuration keys.
    pub(super) fn flags(&self) -> BTreeMap<String, String> {
        let data_dir = self.data_dir.as_ref().map(|dir| ("data.dir".to_owned(), dir.display().to_string()));
        let listen = self.listen.map(|listen| ("server.listen".to_owned(), listen.to_string()));
        data_dir.into_iter().chain(listen).collect()
    }
}
