# shellcheck shell=bash
# The lab's processes. Each service has an identity file (see lib.sh) and a control group of its own, so that whatever
# it leaves behind on purpose (dnsmasq, haproxy, QEMU, privsep helpers) is known as ours too. To be sourced.

# Sets CGROUP to the lab's control group and makes it.
cgroup_claim() {
  local root
  root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
  [[ -n $root ]] || die "needs a cgroup2 file system: mount -t cgroup2 none /sys/fs/cgroup"
  CGROUP=$root/kedge-lab-$(printf '%s' "$RUN" | sha256sum | cut -c1-12)
  mkdir -p "$CGROUP" 2>/dev/null || die "cannot make the control group $CGROUP; the lab needs a machine of its own, as root"
}

cgroup_pids() { # control-group
  find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

# Ends every process of a control group and of those below it, and removes them.
cgroup_end() { # control-group
  local tenths
  [[ -d $1 ]] || return 0
  for ((tenths = 0; tenths < 100; tenths++)); do
    [[ -n $(cgroup_pids "$1") ]] || break
    echo 1 >"$1/cgroup.kill"
    sleep 0.1
  done
  find "$1" -depth -type d -exec rmdir {} + || die "processes of the lab do not end: $(cgroup_pids "$1" | paste -sd ' ')"
}

service_alive() { process_alive "$RUN/proc/$1.proc"; } # name

# Starts a service that does not run; its environment is the given variables and nothing of ours.
service_start() { # name [VARIABLE=value...] command...
  local name=$1 group=$CGROUP/$1 identity=$RUN/proc/$1.proc
  shift
  service_alive "$name" && return
  # Workers whose master was killed would hold its port. What outlives these on purpose may stay.
  case $name in
    libvirtd | neutron-*-agent) ;;
    *) cgroup_end "$group" ;;
  esac
  mkdir -p "$group"
  rm -f "$identity"
  # shellcheck disable=SC2016 # the inner shell's
  process_start "$identity" "$RUN/log/$name.log" \
    bash -c 'echo $$ >"$0/cgroup.procs" && exec env -i "$@"' "$group" \
    PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$RUN/home" LANG=C.UTF-8 LC_ALL=C.UTF-8 "$@"
  # On a busy machine the new process takes a while to write down who it is.
  until [[ -s $identity ]]; do sleep 0.02; done
}

services_stop() { # name...
  local name files=()
  for name; do
    [[ ! -e $RUN/proc/$name.proc ]] || files+=("$RUN/proc/$name.proc")
  done
  processes_stop ${files[@]+"${files[@]}"}
}

# Waits until a command succeeds; a service that stops meanwhile is a failure at once.
service_wait() { # name seconds command...
  local name=$1 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    service_alive "$name" || die "$name has stopped; the reason is in $RUN/log/$name.log"
    ((SECONDS < deadline)) || die "$name does not get ready; see $RUN/log/$name.log"
    sleep 0.25
  done
}

# Any answer will do: an API root answers 300 or 401.
http_answers() { curl --noproxy '*' -s -o /dev/null -m 10 "$1"; } # url

http_wait() { service_wait "$1" 120 http_answers "http://127.0.0.1:$2/"; } # name port

# "name  pid  processes  memory" for each service; fails if one of them does not run.
services_print() {
  local file name running=0
  for file in "$RUN"/proc/*.proc; do
    [[ -e $file ]] || continue
    name=${file##*/}
    name=${name%.proc}
    if process_alive "$file"; then
      printf '%-26s pid %-8s %s\n' "$name" "$(process_pid "$file")" "$(memory_of "$CGROUP/$name")"
    else
      printf '%-26s does not run\n' "$name"
      running=1
    fi
  done
  return "$running"
}

# Proportional set size: shared pages are counted once.
memory_of() { # control-group
  local pid count=0 kib=0 own
  for pid in $(cgroup_pids "$1"); do
    own=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" 2>/dev/null) || continue
    kib=$((kib + ${own:-0}))
    count=$((count + 1))
  done
  printf '%2d processes %5d MiB' "$count" $((kib / 1024))
}
