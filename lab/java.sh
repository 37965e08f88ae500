# shellcheck shell=bash
# Finds or installs what the build needs: JDK 25 and Maven. To be sourced after lib.sh and packages.sh.

# shellcheck source=bin/find-java.sh
source "$LAB/../bin/find-java.sh"

# Sets JAVA_HOME to a JDK 25; installs Debian's if there is none and Debian has it.
need_jdk() {
  local package=openjdk-25-jdk-headless
  if ! JAVA_HOME=$(find_java_25 javac); then
    if can_be_root && command -v apt-get >/dev/null; then
      package_exists "$package" || apt_update || true
      ! package_exists "$package" || need_packages "$package"
    fi
    JAVA_HOME=$(find_java_25 javac) || die "needs JDK 25 and finds none in JAVA_HOME, /usr/lib/jvm or PATH. Debian here" \
      "has no $package: unpack Temurin 25 from https://adoptium.net/temurin/releases/?version=25 and" \
      "export JAVA_HOME=/path/to/jdk-25"
  fi
  export JAVA_HOME
}

need_maven() { command -v mvn >/dev/null || need_packages maven; }
