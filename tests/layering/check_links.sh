#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails when a program asks the loader for a library that its layer forbids.
# Usage: check_links.sh PATTERN PROGRAM...   (exit code 77, skipped, when readelf is missing)
set -eu
pattern=$1
shift
command -v readelf >/dev/null || { echo "skipped: readelf is not installed"; exit 77; }
for program; do
    needed=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
    echo "$needed" | grep -q 'libstdc++' || { echo "$program: no list of libraries read"; exit 1; }
    if echo "$needed" | grep -E "$pattern"; then
        echo "$program links what its layer forbids ($pattern)"
        exit 1
    fi
    echo "$program: none of its $(echo "$needed" | wc -l) libraries matches $pattern"
done
