#!/usr/bin/env bash
# Runs a command so that it neither sees nor touches what belongs to the user: HOME and the XDG folders are below
# .work/home, AWS_* and mock variables are gone. The Rust toolchain stays where it is.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export HOME=$root/.work/home
export XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share
export XDG_CACHE_HOME=$HOME/.cache XDG_STATE_HOME=$HOME/.local/state
mkdir -p "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" "$XDG_CACHE_HOME" "$XDG_STATE_HOME"

for name in $(compgen -e); do
    case $name in
        AWS_* | *_MOCK_MODE | NU_LIB_DIRS | NU_PLUGIN_DIRS | BOTO_CONFIG | XDG_RUNTIME_DIR) unset "$name" ;;
    esac
done
# no test and no demo may look for the credentials of the machine that it happens to run on
export AWS_EC2_METADATA_DISABLED=true
exec "$@"
