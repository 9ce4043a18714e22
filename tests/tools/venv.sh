#!/usr/bin/env bash
# Makes the Python environment .tools/venv from tests/tools/requirements.txt. Costs nothing when it is there already;
# a changed requirements file, another Python or a moved project makes it anew.
set -euo pipefail
cd "$(dirname "$0")/../.."

requirements=tests/tools/requirements.txt
venv=$PWD/.tools/venv
stamp=$venv/made-from

help() {
    cat >&2 <<EOF
$1
Python 3.10 or newer with its venv module is needed for the local AWS server that tests, demo and benchmarks use:
  - Debian, Ubuntu: apt-get install python3 python3-venv
  - macOS:          brew install python3
  - elsewhere:      https://www.python.org/downloads/
EOF
    exit 1
}

python=$(command -v python3 || command -v python || true)
[[ -n $python ]] || help "Python 3 is missing."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || help "$("$python" --version 2>&1) is too old."

wanted=$("$python" --version; echo "$venv"; cat "$requirements")
if [[ -x $venv/bin/python && -f $stamp && $(cat "$stamp") == "$wanted" ]]; then exit 0; fi

echo "making the Python environment .tools/venv (once)"
rm -rf "$venv"
"$python" -m venv "$venv" >/dev/null || help "This Python cannot make environments."
PIP_CACHE_DIR=$PWD/.tools/cache/pip "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement "$requirements"
printf '%s\n' "$wanted" >"$stamp"
