#!/usr/bin/env bash
# All tests: Rust's, then the Nushell suites on a local AWS server. Closes with the total over both.
set -uo pipefail
cd "$(dirname "$0")/../.."

plugin=${CARGO_TARGET_DIR:-target}/debug/nu_plugin_aws_perf
mkdir -p .work
failed=0

# Built with the user's own cargo configuration, run without the user's HOME. The tests in `tests/it` have the plugin built
# as well; `cargo build` would build half of the dependencies once more, since tests want more of tokio.
cargo test --locked --no-run || exit 1
tests/tools/sandbox.sh cargo test --locked --no-fail-fast 2>&1 | tee .work/test-rust.log || failed=1
tests/tools/sandbox.sh .tools/bin/nu --no-config-file tests/runner.nu --plugin "$plugin" \
    --python .tools/venv/bin/python --junit .work/junit-nu.xml 2>&1 | tee .work/test-nu.log || failed=1

# `test result: ok. 45 passed; 0 failed; 1 ignored; …` from cargo, `45 passed, 0 failed, 1 skipped` from the runner
cat .work/test-rust.log .work/test-nu.log | awk '
    /^test result: / || /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
        gsub(/[;,.]/, "")
        for (i = 2; i <= NF; i++) {
            if ($i == "passed") passed += $(i - 1)
            if ($i == "failed") failed += $(i - 1)
            if ($i == "ignored" || $i == "skipped") skipped += $(i - 1)
        }
    }
    END { printf "total: %d passed, %d failed, %d skipped\n", passed, failed, skipped }'
exit "$failed"
