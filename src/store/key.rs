//! The key of the installation, from the options or from a file that the first start makes: it seals the audit trail, and the secrets of
//! webhooks are made of it.

use std::io::{self, Write};
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};

use crate::store::error::StoreError;

const FILE: &str = "audit.key";
const FEWEST_CHARS: usize = 32;

/// A key of the audit trail; never shown.
pub(super) struct AuditKey(SecretSlice<u8>);

impl AuditKey {
    /// Takes the key from the options, else from `audit.key` in the data directory, which is made when it is not there.
    pub(super) fn obtain(option: Option<&SecretString>, data_dir: &Path) -> Result<Self, StoreError> {
        let text = match option {
            Some(key) if key.expose_secret().len() < FEWEST_CHARS => {
                return Err(StoreError::Options {
                    option: "database.audit_key",
                    reason: format!("it has fewer than {FEWEST_CHARS} characters; use 64 random hexadecimal digits"),
                });
            }
            Some(key) => key.clone(),
            None => {
                let path = data_dir.join(FILE);
                read_or_make(&path).map_err(|source| StoreError::KeyFile { path, source })?
            }
        };
        Ok(Self(text.expose_secret().as_bytes().to_vec().into()))
    }

    /// Whether there is a key, so that none would be made.
    pub(super) fn is_there(option: Option<&SecretString>, data_dir: &Path) -> bool {
        option.is_some() || data_dir.join(FILE).exists()
    }

    /// The code over the parts, each with its length before it, in hexadecimal.
    pub(super) fn code(&self, parts: &[impl AsRef<[u8]>]) -> String {
        hex::encode(self.mac(parts).finalize().into_bytes())
    }

    /// Whether the code is the one over the parts, in constant time.
    pub(super) fn is_code(&self, parts: &[impl AsRef<[u8]>], code: &str) -> bool {
        hex::decode(code).is_ok_and(|code| self.mac(parts).verify_slice(&code).is_ok())
    }

    /// A secret of its own for these parts, which nobody has who has only the database. The first part says what it is for.
    pub(super) fn derived(&self, parts: &[impl AsRef<[u8]>]) -> [u8; 32] {
        self.mac(parts).finalize().into_bytes().into()
    }

    fn mac(&self, parts: &[impl AsRef<[u8]>]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes keys of any length: this is a bug");
        for part in parts {
            let part = part.as_ref();
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            mac.update(part);
        }
        mac
    }
}

/// The sha256 of a text, in hexadecimal: what is kept of a secret.
pub(super) fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn read_or_make(path: &Path) -> io::Result<SecretString> {
    match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found,
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    write_draft(&draft, &hex::encode(random))?;
    // Linking, unlike renaming, never replaces the key that another process has just made.
    let linked = fs_err::hard_link(&draft, path);
    fs_err::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if let Some(folder) = path.parent() {
        fs_err::File::open(folder)?.sync_all()?;
    }
    read(path)
}

fn read(path: &Path) -> io::Result<SecretString> {
    let text = fs_err::read_to_string(path)?;
    let key = text.trim();
    if key.len() < FEWEST_CHARS {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("it holds fewer than {FEWEST_CHARS} characters")));
    }
    Ok(key.into())
}

fn write_draft(path: &Path, key: &str) -> io::Result<()> {
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(key.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_by_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let first = AuditKey::obtain(None, folder.path()).unwrap();
        let second = AuditKey::obtain(None, folder.path()).unwrap();
        assert_eq!(first.code(&["a"]), second.code(&["a"]));
        assert!(second.is_code(&["a"], &first.code(&["a"])));
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs_err::metadata(folder.path().join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn moving_a_byte_between_parts_changes_the_code() {
        let folder = tempfile::tempdir().unwrap();
        let key = AuditKey::obtain(None, folder.path()).unwrap();
        assert_ne!(key.code(&["ab", "c"]), key.code(&["a", "bc"]));
    }

    #[test]
    fn a_short_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(AuditKey::obtain(Some(&"short".into()), folder.path()), Err(StoreError::Options { .. })));
    }
}
