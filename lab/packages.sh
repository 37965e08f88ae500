# shellcheck shell=bash
# Installs Debian packages that are missing, and only those; services of theirs are not started. To be sourced after
# lib.sh.

POLICY_RC=/usr/sbin/policy-rc.d
POLICY_MARK='# written by the Kedge lab, removed after the installation'

# Makes sure that these packages are installed; says what it installs.
need_packages() { # package...
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "needs the Debian packages ${missing[*]}, and this machine has no apt-get"
  can_be_root || die "needs packages that are not installed; as root: apt-get install ${missing[*]}"
  step "installing ${missing[*]}"
  # In a shell of its own, whose end puts things back whatever happens, and leaves the caller's traps alone.
  (
    trap release_services EXIT
    hold_services
    apt_install "${missing[@]}"
  ) || die "apt-get could not install ${missing[*]}"
}

missing_packages() { # package...
  local package
  command -v dpkg-query >/dev/null || {
    printf '%s\n' "$@"
    return
  }
  for package; do
    [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ?i* ]] || printf '%s\n' "$package"
  done
}

# Does Debian have this package here? (Uses the lists that are there; call apt_update first if in doubt.)
package_exists() { # package
  [[ -n $(apt-cache show --no-all-versions "$1" 2>/dev/null) ]]
}

apt_update() { as_root apt-get -qq -o Acquire::Retries=3 update >&2; }

apt_install() { # package...
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=600
    -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 install)
  as_root "${apt[@]}" "$@" </dev/null >/dev/null && return
  # Lists that are absent or too old are the usual reason.
  apt_update && as_root "${apt[@]}" "$@" </dev/null >/dev/null
}

# Debian starts the services of a package it installs, unless policy-rc.d says no. What was there is kept and put back.
hold_services() {
  if [[ -e $POLICY_RC ]] && ! grep -qxF "$POLICY_MARK" "$POLICY_RC"; then
    as_root mv "$POLICY_RC" "$POLICY_RC.kedge-saved"
  fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" | as_root tee "$POLICY_RC" >/dev/null
  as_root chmod 755 "$POLICY_RC"
}

release_services() {
  if [[ -e $POLICY_RC ]] && grep -qxF "$POLICY_MARK" "$POLICY_RC"; then as_root rm -f "$POLICY_RC"; fi
  if [[ -e $POLICY_RC.kedge-saved ]]; then as_root mv "$POLICY_RC.kedge-saved" "$POLICY_RC"; fi
}
