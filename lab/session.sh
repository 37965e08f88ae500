# shellcheck shell=bash
# A lab for the length of one script: whatever ends the script, the lab and its files go. To be sourced after lib.sh.
#
# A session owns lab/run/NAME and the folders it made by session_folder_in, and nothing else; the Ceph is in
# lab/run/NAME/ceph. What a killed run left there goes first.

SESSION=
SESSION_FOLDER=
SESSION_CHILD=
SESSION_KEEP=
PART=
PARTS=()

session_begin() { # name monitor-v2-port monitor-v1-port first-osd-port
  SESSION=$LAB/run/$1
  mkdir -p "$LAB/run"
  exec 8>"$SESSION.lock"
  flock -n 8 || die "another ${0##*/} runs in this tree"
  trap session_end EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  export KEDGE_LAB_RUN=$SESSION/ceph KEDGE_LAB_MON_V2=$2 KEDGE_LAB_MON_V1=$3 KEDGE_LAB_OSD_PORT=$4
  export KEDGE_LAB_RGW_PORT=$(($2 + 4000))
  session_clean
  mkdir "$SESSION"
}

session_clean() {
  [[ -e $SESSION ]] || return 0
  session_openstack_down
  lab_ceph down
  local folder
  if [[ -e $SESSION/elsewhere ]]; then
    while read -r folder; do rm -rf -- "$folder"; done <"$SESSION/elsewhere"
  fi
  rm -rf -- "$SESSION"
}

# Makes a folder somewhere else that goes with the session, and names it in SESSION_FOLDER.
session_folder_in() { # parent
  SESSION_FOLDER=$(mktemp -u "$1/kedge-${SESSION##*/}.XXXXXX")
  printf '%s\n' "$SESSION_FOLDER" >>"$SESSION/elsewhere"
  mkdir "$SESSION_FOLDER"
}

session_end() {
  local status=$?
  trap '' INT TERM HUP
  trap - EXIT
  if [[ -n $SESSION_CHILD ]]; then
    kill "$SESSION_CHILD" 2>/dev/null || true
    wait "$SESSION_CHILD" 2>/dev/null || true
  fi
  if [[ -n $SESSION_KEEP ]]; then
    step "kept: $SESSION; remove it by KEDGE_LAB_RUN=$KEDGE_LAB_RUN $LAB/ceph down && rm -r $SESSION${SESSION_FOLDER:+ $SESSION_FOLDER}"
  else
    session_clean || status=1
  fi
  rm -f -- "$SESSION.lock"
  rmdir -- "$LAB/run" 2>/dev/null || true
  step "$( ((status)) && echo "FAILED (status $status)${PART:+ in: $PART}" || echo 'all is well')"
  exit "$status"
}

# The session's lock is not for the daemons: it would outlive a killed script.
lab_ceph() { "$LAB/ceph" "$@" 8>&-; }

lab_openstack() { "$LAB/openstack" "$@" 8>&-; }

# An OpenStack on the session's Ceph. Its sockets have short paths: where the session's folder is too deep, it gets
# another one.
session_openstack_up() {
  export KEDGE_LAB_OPENSTACK=$SESSION/openstack
  if ((${#KEDGE_LAB_OPENSTACK} > 64)); then
    KEDGE_LAB_OPENSTACK=/tmp/kedge-${SESSION##*/}-openstack
  fi
  printf '%s\n' "$KEDGE_LAB_OPENSTACK" >"$SESSION/openstack-folder"
  lab_openstack up
}

session_openstack_down() {
  [[ -e $SESSION/openstack-folder ]] || return 0
  KEDGE_LAB_OPENSTACK=$(<"$SESSION/openstack-folder") lab_openstack down
  rm -- "$SESSION/openstack-folder"
}

# Runs a long command in the background and waits, so that a signal is heard at once.
session_run() { # command...
  local status=0
  "$@" </dev/null &
  SESSION_CHILD=$!
  wait "$SESSION_CHILD" || status=$?
  SESSION_CHILD=
  return "$status"
}

# Runs one part of the script and notes how long it took. A failure ends the script, unless the caller handles it.
part() { # name command...
  local began=${EPOCHREALTIME//[!0-9]/} status tenths
  PART=$1
  printf '\n' >&2
  step "=== $PART"
  "${@:2}"
  # Not "|| status=": that would let the part go on after a failure.
  status=$?
  tenths=$(((${EPOCHREALTIME//[!0-9]/} - began) / 100000))
  PARTS+=("$(printf '%-46s %6d.%d s  %s' "$PART" $((tenths / 10)) $((tenths % 10)) \
    "$( ((status)) && echo FAILED || echo ok)")")
  PART=
  return "$status"
}

print_parts() { printf '%s\n' "${PARTS[@]}"; }
