#!/bin/sh
# Fetches the Java archives of a ZooKeeper server (about 15 MB, versions in pom.xml) into the user's cache.
set -e
lib="${TROUPE_ZOOKEEPER_LIB:-${XDG_CACHE_HOME:-$HOME/.cache}/troupe/zookeeper/lib}"
cd "$(dirname "$0")"
mvn -q -B dependency:copy-dependencies -DoutputDirectory="$lib" -DincludeScope=runtime
