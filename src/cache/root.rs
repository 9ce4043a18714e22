//! The folder of the entries: ours alone, or not used.

use super::frame::{Hash, VERSION};
use crate::private::make_folder;
use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// The mark by which backup programs know caches: <https://bford.info/cachedir/>.
const TAG: &str = "CACHEDIR.TAG";
const TAG_TEXT: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
                        # This folder is a cache of nu_plugin_aws_perf. It may be deleted at any time.\n";

/// A folder that may be used: `<cache directory>/v1`.
#[derive(Debug, Clone)]
pub(super) struct Root(PathBuf);

/// Whether anybody keeps something below a folder.
pub(super) fn is_in_use(directory: &Path) -> bool {
    bucket(directory).is_dir()
}

fn bucket(directory: &Path) -> PathBuf {
    directory.join(format!("v{VERSION}"))
}

impl Root {
    /// Makes the folder where it is missing, and checks that nobody else can write there.
    ///
    /// # Errors
    /// Says why the folder is not used, with its path.
    pub(super) fn open(directory: &Path) -> Result<Self, String> {
        let told = |what: &str, error: &io::Error| format!("{} {what}: {error}", directory.display());
        if let Some(parent) = directory.parent() {
            fs::create_dir_all(parent).map_err(|error| told("cannot be made", &error))?;
        }
        make_folder(directory).map_err(|error| told("cannot be made", &error))?;
        check(directory)?;
        let bucket = bucket(directory);
        make_folder(&bucket).map_err(|error| told("cannot be written to", &error))?;
        check(&bucket)?;
        narrow(&bucket);
        let tag = bucket.join(TAG);
        if !tag.exists() {
            // Only backups miss it.
            let _ = fs::write(tag, TAG_TEXT);
        }
        Ok(Self(bucket))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The file of an entry: nothing but hexadecimal digits, whatever the key is.
    pub(super) fn file(&self, hash: &Hash) -> PathBuf {
        let mut name = String::with_capacity(64);
        for byte in hash {
            let _ = write!(name, "{byte:02x}");
        }
        let rest = name.split_off(2);
        self.0.join(name).join(rest)
    }

    /// Makes the folder that a file stands in.
    pub(super) fn make_folder_of(file: &Path) -> io::Result<()> {
        file.parent().map_or(Ok(()), make_folder)
    }

    /// The folders with entries: two hexadecimal digits.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| is_hex(entry, 2)).map(|entry| entry.path());
        folders.filter(|path| path.symlink_metadata().is_ok_and(|data| data.is_dir())).collect()
    }
}

/// Whether a name is that many hexadecimal digits.
pub(super) fn is_hex(entry: &fs::DirEntry, digits: usize) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    name.len() == digits && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// ssh's rule: what others can write to proves nothing.
fn check(folder: &Path) -> Result<(), String> {
    let shown = folder.display();
    let data = folder.symlink_metadata().map_err(|error| format!("{shown} cannot be looked at: {error}"))?;
    if data.is_symlink() {
        return Err(format!("{shown} is a symbolic link: name the folder itself in AWS_CACHE_DIR"));
    }
    if !data.is_dir() {
        return Err(format!("{shown} is no folder"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if data.uid() != rustix::process::geteuid().as_raw() {
            return Err(format!("{shown} belongs to another user"));
        }
        if data.mode() & 0o022 != 0 {
            return Err(format!("others may write to {shown}: chmod go-w makes it yours"));
        }
    }
    Ok(())
}

/// Nobody else reads what is kept. A folder that came from an older umask is narrowed.
fn narrow(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    }
    #[cfg(not(unix))]
    let _ = folder;
}
