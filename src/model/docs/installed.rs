//! Where Python packages and AWS CLIs keep botocore's data, found by looking at folders only.

use crate::config::Environment;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Programs whose place tells where their packages are.
const PROGRAMS: [&str; 3] = ["aws", "python3", "python"];

/// Prefixes that are worth a look even when `PATH` does not name them.
const USUAL: [&str; 3] = ["/usr", "/usr/local", "/opt/homebrew"];

/// Where the installer of AWS CLI v2 puts it.
const CLI_V2: &str = "/usr/local/aws-cli/v2/current/dist";

/// Data folders of botocore that may exist, likeliest first. Lazy: each step looks at the disk only when asked.
pub(super) fn data_folders(environment: &Environment) -> impl Iterator<Item = PathBuf> + use<> {
    let separator = if cfg!(windows) { ';' } else { ':' };
    let path = environment.get("PATH").unwrap_or_default().to_owned();
    let binaries: Vec<PathBuf> =
        path.split(separator).filter(|part| !part.is_empty()).map(PathBuf::from).collect();
    let virtual_env = environment.get("VIRTUAL_ENV").map(PathBuf::from);
    let home = environment.home().map(|home| home.join(".local"));
    virtual_env
        .into_iter()
        .flat_map(|prefix| below_prefix(&prefix))
        .chain(binaries.into_iter().flat_map(|folder| beside_programs(&folder)))
        .chain(home.into_iter().flat_map(|prefix| below_prefix(&prefix)))
        .chain(below_dist(Path::new(CLI_V2)))
        .chain(USUAL.into_iter().flat_map(|prefix| below_prefix(Path::new(prefix))))
}

/// Data folders that belong to the programs in a folder of `PATH`, links followed.
fn beside_programs(folder: &Path) -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = Vec::new();
    for program in PROGRAMS {
        let path = folder.join(program);
        if !path.exists() {
            continue;
        }
        for home in [Some(folder.to_owned()), real_parent(&path)].into_iter().flatten() {
            if !homes.contains(&home) {
                homes.push(home);
            }
        }
    }
    let below = |home: &PathBuf| {
        let prefix = home.parent().map(below_prefix).unwrap_or_default();
        below_dist(home).into_iter().chain(prefix).collect::<Vec<_>>()
    };
    homes.iter().flat_map(below).collect()
}

fn real_parent(path: &Path) -> Option<PathBuf> {
    Some(fs::canonicalize(path).ok()?.parent()?.to_owned())
}

/// Data folders of an AWS CLI v2, which brings its packages along beside its program.
fn below_dist(folder: &Path) -> Vec<PathBuf> {
    existing([folder.join("awscli").join("botocore").join("data")])
}

/// Data folders of the packages below a prefix such as `/usr/local` or a virtual environment.
fn below_prefix(prefix: &Path) -> Vec<PathBuf> {
    let mut packages = vec![prefix.join("Lib").join("site-packages")];
    let mut versions: Vec<PathBuf> = ["lib", "lib64"]
        .into_iter()
        .flat_map(|library| fs::read_dir(prefix.join(library)).into_iter().flatten().flatten())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("python3"))
        .map(|entry| entry.path())
        .collect();
    versions.sort_unstable_by(|left, right| right.cmp(left));
    for version in versions {
        packages.push(version.join("site-packages"));
        packages.push(version.join("dist-packages"));
    }
    existing(packages.into_iter().flat_map(|packages| {
        let botocore = Path::new("botocore").join("data");
        [packages.join(&botocore), packages.join("awscli").join(&botocore)]
    }))
}

fn existing(folders: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    folders.into_iter().filter(|folder| folder.is_dir()).collect()
}
