# shellcheck shell=bash
# MariaDB, RabbitMQ, memcached, and the databases' schemas. To be sourced.

# Runs the statement that is given, or else those on standard input.
sql() { mariadb --no-defaults -uroot -S "$RUN/mysql.sock" -N ${1:+-e "$1"}; }

mariadb_start() {
  if [[ ! -e $RUN/mysql ]]; then
    rm -rf "$RUN/mysql.new"
    mariadb-install-db --no-defaults --datadir="$RUN/mysql.new" --user=root --auth-root-authentication-method=socket \
      --skip-test-db >"$RUN/log/mariadb-install.log" 2>&1 || die "MariaDB cannot be set up; see $RUN/log/mariadb-install.log"
    mv "$RUN/mysql.new" "$RUN/mysql"
  fi
  # Commits go to the kernel at once (a kill loses none) and to the disk each second.
  service_start mariadb mariadbd --no-defaults --datadir="$RUN/mysql" --socket="$RUN/mysql.sock" \
    --pid-file="$RUN/mysql.pid" --user=root --bind-address=127.0.0.1 --port="$PORT_MARIADB" --skip-name-resolve \
    --innodb-buffer-pool-size=192M --innodb-flush-log-at-trx-commit=2 --max-connections=400 --performance-schema=OFF \
    --character-set-server=utf8mb3 --collation-server=utf8mb3_general_ci --tmpdir="$RUN/tmp"
  service_wait mariadb 120 sql 'select 1'
}

rabbitmq_start() {
  local rabbit=$RUN/rabbit
  mkdir -p "$rabbit"
  render rabbitmq.conf "$rabbit/rabbitmq.conf"
  printf '[].\n' >"$rabbit/enabled_plugins"
  service_start epmd epmd -address 127.0.0.1 -port "$PORT_EPMD"
  service_wait epmd 20 port_is_busy "$PORT_EPMD"
  # Debian's own start script changes the user; this is the one below it. Without +sbwt none Erlang waits busily.
  service_start rabbitmq HOME="$rabbit" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$PORT_EPMD" \
    RABBITMQ_NODENAME=kedge-lab@localhost RABBITMQ_DIST_PORT="$PORT_RABBIT_NODE" RABBITMQ_MNESIA_BASE="$rabbit/mnesia" \
    RABBITMQ_LOG_BASE="$rabbit/log" RABBITMQ_CONFIG_FILE="$rabbit/rabbitmq" RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_ENABLED_PLUGINS_FILE="$rabbit/enabled_plugins" RABBITMQ_PID_FILE="$rabbit/pid" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}' \
    "$(compgen -G '/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server' | tail -1)"
}

infrastructure_start() {
  rabbitmq_start
  service_start memcached memcached -l 127.0.0.1 -p "$PORT_MEMCACHED" -U 0 -u root -m 64
  service_wait memcached 20 port_is_busy "$PORT_MEMCACHED"
  mariadb_start
}

# Each schema once. Two lines of work beside Keystone's, which the caller waits for first. They keep the lock of the
# lab: should this script be killed, the next one waits for them.
schemas_begin() {
  (schema nova nova nova_api nova_cell0 && schema cinder cinder) &
  SCHEMA_JOBS=($!)
  (schema neutron neutron && schema glance glance && schema placement placement && schema barbican barbican) &
  SCHEMA_JOBS+=($!)
  schema keystone keystone
}

schemas_wait() {
  local job
  for job in "${SCHEMA_JOBS[@]}"; do wait "$job" || die "the databases cannot be set up; see $RUN/log/schema-*.log"; done
}

# A schema that was not completed is begun anew: half a migration cannot be continued.
schema() { # service database...
  [[ -e $RUN/done/schema-$1 ]] && return
  { databases_make "$@" && "schema_$1"; } >"$RUN/log/schema-$1.log" 2>&1 \
    || die "the database of $1 cannot be set up; see $RUN/log/schema-$1.log"
  touch "$RUN/done/schema-$1"
}

databases_make() { # user database...
  local name
  for name in "${@:2}"; do
    printf "drop database if exists %s; create database %s character set utf8mb3; grant all on %s.* to '%s'@'127.0.0.1' identified by '%s';\n" \
      "$name" "$name" "$name" "$1" "$SERVICE_PASSWORD"
  done | sql ''
}

schema_keystone() {
  local conf=(--config-file "$ETC/keystone/keystone.conf") url=http://127.0.0.1:$PORT_KEYSTONE/v3
  # An attempt before this one may have left in the cache what is not in the new database.
  memcached_flush \
    && keystone-manage "${conf[@]}" db_sync \
    && keystone-manage "${conf[@]}" fernet_setup --keystone-user root --keystone-group root \
    && keystone-manage "${conf[@]}" credential_setup --keystone-user root --keystone-group root \
    && OS_BOOTSTRAP_PASSWORD=$ADMIN_PASSWORD keystone-manage "${conf[@]}" bootstrap --bootstrap-username admin \
      --bootstrap-project-name admin --bootstrap-role-name admin --bootstrap-service-name keystone \
      --bootstrap-region-id RegionOne --bootstrap-admin-url "$url" --bootstrap-public-url "$url" \
      --bootstrap-internal-url "$url"
}

memcached_flush() {
  local answer
  exec 3<>"/dev/tcp/127.0.0.1/$PORT_MEMCACHED" && printf 'flush_all\r\n' >&3 && read -r answer <&3 && exec 3>&-
  [[ $answer == OK* ]]
}

schema_nova() {
  nova-manage "${NOVA_CONF[@]}" api_db sync \
    && nova-manage "${NOVA_CONF[@]}" cell_v2 map_cell0 \
    && nova-manage "${NOVA_CONF[@]}" db sync \
    && { [[ $(nova-manage "${NOVA_CONF[@]}" cell_v2 list_cells) == *cell1* ]] \
      || nova-manage "${NOVA_CONF[@]}" cell_v2 create_cell --name cell1; }
}

schema_cinder() { cinder-manage --config-file "$ETC/cinder/cinder.conf" db sync; }
schema_glance() { glance-manage --config-file "$ETC/glance/glance-api.conf" db_sync; }
schema_neutron() {
  neutron-db-manage --config-file "$ETC/neutron/neutron.conf" --config-file "$ETC/neutron/ml2.ini" upgrade heads
}
schema_placement() {
  OS_PLACEMENT_CONFIG_DIR=$ETC/placement placement-manage --config-file "$ETC/placement/placement.conf" db sync
}
schema_barbican() { with_barbican_conf barbican-manage db upgrade; }
