#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_format.sh accepts a formatted tree, refuses an unformatted one and one without files.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cp "$here/../../.clang-format" "$tree"

check() { # WANTED-EXIT-CODE WHAT
    code=0
    sh "$here/check_format.sh" "$tree" >"$tree/output" 2>&1 || code=$?
    if [ "$code" = 77 ]; then
        cat "$tree/output"
        exit 77
    fi
    if [ "$code" != "$1" ]; then
        echo "$2: exit code $code, expected $1"
        cat "$tree/output"
        exit 1
    fi
}

check 1 "a tree without sources"
mkdir -p "$tree/engine/a folder"
printf 'int f() {\n    return 1;\n}\n' >"$tree/engine/a folder/good.cpp"
check 0 "a formatted file"
printf 'int f( ) { return 1 ; }\n' >"$tree/engine/a folder/bad.h"
check 123 "an unformatted file"
grep -q 'bad.h' "$tree/output" || { echo "the bad file is not named"; exit 1; }
echo "check_format.sh sees what it should"
