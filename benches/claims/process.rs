//! Whole processes: one call against the AWS CLI on the same server, the plugin's cold start, a stream of a million
//! rows. Needs `make tools`.

use super::{
    common::{Answer, in_turn, line, median, ratio, serve},
    warm,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const PLUGIN: &str = env!("CARGO_BIN_EXE_nu_plugin_aws_perf");
const TIMES: usize = 15;

pub(super) struct Bench {
    nu: PathBuf,
    aws: PathBuf,
    pub(super) folder: PathBuf,
    port: u16,
}

fn answer(head: &str, body: &str) -> Answer {
    if head.contains("DescribeClusters") {
        return warm::answer(body);
    }
    let machine = r#"{"stateMachines":[{"stateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","name":"m","type":"STANDARD","creationDate":1715000000.123}]}"#;
    (200, "application/x-amz-json-1.0", machine.into())
}

impl Bench {
    pub(super) fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let nu = std::env::var_os("AWS_PERF_NU").map_or_else(|| root.join(".tools/bin/nu"), PathBuf::from);
        let aws = root.join(".tools/venv/bin/aws");
        for (tool, name) in [(&nu, "nu"), (&aws, "the AWS CLI")] {
            assert!(tool.exists(), "{name} is not at {}: run `make tools` first", tool.display());
        }
        let folder = root.join(".work/bench");
        fs::create_dir_all(&folder).expect("a folder for the benchmark");
        for file in ["config.nu", "env.nu"] {
            fs::write(folder.join(file), "").expect("an empty configuration");
        }
        let bench = Self { nu, aws, folder, port: serve(answer) };
        bench.add(Path::new(PLUGIN));
        bench
    }

    pub(super) fn add(&self, plugin: &Path) {
        let script = format!("plugin add '{}'", plugin.display());
        let added = self.nu(&["-c", &script]).status().expect("nu runs");
        assert!(added.success(), "{} could not be added", plugin.display());
    }

    /// What a script prints, with the cache on.
    pub(super) fn printed(&self, script: &str) -> String {
        let output = self.nu(&["-c", script]).env("AWS_PERF_CACHE", "true").output().expect("nu runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn clean(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            // Nothing is found there: without a terminal whose size it can ask for, Nushell would run `tput` ten times at
            // its start, which no user waits for.
            .env("PATH", &self.folder)
            .env("HOME", &self.folder)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port))
            .env("AWS_CACHE_DIR", self.folder.join("cache"))
            // What is measured against others is the call, not that it was kept.
            .env("AWS_PERF_CACHE", "false")
            .stdin(Stdio::null());
        command
    }

    fn nu(&self, arguments: &[&str]) -> Command {
        let mut command = self.clean(&self.nu);
        command.arg("--no-std-lib");
        // An empty configuration: `-n` would ignore the registry of plugins.
        for (flag, file) in
            [("--config", "config.nu"), ("--env-config", "env.nu"), ("--plugin-config", "plugin.msgpackz")]
        {
            command.arg(flag).arg(self.folder.join(file));
        }
        command.args(arguments);
        command
    }

    fn run(command: &mut Command) {
        let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn script(&self, text: &str) {
        Self::run(&mut self.nu(&["-c", text]));
    }
}

pub(super) fn run() {
    let bench = Bench::new();
    one_call(&bench);
    kept(&bench);
    cold_start(&bench);
    million_rows(&bench);
}

fn one_call(bench: &Bench) {
    println!("== one call: stepfunctions ListStateMachines, one row, local server");
    let cli = || {
        Bench::run(bench.clean(&bench.aws).args([
            "stepfunctions",
            "list-state-machines",
            "--output",
            "json",
        ]));
    };
    let plugin = || bench.script("aws call stepfunctions ListStateMachines");
    let (cli_time, plugin_time) = in_turn(TIMES, cli, plugin);
    line("aws-cli 1.46 (v2 is in no package registry), whole process", &format!("{cli_time:?}"));
    line("nu -c 'aws call …', whole process", &format!("{plugin_time:?}"));
    line("ratio (floor 10, aim 15)", &format!("{:.1}", ratio(cli_time, plugin_time)));
    let inside = in_running_nu(bench, "aws call stepfunctions ListStateMachines", "false");
    line("the same in a running nu", &format!("{inside:?}"));
    line("ratio to a CLI process (floor 60, aim 100)", &format!("{:.0}", ratio(cli_time, inside)));
}

