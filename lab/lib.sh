# shellcheck shell=bash
# What the lab's scripts share: messages with elapsed time, and processes that are known by more than their pid.
# To be sourced. Nothing here changes the machine by itself.

LAB_STARTED_US=${LAB_STARTED_US:-${EPOCHREALTIME//[!0-9]/}}

# Seconds since the script began, with one decimal.
elapsed() {
  local tenths=$(((${EPOCHREALTIME//[!0-9]/} - LAB_STARTED_US) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

step() { printf '[%6s s] %s\n' "$(elapsed)" "$*" >&2; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Runs a command as root: directly, or by sudo if that asks for no password.
as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo -n -- "$@"
  fi
}

can_be_root() { ((EUID == 0)) || sudo -n true 2>/dev/null; }

# Prints "boot-id pid start-time" of a live process; fails for a dead one or a zombie. A pid alone may have been
# given to another process since it was written down; the three together never are.
process_identity() { # pid
  local stat fields boot
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra fields <<<"${stat##*) }"
  [[ ${fields[0]} != [ZX] ]] || return 1
  boot=$(</proc/sys/kernel/random/boot_id)
  printf '%s %s %s\n' "$boot" "$1" "${fields[19]}"
}

# Is the process that wrote this identity file still there?
process_alive() { # identity-file
  local boot pid start
  [[ -s $1 ]] && read -r boot pid start <"$1" && [[ $(process_identity "$pid") == "$boot $pid $start" ]]
}

process_pid() { # identity-file
  local pid
  read -r _ pid _ <"$1" && printf '%s\n' "$pid"
}

# Starts a command in a session of its own. The identity is on disk before the command runs, so that a killed script
# never leaves a process that nobody knows. Further file descriptors (locks) are not inherited.
process_start() { # identity-file output-file command...
  local identity=$1 output=$2
  shift 2
  (
    process_identity "$BASHPID" >"$identity"
    ulimit -c 0
    exec 9>&- setsid -- "$@" </dev/null >>"$output" 2>&1
  ) &
  disown
}

process_signal() { # identity-file signal
  if process_alive "$1"; then kill -s "$2" "$(process_pid "$1")" 2>/dev/null || true; fi
}

process_wait_gone() { # identity-file seconds
  local tenths
  for ((tenths = 0; tenths < $2 * 10; tenths++)); do
    process_alive "$1" || return 0
    sleep 0.1
  done
  return 1
}

# Stops processes together: all are asked first, then each is waited for, and killed when it does not go.
processes_stop() { # identity-file...
  local identity
  for identity; do process_signal "$identity" TERM; done
  for identity; do
    if ! process_wait_gone "$identity" 20; then
      step "process $(process_pid "$identity") does not stop: killing it"
      process_signal "$identity" KILL
      process_wait_gone "$identity" 20 || die "process $(process_pid "$identity") cannot be stopped"
    fi
    rm -f -- "$identity"
  done
}

# Does anything listen on this TCP port? Read from /proc: neither ss nor lsof need be there.
port_is_busy() { # port
  local hex
  hex=$(printf '%04X' "$1")
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null \
    | awk -v port="$hex" '{ n = split($2, a, ":") } a[n] == port && $4 == "0A" { found = 1 } END { exit !found }'
}

first_free_port() { # wanted-port
  local port
  for ((port = $1; port < $1 + 200; port++)); do
    if ! port_is_busy "$port"; then
      printf '%s\n' "$port"
      return
    fi
  done
  die "no free TCP port in $1-$((port - 1)) on 127.0.0.1"
}
