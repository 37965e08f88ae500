# shellcheck shell=bash
# Finds Java 25. To be sourced, by bin/kedge and by the lab.

# Prints the home of the first Java 25 among $JAVA_HOME, /usr/lib/jvm and PATH that has this program.
find_java_25() { # java|javac
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
    if has_java_25 "$home" "$1"; then
      printf '%s\n' "$home"
      return
    fi
  done
  home=$(java_home_of_path) && has_java_25 "$home" "$1" && printf '%s\n' "$home"
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
