# shellcheck shell=bash
# OpenStack's side of the lab's Ceph: pools, users, and the configuration that its services read. To be sourced.

ceph_lab() { KEDGE_LAB_RUN=$CEPH_RUN LAB_STARTED_US=$LAB_STARTED_US "$LAB/ceph" "$@" 9>&-; }
ceph_() { ceph -c "$CEPH_RUN/ceph.conf" --connect-timeout 20 "$@"; }
rbd_() { timeout 120 rbd -c "$CEPH_RUN/ceph.conf" "$@"; }

# Starts lab/ceph's Ceph, or finds it. Only one that did not run goes down with OpenStack again.
ceph_up() {
  if [[ -e $CEPH_RUN/created ]] && ceph_lab status >/dev/null 2>&1; then
    step "Ceph runs in $CEPH_RUN"
  else
    touch "$RUN/ceph-is-ours"
    ceph_lab up
  fi
}

# A new Ceph has none of the volumes, images and disks that the databases know.
ceph_is_another() { [[ -e $RUN/ceph.fsid && $(<"$RUN/ceph.fsid") != $(ceph_ fsid) ]]; }

ceph_prepare() {
  local pool have
  # shellcheck disable=SC2034 # the template's
  CEPH_FSID=$(ceph_ fsid) CEPH_MON_HOST=$(sed -n 's/^mon host = //p' "$CEPH_RUN/ceph.conf")
  mkdir -p "$ETC/ceph"
  render ceph.conf "$ETC/ceph/ceph.conf"
  have=$(ceph_ osd pool ls)
  for pool in "${POOLS[@]}"; do
    grep -qx "$pool" <<<"$have" || ceph_ osd pool create "$pool" 8 >/dev/null 2>&1 || die "the pool $pool cannot be created"
    rbd_ pool init "$pool"
  done
  ceph_user glance images
  ceph_user cinder volumes volumes2 vms images
  ceph_user nova vms images volumes volumes2
  printf '%s\n' "$CEPH_FSID" >"$RUN/ceph.fsid"
}

ceph_user() { # name pool...
  local osd
  osd=$(printf 'profile rbd pool=%s, ' "${@:2}")
  ceph_ auth get-or-create "client.$1" mon 'profile rbd' mgr 'profile rbd' osd "${osd%, }" \
    >"$ETC/ceph/ceph.client.$1.keyring"
}

# Takes from a Ceph that stays what OpenStack put there.
ceph_clean() { # volume-id...
  local pool user volume deadline=$((SECONDS + 60))
  ceph_ -s >/dev/null 2>&1 || return 0
  step "removing the pools, users and volumes of the lab's OpenStack from Ceph"
  for volume; do
    # A client that was killed keeps its watch for half a minute.
    until volume_remove "volumes/volume-$volume" || ((SECONDS > deadline)); do sleep 2; done
  done
  for pool in "${POOLS[@]}"; do
    [[ $pool == volumes ]] || ceph_ osd pool delete "$pool" "$pool" --yes-i-really-really-mean-it >/dev/null 2>&1 \
      || step "the pool $pool stays in Ceph"
  done
  for user in glance cinder nova; do ceph_ auth del "client.$user" >/dev/null 2>&1 || true; done
  for volume; do
    ! rbd_ info "volumes/volume-$volume" >/dev/null 2>&1 || step "volumes/volume-$volume stays in Ceph: it is in use or has clones"
  done
}

volume_remove() { # image
  local snapshots snapshot
  rbd_ info "$1" >/dev/null 2>&1 || return 0
  snapshots=$(rbd_ snap ls --format json "$1" | /usr/bin/python3 -c 'import json, sys; [print(s["name"]) for s in json.load(sys.stdin)]')
  while read -r snapshot; do
    [[ -z $snapshot ]] || rbd_ snap unprotect "$1@$snapshot" >/dev/null 2>&1 || true
  done <<<"$snapshots"
  rbd_ snap purge --no-progress "$1" >/dev/null 2>&1 && rbd_ rm --no-progress "$1" >/dev/null 2>&1
}
