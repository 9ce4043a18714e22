//! The Python of the project's tools, with botocore in it: the referee of the differential tests.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Runs a script of this project and reads each line of its output as JSON.
pub(crate) fn json_lines(script: &str) -> Vec<serde_json::Value> {
    lines(script, &[]).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Runs a script of this project with arguments: the lines of its output.
pub(crate) fn lines(script: &str, arguments: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(interpreter(root));
    // Without compiled files the project's folders stay as they are.
    command.arg("-B").arg(root.join(script)).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{script} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Runs a script of this project and hands over each line of its output as it comes.
pub(crate) fn each_line(script: &str, arguments: &[&str], mut take: impl FnMut(&str)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(interpreter(root));
    command.arg("-B").arg(root.join(script)).args(arguments).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        take(&line.unwrap());
    }
    assert!(child.wait().unwrap().success(), "{script} failed");
}

/// Runs a script of this project on lines of input: the lines of its output.
pub(crate) fn answers(script: &str, input: &[String]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(interpreter(root));
    command.arg("-B").arg(root.join(script)).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut stdin, text) = (child.stdin.take().unwrap(), input.join("\n"));
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{script} failed");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
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