/// Median of warm calls, timed by Nushell itself.
fn in_running_nu(bench: &Bench, command: &str, cache: &str) -> Duration {
    let script = format!(
        "{command} | ignore
        1..300 | each {{ timeit {{ {command} | ignore }} }} | math median | into int | print"
    );
    let output = bench.nu(&["-c", &script]).env("AWS_PERF_CACHE", cache).output().expect("nu runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let nanos: u64 = text
        .trim()
        .parse()
        .unwrap_or_else(|_| panic!("nu printed `{text}`: {}", String::from_utf8_lossy(&output.stderr)));
    Duration::from_nanos(nanos)
}

/// The same call, kept: against the call itself, and against a command of the plugin that finds nothing.
fn kept(bench: &Bench) {
    println!("== cache: the same call, kept");
    let call = "aws call stepfunctions ListStateMachines --ttl 1hr";
    let asked = in_running_nu(bench, "aws call stepfunctions ListStateMachines --no-cache", "true");
    let found = in_running_nu(bench, call, "true");
    let empty = in_running_nu(bench, "aws cache get nobody", "true");
    line("from memory, in a running nu", &format!("{found:?}"));
    line("ratio of the call to it", &format!("{:.1}", ratio(asked, found)));
    line("a command that finds nothing in the cache", &format!("{empty:?}"));
    line("ratio to that command (floor 1.3, aim 1.1)", &format!("{:.2}", ratio(found, empty)));
    let from_disk = || Bench::run(bench.nu(&["-c", call]).env("AWS_PERF_CACHE", "true"));
    let network = || bench.script("aws call stepfunctions ListStateMachines");
    let (disk_time, network_time) = in_turn(TIMES, from_disk, network);
    line("nu -c, from disk", &format!("{disk_time:?}"));
    line("nu -c, from the network", &format!("{network_time:?}"));
}

fn cold_start(bench: &Bench) {
    println!("== cold start");
    let bare = || Bench::run(bench.clean(&bench.nu).args(["-n", "--no-std-lib", "-c", "1"]));
    let unused = || bench.script("1");
    let (bare_time, unused_time) = in_turn(TIMES, bare, unused);
    line("bare nu", &format!("{bare_time:?}"));
    line("with the plugin registered, unused", &format!("{unused_time:?}"));
    let used = median(TIMES, || bench.script("[] | aws tidy"));
    line("with one command of the plugin that needs no network", &format!("{used:?}"));
    line("start of the plugin over bare nu", &format!("{:?}", used.saturating_sub(bare_time)));
}

/// Rows of the mock transport, so that the client and Nushell's protocol are all there is.
fn million_rows(bench: &Bench) {
    const ROWS: u32 = 1_000_000;
    println!("== stream: {ROWS} mock rows of S3 objects | length");
    let script = "aws stream s3 ListObjectsV2 {Bucket: bench-bucket} | length";
    let mut command = bench.nu(&["-c", script]);
    command.env("AWS_MOCK_MODE", "true").env("AWS_MOCK_ITEMS", ROWS.to_string());
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("nu runs");
    let mut peak = 0;
    while child.try_wait().expect("nu can be waited for").is_none() {
        peak = peak.max(plugin_peak_kib(child.id()));
        std::thread::sleep(Duration::from_millis(100));
    }
    let elapsed = started.elapsed();
    let output = child.wait_with_output().expect("nu ends");
    let counted = String::from_utf8_lossy(&output.stdout).trim().to_string();
    assert_eq!(counted, ROWS.to_string(), "rows are missing");
    line("rows/s", &format!("{:.0}", f64::from(ROWS) / elapsed.as_secs_f64()));
    line("peak memory of the plugin (floor 60 MB, aim 40 MB)", &format!("{} MB", peak / 1024));
}

/// The largest resident set that a child of `parent` has had so far, by Linux's own account.
fn plugin_peak_kib(parent: u32) -> u64 {
    let Ok(processes) = fs::read_dir("/proc") else { return 0 };
    let peaks = processes.flatten().filter_map(|entry| {
        let status = fs::read_to_string(entry.path().join("status")).ok()?;
        let field = |name: &str| {
            status
                .lines()
                .find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse::<u64>().ok())
        };
        (field("PPid:")? == u64::from(parent)).then(|| field("VmHWM:")).flatten()
    });
    peaks.max().unwrap_or(0)
}
