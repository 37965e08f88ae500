# shellcheck shell=bash
# A built kedge for scripts that run it. To be sourced after java.sh, from the root of the tree.

# Builds kedge, without tests, unless what is built is newer than every source. Trains the start cache.
need_kedge() {
  need_jdk
  if kedge_is_stale; then
    need_maven
    step "building kedge"
    session_run mvn -q -B -ntp package -DskipTests || die "the build has failed; ./test says more"
    bin/kedge-train || true
  fi
  step "$(bin/kedge --version | head -1)"
}

kedge_is_stale() {
  local jar
  jar=$(compgen -G 'cli/target/kedge/lib/kedge-cli*.jar') || return 0
  [[ -n $(find pom.xml ./*/pom.xml ./*/src -newer "${jar%%$'\n'*}" -type f -print -quit) ]]
}
