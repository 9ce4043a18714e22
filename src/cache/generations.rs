//! A count of what changed: whoever writes turns a service's page, and answers of before are no longer found.
//!
//! The page is a file that all shells look at, so that each of them notices what another one changed.

use super::{Cache, Scope, root::Root, shelf};
use crate::sync::lock;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fmt::Write as _,
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant, SystemTime},
};

/// AWS shows a change everywhere within seconds; until then an answer may still be the old one, and is not kept.
const SETTLES_AFTER: Duration = Duration::from_secs(15);

/// No service is called so: the page of what is removed by hand.
const SWEEP: &str = "*";

/// Where the pages are.
const FOLDER: &str = "generations";

/// A service's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The service.
    pub service: String,
    /// Differs from page to page.
    pub token: String,
    /// Differs whenever somebody removed entries by hand: what was asked before is not kept then.
    pub sweep: String,
    /// Whether the last change is long enough ago for answers to be kept.
    pub settled: bool,
}

impl Generation {
    /// Whether nobody wrote, and nobody removed entries by hand, between the two.
    pub fn is_same_page(&self, other: &Self) -> bool {
        self.token == other.token && self.sweep == other.sweep
    }
}

/// Changes by this process, which count where the disk does not work too.
#[derive(Debug, Default)]
pub(super) struct Own(Mutex<HashMap<(u64, String), (u64, Instant)>>);

impl Cache {
    /// The page that a service is at.
    pub fn generation(&self, scope: &Scope, service: &str) -> Generation {
        let ((token, settled), (sweep, _)) = (self.page(scope, service), self.page(scope, SWEEP));
        Generation { service: service.into(), token, sweep, settled }
    }

    /// Notes that entries were removed by hand.
    pub(super) fn swept(&self, scope: &Scope) {
        self.turn_page(scope, SWEEP);
    }

    /// What is on a page, and whether that is so for long enough.
    fn page(&self, scope: &Scope, service: &str) -> (String, bool) {
        let own = lock(&self.own.0);
        let (count, settled) = match own.get(&(shelf::id(scope), service.to_owned())) {
            Some((count, at)) => {
                (*count, self.clock.instant().saturating_duration_since(*at) >= SETTLES_AFTER)
            }
            None => (0, true),
        };
        drop(own);
        let on_disk = self.shelves.disk(scope).and_then(|disk| page(&file(disk.path(), service)).ok());
        let (token, changed) = on_disk.unwrap_or_default();
        let settled = settled
            && changed.is_none_or(|changed| {
                self.clock.now().duration_since(changed).is_ok_and(|age| age >= SETTLES_AFTER)
            });
        (format!("{token}.{count}"), settled)
    }

    /// Turns the page: what was answered for a service before is not found any more, by any shell.
    pub fn turn_page(&self, scope: &Scope, service: &str) {
        let now = self.clock.instant();
        let mut own = lock(&self.own.0);
        let entry = own.entry((shelf::id(scope), service.to_owned())).or_insert((0, now));
        *entry = (entry.0 + 1, now);
        drop(own);
        if let Some(disk) = self.shelves.disk(scope) {
            // Where this fails, the other shells go by the time that answers live.
            let _ = write(&file(disk.path(), service));
        }
    }
}

fn file(folder: &Path, service: &str) -> PathBuf {
    let mut name = String::new();
    for byte in Sha256::digest(service).iter().take(16) {
        let _ = write!(name, "{byte:02x}");
    }
    folder.join(FOLDER).join(name)
}

/// What is on the page, and since when.
fn page(path: &Path) -> io::Result<(String, Option<SystemTime>)> {
    let token = fs::read_to_string(path)?;
    Ok((token, Some(path.metadata()?.modified()?)))
}

fn write(path: &Path) -> io::Result<()> {
    Root::make_folder_of(path)?;
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    write!(file, "{:016x}", fastrand::u64(..))?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
