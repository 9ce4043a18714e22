//! A count of what changed: whoever writes turns pages, and answers of before that stand on them are no longer found.
//!
//! A page is a file that all shells look at, so that each of them notices what another one changed.

use super::{Cache, Scope, disk::Disk, root::Root, shelf};
use crate::sync::lock;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fmt::Write as _,
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
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
    pub turned: String,
    /// The same, and for who has no files differs whenever somebody removed entries by hand, too.
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

/// What this process knows of pages, which counts where the disk does not work, or its folder was deleted.
#[derive(Debug, Default)]
pub(super) struct Pages(Mutex<HashMap<(u64, String), Page>>);

/// What is known of a page.
#[derive(Debug, Default)]
struct Page {
    /// What stood in its file, when it was last looked at.
    in_file: String,
    /// What would stand there too, had the disk taken it.
    beside: String,
    /// When this process turned it.
    turned: Option<Instant>,
}

impl Cache {
    /// How far the pages of these names were turned.
    pub fn generation(&self, scope: &Scope, pages: &[String]) -> Generation {
        let (mut turned, mut settled) = (String::new(), true);
        for page in pages {
            let (own, is_settled) = self.page(scope, page);
            turned.push_str(&own);
            turned.push('/');
            settled &= is_settled;
        }
        let sweep = self.page(scope, SWEEP).0;
        let mut token = turned.clone();
        if scope.disk_limit == 0 {
            // What others removed is gone with its files; there are none.
            token.push_str(&sweep);
        }
        Generation { pages: pages.to_vec(), turned, token, sweep, settled }
    }

    /// Notes that entries were removed by hand.
    pub(super) fn swept(&self, scope: &Scope) {
        self.turn_page(scope, SWEEP);
    }

    /// What is on a page, and whether that is so for long enough.
    fn page(&self, scope: &Scope, name: &str) -> (String, bool) {
        let in_file = self.shelves.told(scope).and_then(|disk| read(&file(disk.path(), name)).ok());
        let mut pages = lock(&self.pages.0);
        let key = (shelf::id(scope), name.to_owned());
        let Some((token, changed)) = in_file else {
            let Some(known) = pages.get(&key) else { return (Page::default().token(), true) };
            return (known.token(), self.is_settled(known));
        };
        let known = pages.entry(key).or_default();
        if known.in_file != token {
            known.in_file = token;
        }
        let settled = self.clock.now().duration_since(changed).is_ok_and(|age| age >= SETTLES_AFTER);
        (known.token(), settled && self.is_settled(known))
    }

    fn is_settled(&self, page: &Page) -> bool {
        page.turned.is_none_or(|at| self.clock.instant().saturating_duration_since(at) >= SETTLES_AFTER)
    }

    /// Turns a page: what was answered before and stands on it is not found any more, by any shell.
    pub fn turn_page(&self, scope: &Scope, name: &str) {
        let token = format!("{:016x}", fastrand::u64(..));
        let told = self.shelves.told(scope).is_some_and(|disk| self.tell(scope, disk, name, &token));
        let mut pages = lock(&self.pages.0);
        let page = pages.entry((shelf::id(scope), name.to_owned())).or_default();
        if told {
            page.in_file = token;
            page.beside.clear();
        } else {
            page.beside = token;
        }
        page.turned = Some(self.clock.instant());
    }

    /// Writes a page, for all shells. Where that fails, nobody may find answers of before all the same, and the room that
    /// they leave may be what was wanting. On a disk that takes and gives nothing, the other shells go by the time that
    /// answers live.
    fn tell(&self, scope: &Scope, disk: Arc<Disk>, name: &str, token: &str) -> bool {
        let page = file(disk.path(), name);
        if write(&page, token).is_ok() {
            return true;
        }
        disk.forget_answers();
        write(&page, token).inspect_err(|error| self.shelves.failed(scope, disk, error)).is_ok()
    }
}

impl Page {
    /// The same for all who share the file, as long as all could write it.
    fn token(&self) -> String {
        format!("{}.{}", self.in_file, self.beside)
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
fn read(path: &Path) -> io::Result<(String, SystemTime)> {
    let token = fs::read_to_string(path)?;
    Ok((token, path.metadata()?.modified()?))
}

fn write(path: &Path, token: &str) -> io::Result<()> {
    Root::make_folder_of(path)?;
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(token.as_bytes())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
