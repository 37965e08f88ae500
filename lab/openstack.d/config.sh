# shellcheck shell=bash
# shellcheck disable=SC2034 # the templates use variables that shellcheck does not see used
# The services' configuration, written anew by each "up" from the templates in etc/. To be sourced.
#
# A template is the text of a shell here-document: $NAME is a variable, $(auth nova) a block from below.

SERVICES=(keystone glance placement nova cinder neutron barbican)

# Everything listens on 127.0.0.1, on these ports from the base on.
ports_set() { # base
  PORT_KEYSTONE=$1 PORT_GLANCE=$(($1 + 1)) PORT_PLACEMENT=$(($1 + 2)) PORT_NOVA=$(($1 + 3))
  PORT_NOVA_METADATA=$(($1 + 4)) PORT_CINDER=$(($1 + 5)) PORT_NEUTRON=$(($1 + 6)) PORT_BARBICAN=$(($1 + 7))
  PORT_MARIADB=$(($1 + 8)) PORT_RABBIT=$(($1 + 9)) PORT_RABBIT_NODE=$(($1 + 10)) PORT_EPMD=$(($1 + 11))
  PORT_MEMCACHED=$(($1 + 12)) PORT_VXLAN=$(($1 + 13)) # the last one is UDP
}
PORTS=13

# The ports and passwords of this lab: chosen once, kept in files that only root reads.
identity_of_lab() {
  local base port name
  if [[ ! -e $RUN/secrets ]]; then
    base=${KEDGE_LAB_OPENSTACK_PORT:-15000}
    if [[ ! $base =~ ^[1-9][0-9]{3,4}$ ]] || ((base + PORTS > 65535)); then
      die "KEDGE_LAB_OPENSTACK_PORT needs a port number, not $base"
    fi
    for ((port = base; port < base + PORTS; port++)); do
      ! port_is_busy "$port" || die "port $port is in use: choose others by KEDGE_LAB_OPENSTACK_PORT (now $base, $PORTS ports)"
    done
    {
      printf 'PORT_BASE=%s\n' "$base"
      for name in SERVICE_PASSWORD ADMIN_PASSWORD DEMO_PASSWORD OTHER_PASSWORD APPCRED_SECRET METADATA_SECRET; do
        printf '%s=%s\n' "$name" "$(head -c 18 /dev/urandom | base64 | tr '+/' 'ab')"
      done
      printf 'BARBICAN_KEK=%s\n' "$(head -c 32 /dev/urandom | base64)"
      printf 'SECRET_CINDER=%s\nSECRET_NOVA=%s\nHOST_UUID=%s\n' "$(new_uuid)" "$(new_uuid)" "$(new_uuid)"
    } >"$RUN/secrets.new"
    mv "$RUN/secrets.new" "$RUN/secrets"
  fi
  # shellcheck disable=SC1091 # written above
  source "$RUN/secrets"
  ports_set "$PORT_BASE"
}

new_uuid() { cat /proc/sys/kernel/random/uuid; }

render() { # template file
  eval "cat <<END_OF_TEMPLATE
$(<"$PARTS_DIR/etc/$1")
END_OF_TEMPLATE" >"$2"
}

database() { # user [database]
  # PyMySQL does not know the name utf8mb3.
  printf 'mysql+pymysql://%s:%s@127.0.0.1:%s/%s?charset=utf8' "$1" "$SERVICE_PASSWORD" "$PORT_MARIADB" "${2:-$1}"
}

message_queue() { printf 'rabbit://openstack:%s@127.0.0.1:%s/' "$SERVICE_PASSWORD" "$PORT_RABBIT"; }

auth() { # service
  cat <<CONF
auth_url = http://127.0.0.1:$PORT_KEYSTONE
auth_type = password
username = $1
password = $SERVICE_PASSWORD
project_name = service
user_domain_id = default
project_domain_id = default
region_name = RegionOne
CONF
}

# How a service knows its callers, calls other services in a user's name (Cinder wants to know that it is a service
# that detaches), and where it keeps its locks.
middleware() { # service
  cat <<CONF
[keystone_authtoken]
www_authenticate_uri = http://127.0.0.1:$PORT_KEYSTONE
memcached_servers = 127.0.0.1:$PORT_MEMCACHED
service_token_roles = service
service_token_roles_required = true
$(auth "$1")
[service_user]
send_service_user_token = true
$(auth "$1")
[oslo_messaging_rabbit]
heartbeat_in_pthread = false
[oslo_messaging_notifications]
driver = noop
[oslo_concurrency]
lock_path = $RUN/lock
CONF
}

key_manager() {
  cat <<CONF
[key_manager]
backend = barbican
[barbican]
barbican_endpoint = http://127.0.0.1:$PORT_BARBICAN
auth_endpoint = http://127.0.0.1:$PORT_KEYSTONE/v3
barbican_endpoint_type = public
CONF
}

configure() {
  local service file
  for service in "${SERVICES[@]}"; do mkdir -p "$ETC/$service"; done
  render keystone.conf "$ETC/keystone/keystone.conf"
  render placement.conf "$ETC/placement/placement.conf"
  render glance-api.conf "$ETC/glance/glance-api.conf"
  render cinder.conf "$ETC/cinder/cinder.conf"
  printf '%s\n' "$NFS_SHARE" >"$ETC/cinder/nfs-shares"
  render nova.conf "$ETC/nova/nova.conf"
  render nova-db.conf "$ETC/nova/nova-db.conf"
  render uwsgi.ini "$ETC/uwsgi.ini"
  for file in neutron.conf ml2.ini linuxbridge.ini l3.ini dhcp.ini metadata.ini dnsmasq.conf; do
    render "$file" "$ETC/neutron/$file"
  done
  cp -r /etc/barbican/. "$ETC/barbican"
  render barbican.conf "$ETC/barbican/barbican.conf"
  clouds_write
}

# clouds.yaml; the application credential is known only after Keystone has made it.
clouds_write() {
  local APPCRED_ID=
  [[ ! -e $RUN/appcred-id ]] || APPCRED_ID=$(<"$RUN/appcred-id")
  render clouds.yaml "$RUN/clouds.yaml.new"
  mv "$RUN/clouds.yaml.new" "$RUN/clouds.yaml"
}

cloud_password() { # cloud user project password
  cat <<CONF
  $1:
    auth:
      auth_url: http://127.0.0.1:$PORT_KEYSTONE/v3
      username: $2
      password: "$4"
      project_name: $3
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
    interface: public
    identity_api_version: 3
CONF
}

cloud_appcred() { # cloud id secret
  [[ -n $2 ]] || return 0
  cat <<CONF
  $1:
    auth_type: v3applicationcredential
    auth:
      auth_url: http://127.0.0.1:$PORT_KEYSTONE/v3
      application_credential_id: $2
      application_credential_secret: "$3"
    region_name: RegionOne
    interface: public
    identity_api_version: 3
CONF
}

# The lines that the RBD backends of Cinder share.
rbd_backend() {
  cat <<CONF
volume_driver = cinder.volume.drivers.rbd.RBDDriver
rbd_ceph_conf = $ETC/ceph/ceph.conf
rbd_user = cinder
rbd_secret_uuid = $SECRET_CINDER
rbd_flatten_volume_from_snapshot = false
rbd_max_clone_depth = 5
rbd_store_chunk_size = 4
rados_connect_timeout = 10
report_discard_supported = true
CONF
}
