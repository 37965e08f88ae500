# shellcheck shell=bash
# What Neutron needs of the kernel, and putting the kernel back. To be sourced.
#
# Neutron's names for bridges, namespaces and chains are fixed, so one machine has room for one lab. The external
# bridge carries the lab's folder as its alias: who has the bridge has the network.

BRIDGE=kedge-ext
SYSCTLS=(net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables)

network_claim() {
  local owner
  if ip link show "$BRIDGE" >/dev/null 2>&1; then
    owner=$(<"/sys/class/net/$BRIDGE/ifalias")
    [[ $owner == "$RUN" ]] || die "the lab in $owner uses the network of this machine; take it down first" \
      "(KEDGE_LAB_OPENSTACK=$owner lab/openstack down)"
  else
    [[ -z $(network_devices) && -z $(network_namespaces) ]] \
      || die "another OpenStack's networks are on this machine ($(network_devices | paste -sd ' ')); the lab needs its own"
    # The first "ip netns" of a machine makes a mount of this folder.
    mountpoint -q /run/netns || touch "$RUN/netns-mount-is-ours"
    ip link add "$BRIDGE" type bridge
    ip link set "$BRIDGE" alias "$RUN"
  fi
  ip link set "$BRIDGE" up
  ip addr replace 172.24.4.1/24 dev "$BRIDGE"
  sysctl_set
}

sysctl_set() {
  local name
  [[ ! -e /proc/sys/net/bridge ]] && modprobe br_netfilter 2>/dev/null
  if [[ ! -e $RUN/sysctls ]]; then
    for name in "${SYSCTLS[@]}"; do
      printf '%s %s\n' "$name" "$(cat "/proc/sys/${name//.//}" 2>/dev/null)"
    done >"$RUN/sysctls.new"
    mv "$RUN/sysctls.new" "$RUN/sysctls"
  fi
  for name in "${SYSCTLS[@]}"; do echo 1 >"/proc/sys/${name//.//}"; done
}

# Removes all that Neutron's agents made; only after network_claim may it be told from others' by its names.
network_release() {
  local name value
  [[ -e /sys/class/net/$BRIDGE && $(<"/sys/class/net/$BRIDGE/ifalias") == "$RUN" ]] || return 0
  for name in $(network_namespaces); do ip netns del "$name"; done
  for name in $(network_devices); do ip link del "$name" 2>/dev/null || true; done
  for name in iptables ip6tables; do chains_remove "$name"; done
  for name in $(ipset list -n 2>/dev/null | grep -E '^N(IPv[46]|OR)' || true); do ipset destroy "$name" 2>/dev/null || true; done
  if [[ -e $RUN/sysctls ]]; then
    while read -r name value; do [[ -z $value ]] || echo "$value" >"/proc/sys/${name//.//}"; done <"$RUN/sysctls"
    rm "$RUN/sysctls"
  fi
  if [[ -e $RUN/netns-mount-is-ours ]] && mountpoint -q /run/netns && [[ -z $(ls -A /run/netns) ]]; then
    umount /run/netns
    rm "$RUN/netns-mount-is-ours"
  fi
  ip link del "$BRIDGE"
}

network_namespaces() { ip netns list 2>/dev/null | awk '/^(qdhcp|qrouter)-/ { print $1 }'; }

network_devices() {
  ip -o link show | awk -F': ' '{ sub(/@.*/, "", $2); print $2 }' | grep -E '^(brq|tap)[0-9a-f]{8}-[0-9a-f]{2}$|^vxlan-[0-9]+$' || true
}

# Neutron's chains and the rules that lead into them; all else stays as it is.
chains_remove() { # iptables or ip6tables
  "$1-save" 2>/dev/null | awk '
    /^\*/ { table = $0 }
    /^:neutron-/ { chain = substr($1, 2); flush[table] = flush[table] "-F " chain "\n"; drop[table] = drop[table] "-X " chain "\n" }
    /^-A / && $2 !~ /^neutron-/ && / -j neutron-/ { sub(/^-A/, "-D"); jump[table] = jump[table] $0 "\n" }
    END { for (table in flush) printf "%s\n%s%s%sCOMMIT\n", table, jump[table], flush[table], drop[table] }' \
    | "$1-restore" --noflush
}
