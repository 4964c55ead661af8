#!/bin/sh
# Fetches the Java archives of a ZooKeeper server (about 15 MB, versions in pom.xml) into the user's cache, unless they are there.
set -eu
lib="${TROUPE_ZOOKEEPER_LIB:-${XDG_CACHE_HOME:-$HOME/.cache}/troupe/zookeeper/lib}"
cd "$(dirname "$0")"

# Which pom.xml the archives in a folder were fetched for. A folder of another origin is left as it is.
mark="$lib/.fetched-for"
wanted="$(cksum < pom.xml)"
if [ -e "$mark" ]; then
  [ "$(cat "$mark")" != "$wanted" ] || exit 0
elif [ -n "${TROUPE_ZOOKEEPER_LIB:-}" ] && ls "$lib"/zookeeper-*.jar > /dev/null 2>&1; then
  exit 0
fi

if ! command -v java > /dev/null || ! command -v mvn > /dev/null; then
  echo 'troupe: no ZooKeeper for tests and development: install Java (openjdk-17-jre-headless) and Maven (maven)' >&2
  exit 1
fi

echo 'troupe: fetching ZooKeeper (once; about 15 MB)' >&2
new="$lib.$$"
trap 'rm -rf "$new"' EXIT
mvn -q -B dependency:copy-dependencies -DoutputDirectory="$new" -DincludeScope=runtime >&2 || {
  echo 'troupe: ZooKeeper could not be fetched; Maven says above why' >&2
  exit 1
}
echo "$wanted" > "$new/.fetched-for"
rm -rf "$lib"
mv "$new" "$lib"
