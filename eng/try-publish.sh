#!/usr/bin/env bash
# Publishes samples/Library trimmed, as a single file and as native code, and runs each away from the repository: it must name the
# examples that the ordinary build names. A warning of the trimmer or of the native compiler is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Last digits of scores depend on the width of vectors; the examples and their order do not.
examples() { sed -E 's/, Score = .*//'; }

try() {
    local kind=$1 seconds=$SECONDS
    shift
    dotnet publish samples/Library -c Release -v quiet -nologo -o "$folder/$kind" "$@"
    (cd "$folder" && "$folder/$kind/library" | examples) > "$folder/$kind.txt"
    diff "$folder/ordinary.txt" "$folder/$kind.txt" || { echo "samples/Library names other examples when it is published $kind." >&2; exit 1; }
    echo "samples/Library, $kind: $(wc -c < "$folder/$kind/library") bytes, $((SECONDS - seconds)) s"
}

dotnet run -c Release --project samples/Library | examples > "$folder/ordinary.txt"
[ "$(grep -c '^TrainScore { Index = [0-9]' "$folder/ordinary.txt")" = 5 ] || { echo "samples/Library does not print five examples." >&2; exit 1; }
try trimmed -p:PublishTrimmed=true
try single-file -p:PublishSingleFile=true --self-contained
if eng/has-native-toolchain.sh; then
    try native -p:PublishAot=true
else
    echo "Native publishing is skipped: no C compiler with zlib's headers is found (Debian's packages clang and zlib1g-dev)."
fi
