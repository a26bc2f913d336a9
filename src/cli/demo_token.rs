//! The token that `demo` prints: the same at every start, so that whoever uses it may go on.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::app::App;
use crate::cli::CliError;
use crate::domain::user::Actor;
use crate::domain::vocabulary::Role;

const NAME: &str = "demo";
/// The database keeps only the hash of a token: this file of the demo's own folder keeps what is to be printed.
const FILE: &str = "demo.token";

/// The token of the demo in a data folder; a new one in place of all before it where there is none yet, or the last is of no use.
///
/// # Errors
/// The folder cannot be read or written, and whatever the store says.
pub(super) async fn kept(app: &App, actor: &Actor, folder: &Path) -> Result<String, CliError> {
    let path = folder.join(FILE);
    let failed = |source| CliError::File { path: path.display().to_string(), source };
    match fs_err::read_to_string(&path) {
        Ok(token) => match app.authenticate(token.trim()).await {
            Ok(known) if known.workspace == actor.workspace => return Ok(token.trim().to_owned()),
            Ok(_) | Err(crate::app::Error::Unauthenticated) => {}
            Err(error) => return Err(error.into()),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    // Nobody can tell any more who has those before it. They go first, so that a start that is cut short leaves none behind.
    for old in app.tokens(actor).await?.into_iter().filter(|token| token.name == NAME && token.revoked_at.is_none()) {
        app.revoke_token(actor, old.id).await?;
    }
    let (_, secret) = app.create_token(actor, NAME, Role::Admin, actor.teams.clone()).await?;
    write(&path, secret.expose()).map_err(failed)?;
    Ok(secret.expose().to_owned())
}

/// Writes a file that nobody but this user may read, whole or not at all.
fn write(path: &Path, token: &str) -> std::io::Result<()> {
    let draft = path.with_extension("draft");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    writeln!(file, "{token}")?;
    file.sync_all()?;
    fs_err::rename(&draft, path)
}
