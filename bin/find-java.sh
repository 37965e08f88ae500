# shellcheck shell=bash
# Finds Java 25. To be sourced, by bin/kedge and by the lab.

# Prints the home of the first Java 25 among $JAVA_HOME, /usr/lib/jvm and PATH that has this program.
find_java_25() { # java|javac
  set_java_25 "$1" && printf '%s\n' "$JAVA_25"
}

# The same into JAVA_25, without a process.
set_java_25() { # java|javac
  for JAVA_25 in "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
    ! has_java_25 "$JAVA_25" "$1" || return 0
  done
  JAVA_25=$(java_home_of_path) && has_java_25 "$JAVA_25" "$1"
}

java_home_of_path() {
  local java
  java=$(type -P java) && java=$(readlink -f -- "$java") && printf '%s\n' "${java%/bin/java}"
}

# Every JDK says its version in a file: reading it costs nothing, asking "java -version" does.
has_java_25() { # home program
  local line
  [[ -n $1 && -x $1/bin/$2 && -r $1/release ]] || return 1
  while read -r line; do
    [[ $line == 'JAVA_VERSION="25"' || $line == 'JAVA_VERSION="25.'* ]] && return 0
  done <"$1/release"
  return 1
}
