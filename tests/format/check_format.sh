#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails when a C++ file is not formatted as .clang-format says. Usage: check_format.sh [TOP]
# Exit code 77 (skipped) when clang-format 14 is not installed: other versions format differently.
set -eu
cd "${1:-$(dirname "$0")/../..}"

for candidate in "${CLANG_FORMAT:-clang-format}" clang-format-14; do
    if "$candidate" --version 2>/dev/null | grep -q 'version 14\.'; then
        tool=$candidate
        break
    fi
done
if [ -z "${tool:-}" ]; then
    echo "skipped: clang-format 14 is not installed"
    exit 77
fi

list=$(mktemp)
trap 'rm -f "$list"' EXIT
for folder in app engine drivers datasets ui tests; do
    [ ! -d "$folder" ] || find "$folder" -type f \
        \( -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' \) -print
done | LC_ALL=C sort >"$list"
[ -s "$list" ] || { echo "no source files below $(pwd)"; exit 1; }
xargs -d '\n' "$tool" --dry-run -Werror <"$list"
echo "$(wc -l <"$list") files are formatted as .clang-format says"
