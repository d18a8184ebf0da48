#!/usr/bin/env bash
# Whether the web app can be built here: Node 20.19 or newer, as its tools ask for, and npm.
set -euo pipefail

command -v npm >/dev/null && command -v node >/dev/null || exit 1
version=$(node --version)
IFS=. read -r major minor _ <<<"${version#v}"
[[ $major -gt 22 || ($major -eq 22 && $minor -ge 12) || ($major -eq 20 && $minor -ge 19) ]]
