//! What has to go: what is expired, and what was not used for longest where the folder is too large.

use super::disk::Aged;
use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

/// Of a folder that is too large, so much is left: room for a while.
const LEFT: u64 = 90;
/// Of the whole file system, so much stays free.
const FREE: u64 = 5;

/// The entries to remove, the first ones first.
pub(super) fn plan(mut entries: Vec<Aged>, limit: u64, now: SystemTime) -> Vec<Aged> {
    let total: u64 = entries.iter().map(|entry| entry.size).sum();
    let is_expired = |entry: &Aged| entry.expires.is_some_and(|end| end <= now);
    // Expired ones first, then by their last use.
    entries.sort_by_key(|entry| (!is_expired(entry), entry.used));
    let wanted = if total > limit { limit / 100 * LEFT } else { u64::MAX };
    let mut left = total;
    let mut removed = Vec::new();
    for entry in entries {
        if !is_expired(&entry) && left <= wanted {
            break;
        }
        left = left.saturating_sub(entry.size);
        removed.push(entry);
    }
    removed
}

/// The limit where the file system is nearly full: what is kept now, less what is missing to the part that stays free.
pub(super) fn limit(folder: &Path, limit: u64, kept: u64) -> u64 {
    match space(folder) {
        Ok((total, free)) => {
            let reserve = total / 100 * FREE;
            limit.min(kept.saturating_add(free).saturating_sub(reserve))
        }
        Err(_) => limit,
    }
}

/// Bytes of the file system, and of them those that are free for us.
#[cfg(unix)]
fn space(folder: &Path) -> io::Result<(u64, u64)> {
    let told = rustix::fs::statvfs(folder)?;
    Ok((told.f_blocks.saturating_mul(told.f_frsize), told.f_bavail.saturating_mul(told.f_frsize)))
}

#[cfg(not(unix))]
fn space(_folder: &Path) -> io::Result<(u64, u64)> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A folder that was looked through so lately is left to those who write much.
const RECENT: Duration = Duration::from_mins(10);

const TURN: &str = ".turn";

/// Whether somebody looked through the folder lately.
pub(super) fn was_recent(folder: &Path, now: SystemTime) -> bool {
    let looked = folder.join(TURN).symlink_metadata().and_then(|data| data.modified());
    looked.is_ok_and(|at| now.duration_since(at).is_ok_and(|ago| ago < RECENT))
}

/// Held by whoever prunes; nobody waits for it.
#[derive(Debug)]
pub(super) struct Turn {
    _file: fs::File,
}

impl Turn {
    /// `None` where another process has it.
    pub(super) fn take(folder: &Path) -> io::Result<Option<Self>> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(folder.join(TURN))?;
        match file.try_lock() {
            Ok(()) => {
                // Tells the others when it was.
                let _ = file.set_modified(SystemTime::now());
                Ok(Some(Self { _file: file }))
            }
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, size: u64, used: u64, expires: Option<u64>) -> Aged {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        Aged { path: name.into(), size, used: at(used), expires: expires.map(at) }
    }

    fn names(entries: Vec<Aged>, limit: u64) -> Vec<String> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        plan(entries, limit, now).iter().map(|entry| entry.path.display().to_string()).collect()
    }

    #[test]
    fn expired_ones_go_and_others_only_where_there_are_too_many() {
        let entries = || {
            vec![
                entry("new", 100, 900, None),
                entry("expired", 100, 999, Some(1000)),
                entry("old", 100, 100, Some(1001)),
                entry("middle", 100, 500, None),
            ]
        };
        assert_eq!(names(entries(), 1000), ["expired"]);
        assert_eq!(names(entries(), 400), ["expired"]);
        assert_eq!(names(entries(), 300), ["expired", "old"]);
        assert_eq!(names(entries(), 0), ["expired", "old", "middle", "new"]);
        assert!(names(Vec::new(), 0).is_empty());
    }

    #[test]
    fn a_turn_is_one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!was_recent(folder.path(), SystemTime::now()));
        let turn = Turn::take(folder.path()).unwrap().unwrap();
        assert!(was_recent(folder.path(), SystemTime::now()));
        assert!(!was_recent(folder.path(), SystemTime::now() + RECENT));
        assert!(Turn::take(folder.path()).unwrap().is_none());
        drop(turn);
        assert!(Turn::take(folder.path()).unwrap().is_some());
    }
}
