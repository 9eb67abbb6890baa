#!/bin/sh
# Installs the named Debian packages that are missing, or prints the line that would.
set -eu
command -v dpkg-query >/dev/null 2>&1 || exit 0  # not Debian: `perturber doctor` tells what is missing
missing=""
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
install="apt-get update && apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    sh -c "$install"
elif sudo -n true 2>/dev/null; then
    sudo -n sh -c "$install"
else
    echo "These system packages are missing; install them once with:" >&2
    echo "    sudo sh -c '$install'" >&2
    exit 1
fi
