#!/usr/bin/env bash
# Puts a Nushell that the plugin works with at .tools/bin/nu: the one on PATH where it fits, else the npm package,
# else one built from source. A plugin speaks to the minor version that it was built for, so any 0.115.x fits.
set -euo pipefail
cd "$(dirname "$0")/../.."

series=0.115
version=0.115.1
link=$PWD/.tools/bin/nu

fits() { [[ $("$1" --version 2>/dev/null) == "$series".* ]]; }

if [[ -x $link ]] && fits "$link"; then exit 0; fi
mkdir -p .tools/bin
rm -f "$link"

# npm installs a launcher that starts Node first: the program itself is what we want, so Nushell is asked for its path.
adopt() { ln -sfn "$("$1" --no-config-file --commands '$nu.current-exe')" "$link"; }

if command -v nu >/dev/null && fits nu; then
    adopt nu
elif command -v npm >/dev/null; then
    echo "installing Nushell $version with npm into .tools/nu"
    if npm install --prefix .tools/nu --cache .tools/cache/npm --no-audit --no-fund --loglevel error "nushell@$version" &&
        fits .tools/nu/node_modules/.bin/nu; then
        adopt .tools/nu/node_modules/.bin/nu
    fi
fi
if [[ ! -x $link ]] && command -v cargo >/dev/null; then
    echo "building Nushell $version with cargo into .tools/nu (this takes several minutes, once)"
    cargo install nu --version "$version" --locked --root .tools/nu
    adopt .tools/nu/bin/nu
fi
if [[ ! -x $link ]]; then
    cat >&2 <<EOF
Nushell $series.x is missing, and neither npm nor cargo is there to install it. One of these gives it:
  - Node.js with npm: https://nodejs.org  (then run make again)
  - Rust with cargo:  https://rustup.rs   (then run make again)
  - Nushell itself:   https://www.nushell.sh/book/installation.html
EOF
    exit 1
fi
