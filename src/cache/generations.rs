//! A count of what changed: whoever writes turns pages, and answers of before that stand on them are no longer found.
//!
//! A page is a file that all shells look at, so that each of them notices what another one changed.

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

/// No page of a write is called so: that of what is removed by hand.
const SWEEP: &str = "*";

/// Where the pages are.
const FOLDER: &str = "generations";

/// The pages that an answer stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Their names.
    pub pages: Vec<String>,
    /// Differs whenever one of them was turned.
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
    /// How far the pages of these names were turned.
    pub fn generation(&self, scope: &Scope, pages: &[String]) -> Generation {
        let (mut token, mut settled) = (String::new(), true);
        for page in pages {
            let (own, is_settled) = self.page(scope, page);
            token.push_str(&own);
            token.push('/');
            settled &= is_settled;
        }
        let sweep = self.page(scope, SWEEP).0;
        if scope.disk_limit == 0 {
            // What others removed is gone with its files; there are none.
            token.push_str(&sweep);
        }
        Generation { pages: pages.to_vec(), token, sweep, settled }
    }

    /// Notes that entries were removed by hand.
    pub(super) fn swept(&self, scope: &Scope) {
        self.turn_page(scope, SWEEP);
    }

    /// What is on a page, and whether that is so for long enough.
    fn page(&self, scope: &Scope, name: &str) -> (String, bool) {
        let own = lock(&self.own.0);
        let (count, settled) = match own.get(&(shelf::id(scope), name.to_owned())) {
            Some((count, at)) => {
                (*count, self.clock.instant().saturating_duration_since(*at) >= SETTLES_AFTER)
            }
            None => (0, true),
        };
        drop(own);
        let on_disk = self.shelves.told(scope).and_then(|disk| page(&file(disk.path(), name)).ok());
        let (token, changed) = on_disk.unwrap_or_default();
        let settled = settled
            && changed.is_none_or(|changed| {
                self.clock.now().duration_since(changed).is_ok_and(|age| age >= SETTLES_AFTER)
            });
        (format!("{token}.{count}"), settled)
    }

    /// Turns a page: what was answered before and stands on it is not found any more, by any shell.
    pub fn turn_page(&self, scope: &Scope, name: &str) {
        let now = self.clock.instant();
        let mut own = lock(&self.own.0);
        let entry = own.entry((shelf::id(scope), name.to_owned())).or_insert((0, now));
        *entry = (entry.0 + 1, now);
        drop(own);
        if let Some(disk) = self.shelves.told(scope) {
            // Where this fails, the other shells go by the time that answers live.
            let _ = write(&file(disk.path(), name));
        }
    }
}

fn file(folder: &Path, page: &str) -> PathBuf {
    let mut name = String::new();
    for byte in Sha256::digest(page).iter().take(16) {
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
