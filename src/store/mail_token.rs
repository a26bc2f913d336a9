//! What a mail carries so that its answer finds the way back: the id of a side conversation or message, sealed with the installation's key.
//!
//! Written in base 32 in lower case (RFC 4648, section 6): whoever handles a mail may change the case of what stands before the `@`.

use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::domain::id::{MessageId, ThreadId, WorkspaceId};
use crate::store::key::AuditKey;
use crate::store::pool::Store;

const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const ID_BYTES: usize = 16;
/// So much of the seal is carried: an address has room for 64 characters before its `@`.
const SEAL_BYTES: usize = 10;
const OF_THREAD: &str = "mail to a side conversation";
const OF_MESSAGE: &str = "mail of a message";
const OF_TRY: &str = "try of a message";

/// What the reply address of a side conversation carries.
#[must_use]
pub fn of_thread(store: &Store, workspace: WorkspaceId, thread: ThreadId) -> String {
    sealed(store.audit_key(), OF_THREAD, workspace, thread.as_uuid())
}

/// The side conversation that a token was made for, unless it is forged.
#[must_use]
pub fn thread(store: &Store, workspace: WorkspaceId, token: &str) -> Option<ThreadId> {
    opened(store.audit_key(), OF_THREAD, workspace, token).map(ThreadId::from_uuid)
}

/// What the `Message-ID` of a message carries beside the token of its side conversation.
#[must_use]
pub fn of_message(store: &Store, workspace: WorkspaceId, message: MessageId) -> String {
    sealed(store.audit_key(), OF_MESSAGE, workspace, message.as_uuid())
}

/// The message that a token was made for, unless it is forged.
#[must_use]
pub fn message(store: &Store, workspace: WorkspaceId, token: &str) -> Option<MessageId> {
    opened(store.audit_key(), OF_MESSAGE, workspace, token).map(MessageId::from_uuid)
}

/// What tells a mail of one try of a message from those of the others: the number of the try, sealed.
#[must_use]
pub fn of_try(store: &Store, workspace: WorkspaceId, message: MessageId, attempt: u32) -> String {
    format!("{attempt}.{}", written(&seal_of_try(store.audit_key(), workspace, message, attempt)))
}

/// The number of the try that a mark was made for, unless it is forged.
#[must_use]
pub fn attempt(store: &Store, workspace: WorkspaceId, message: MessageId, mark: &str) -> Option<u32> {
    let attempt: u32 = mark.trim().split_once('.')?.0.parse().ok()?;
    let own = of_try(store, workspace, message, attempt);
    bool::from(own.as_bytes().ct_eq(mark.trim().as_bytes())).then_some(attempt)
}

fn seal_of_try(key: &AuditKey, workspace: WorkspaceId, message: MessageId, attempt: u32) -> Vec<u8> {
    let parts = [OF_TRY, &workspace.to_string(), &message.to_string(), &attempt.to_string()];
    key.derived(&parts)[..SEAL_BYTES].to_vec()
}

fn sealed(key: &AuditKey, purpose: &str, workspace: WorkspaceId, id: Uuid) -> String {
    let mut bytes = id.as_bytes().to_vec();
    bytes.extend(seal(key, purpose, workspace, id));
    written(&bytes)
}

fn opened(key: &AuditKey, purpose: &str, workspace: WorkspaceId, token: &str) -> Option<Uuid> {
    let bytes = read(token)?;
    let (id, claimed) = bytes.split_at_checked(ID_BYTES)?;
    let id = Uuid::from_slice(id).ok()?;
    bool::from(seal(key, purpose, workspace, id).ct_eq(claimed)).then_some(id)
}

fn seal(key: &AuditKey, purpose: &str, workspace: WorkspaceId, id: Uuid) -> Vec<u8> {
    key.derived(&[purpose, &workspace.to_string(), &id.to_string()])[..SEAL_BYTES].to_vec()
}

fn written(bytes: &[u8]) -> String {
    let (mut text, mut held, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xFFFF;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[(held >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(LETTERS[(held << (5 - bits) & 31) as usize]));
    }
    text
}

/// The bytes of a text, if it is one that [`written`] could have made, in any case.
fn read(text: &str) -> Option<Vec<u8>> {
    if text.len() != ((ID_BYTES + SEAL_BYTES) * 8).div_ceil(5) {
        return None;
    }
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let place = LETTERS.iter().position(|known| *known == letter.to_ascii_lowercase())?;
        held = (held << 5 | u32::try_from(place).ok()?) & 0xFFFF;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).ok()?);
        }
    }
    // The bits that are left over say nothing: two texts must not be the same token.
    (held & ((1 << bits) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn key() -> AuditKey {
        let folder = tempfile::tempdir().unwrap();
        AuditKey::obtain(None, folder.path()).unwrap()
    }

    #[test]
    fn a_token_leads_back_in_any_case_and_only_in_its_workspace() {
        let (key, now) = (key(), Timestamp::from_micros(1_790_000_000_000_000));
        let (own, other) = (WorkspaceId::at(now, [1; 10]), WorkspaceId::at(now, [2; 10]));
        let id = ThreadId::at(now, [3; 10]).as_uuid();
        let token = sealed(&key, OF_THREAD, own, id);
        assert!(token.len() == 42 && token.bytes().all(|letter| LETTERS.contains(&letter)), "{token}");
        assert_eq!(opened(&key, OF_THREAD, own, &token), Some(id));
        assert_eq!(opened(&key, OF_THREAD, own, &token.to_uppercase()), Some(id));
        assert_eq!((opened(&key, OF_THREAD, other, &token), opened(&key, OF_MESSAGE, own, &token)), (None, None));
    }

    #[test]
    fn a_token_with_any_letter_changed_is_forged() {
        let (key, now) = (key(), Timestamp::from_micros(1_790_000_000_000_000));
        let workspace = WorkspaceId::at(now, [1; 10]);
        let token = sealed(&key, OF_THREAD, workspace, ThreadId::at(now, [3; 10]).as_uuid());
        for at in 0..token.len() {
            let mut letters = token.clone().into_bytes();
            letters[at] = if letters[at] == b'a' { b'b' } else { b'a' };
            assert_eq!(opened(&key, OF_THREAD, workspace, &String::from_utf8(letters).unwrap()), None, "letter {at}");
        }
        for other in ["", "a", &token[..41], &format!("{token}a"), &"é".repeat(21)] {
            assert_eq!(opened(&key, OF_THREAD, workspace, other), None, "{other}");
        }
    }
}
