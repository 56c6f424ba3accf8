#!/usr/bin/env bash
# Prints what CHANGELOG.md says about a version: eng/release-notes.sh 0.1.0. Fails where it says nothing, or has no date yet.
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1:?usage: eng/release-notes.sh VERSION}

if ! grep -qE "^## \[${version//./\\.}\] - [0-9]{4}-[0-9]{2}-[0-9]{2}\$" CHANGELOG.md; then
    echo "CHANGELOG.md has no dated section for $version; it must begin with the line: ## [$version] - YYYY-MM-DD" >&2
    exit 1
fi
awk -v heading="## [$version] " '/^## / || /^\[.*\]: / { inside = index($0, heading) == 1; next } inside' CHANGELOG.md
