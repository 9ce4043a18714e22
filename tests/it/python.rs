//! The Python of the project's tools, with botocore in it: the referee of the differential tests.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// Runs a script of this project and reads each line of its output as JSON.
pub(crate) fn json_lines(script: &str) -> Vec<serde_json::Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(interpreter(root)).arg(root.join(script)).output().unwrap();
    assert!(output.status.success(), "{script} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `AWS_PERF_PYTHON`, else the one that `make tools` installs.
fn interpreter(root: &Path) -> PathBuf {
    let path =
        env::var_os("AWS_PERF_PYTHON").map_or_else(|| root.join(".tools/venv/bin/python"), PathBuf::from);
    assert!(
        path.exists(),
        "{} does not exist. `make tools` makes it, or set AWS_PERF_PYTHON to a Python with botocore.",
        path.display()
    );
    path
}
