#!/usr/bin/env bash
# Installs what the tests need beyond Go and Node.js, on Debian and Ubuntu as root or with sudo; otherwise prints the
# line that does it. Does nothing when all is there.
source "$(dirname "$0")/lib.sh"

wanted=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || wanted+=(postgresql)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || wanted+=(chromium)
compgen -G '/usr/share/fonts/*/*/*' >/dev/null || wanted+=(fonts-liberation fonts-dejavu-core)
command -v gcc >/dev/null || command -v clang >/dev/null || wanted+=(gcc libc6-dev) # for the race detector
[ ${#wanted[@]} -gt 0 ] || exit 0

line="apt-get install --no-install-recommends ${wanted[*]}"
command -v apt-get >/dev/null || fail "the tests need ${wanted[*]} (Debian's names): please install them and run this again."
if [ "$(id -u)" = 0 ]; then
	as_root=()
elif sudo -n true 2>/dev/null; then
	as_root=(sudo -n)
else
	fail "the tests need some packages. Run:  sudo $line"
fi
say "Installing ${wanted[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >>"$log" 2>&1; }
if ! { run apt-get update && run apt-get install -y --no-install-recommends "${wanted[@]}"; }; then
	tail -n 20 "$log" >&2
	fail "the installation failed; the line was:  $line"
fi
