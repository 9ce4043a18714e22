# `make` alone lists the targets. Tools go into .tools, everything that runs writes into .work; both are ignored by git.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

NU := .tools/bin/nu
PYTHON := .tools/venv/bin/python
SANDBOX := tests/tools/sandbox.sh
TARGET := $(or $(CARGO_TARGET_DIR),target)
RELEASE := $(TARGET)/release/nu_plugin_aws_perf

# the release of botocore whose service models are embedded
BOTOCORE := $(shell sed -n 's/^botocore==//p' tests/tools/requirements.txt)

.PHONY: help demo test bench install models check conformance fuzz soak tools nu venv cargo clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: cargo nu ## a tour of the plugin on a local AWS server (without Python: on generated answers)
	@tests/tools/venv.sh || echo "going on without it: the demo shows generated answers (mock transport)" >&2
	cargo build --release --locked
	@$(SANDBOX) $(NU) examples/demo.nu --plugin $(RELEASE) --python $(PYTHON)

test: cargo tools ## all tests: Rust's, and the Nushell suites on a local AWS server
	@tests/tools/test.sh

check: cargo nu ## what to run before a commit: format, lints, quick tests
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked --lib

bench: cargo tools ## measure what docs/BENCHMARKS.md states, with peers side by side
	cargo bench --locked --bench claims

install: cargo nu ## build and install the plugin, register it in your Nushell, copy the modules
	cargo install --path . --locked
	@$(NU) nu/install.nu

models: cargo venv ## build the embedded service models anew from the pinned botocore
	rm -rf .work/models && mkdir -p .work/models
	PIP_CACHE_DIR=$(CURDIR)/.tools/cache/pip $(PYTHON) -m pip download --quiet --disable-pip-version-check \
		--no-deps --dest .work/models botocore==$(BOTOCORE)
	$(PYTHON) -m zipfile --extract .work/models/botocore-*.whl .work/models
	cargo run --release --locked --features build-models --bin build_models -- \
		.work/models/botocore/data $(BOTOCORE) src/model/data/models.pack

conformance: cargo venv ## compare every operation with botocore, and write docs/CONFORMANCE.md
	AWS_PERF_CONFORMANCE=all cargo test --locked --test it -- --nocapture differential endpoints waiters
	$(PYTHON) tests/tools/conformance.py

fuzz: cargo venv ## feed what is read with what nobody would write (nightly Rust; SECONDS_EACH per target)
	@tests/tools/fuzz.sh

soak: cargo ## what takes longer: a thousand writers killed (KILLS), more cases and schedules
	AWS_PERF_KILLS=$(or $(KILLS),1000) cargo test --locked --test it -- --nocapture crash
	AWS_PERF_FILL_SECONDS=600 cargo test --locked --test it -- --nocapture crowds
	AWS_PERF_CASES=20000 cargo test --locked --lib -- --nocapture cache::tests::model
	AWS_PERF_SCHEDULES=100000 cargo test --locked --test schedules -- --nocapture

tools: nu venv ## install Nushell and the Python environment into .tools (once)

nu: ; @tests/tools/nu.sh

venv: ; @tests/tools/venv.sh

cargo:
	@command -v cargo >/dev/null || { echo "Rust is missing: https://rustup.rs installs it" >&2; exit 1; }

clean: ## remove what was built, installed and written here
	rm -rf .tools .work
	cargo clean
