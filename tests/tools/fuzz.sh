#!/usr/bin/env bash
# Fuzzes each target for SECONDS_EACH seconds (60 unless it is set), from seeds made of botocore's data. Needs a nightly
# toolchain; cargo-fuzz is installed into .tools. A crash is left in fuzz/artifacts and ends the run with an error.
set -euo pipefail
cd "$(dirname "$0")/../.."

rustup toolchain list | grep --quiet nightly ||
    { echo "fuzzing needs a nightly toolchain: rustup toolchain install nightly --profile minimal" >&2; exit 1; }
if [[ ! -x .tools/bin/cargo-fuzz ]]; then
    cargo install cargo-fuzz --locked --quiet --root .tools
fi
.tools/venv/bin/python -B tests/tools/fuzz_seeds.py
for target in answers models rules; do
    PATH=$PWD/.tools/bin:$PATH cargo +nightly fuzz run "$target" --fuzz-dir fuzz -- \
        -max_total_time="${SECONDS_EACH:-60}" -rss_limit_mb=4096 -timeout=20 -print_final_stats=1
done
