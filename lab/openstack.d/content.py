#!/usr/bin/python3
"""What the lab's cloud holds; each part may run any number of times.

usage: content.py identity|resources RUN-FOLDER     (OS_CLIENT_CONFIG_FILE is the lab's clouds.yaml)

identity   projects, users, roles, the service catalogue, an application credential; needs Keystone only
resources  volume types, guest image, flavours, networks, quotas; then waits until every agent reports; writes ids.json
"""
import json
import os
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import openstack

DOMAIN = "default"
REGION = "RegionOne"
TENANTS = ("demo", "other")
BACKENDS = ("ceph", "ceph2", "nfs")
VOLUME_TYPES = {  # name: extra specs
    "ceph": {"volume_backend_name": "ceph"},
    "ceph2": {"volume_backend_name": "ceph2"},
    "ceph-luks": {"volume_backend_name": "ceph"},
    "ceph-multiattach": {"volume_backend_name": "ceph", "multiattach": "<is> True"},
    "nfs": {"volume_backend_name": "nfs"},
}
POOLS = {"ceph": "volumes", "ceph2": "volumes2", "ceph-luks": "volumes", "ceph-multiattach": "volumes"}
FLAVORS = {  # name: MiB of memory, GiB of root disk, GiB of ephemeral disk, MiB of swap, extra specs
    "small": (192, 1, 0, 0, {}),
    "medium": (256, 1, 0, 0, {"hw_rng:allowed": "True"}),
    "volume": (192, 0, 0, 0, {}),
    "ephemeral": (192, 1, 1, 64, {}),
}


def say(message):
    print(f"           {message}", file=sys.stderr, flush=True)


def read_secrets(run):
    lines = (run / "secrets").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def identity(run):
    secrets = read_secrets(run)
    cloud = openstack.connect(cloud="kedge-admin")
    keystone = cloud.identity
    roles = {role.name: role for role in keystone.roles()}
    for name in ("service", "creator", "member", "reader"):
        if name not in roles:
            roles[name] = keystone.create_role(name=name)
    projects = {
        name: keystone.find_project(name, domain_id=DOMAIN) or keystone.create_project(name=name, domain_id=DOMAIN)
        for name in ("admin", "service", *TENANTS)
    }

    def user(name, password, project, *granted):
        found = keystone.find_user(name, domain_id=DOMAIN) or keystone.create_user(
            name=name, password=password, domain_id=DOMAIN, default_project_id=projects[project].id
        )
        for role in granted:
            keystone.assign_project_role_to_user(projects[project], found, roles[role])

    for name in ("glance", "placement", "nova", "cinder", "neutron", "barbican"):
        user(name, secrets["SERVICE_PASSWORD"], "service", "admin", "service")
    for name in TENANTS:
        # Barbican lets nobody keep a secret without the role creator.
        user(name, secrets[f"{name.upper()}_PASSWORD"], name, "member", "creator")
        user("admin", None, name, "admin", "creator")
    user("admin", None, "admin", "admin", "creator")
    catalogue(keystone, int(secrets["PORT_BASE"]))
    application_credential(run, secrets["APPCRED_SECRET"])


def catalogue(keystone, port_base):
    wanted = {
        "glance": ("image", 1, ""),
        "placement": ("placement", 2, ""),
        "nova": ("compute", 3, "/v2.1"),
        "cinderv3": ("volumev3", 5, "/v3/%(project_id)s"),
        "neutron": ("network", 6, ""),
        "barbican": ("key-manager", 7, ""),
    }
    services = {service.name: service for service in keystone.services()}
    endpoints = {(endpoint.service_id, endpoint.interface) for endpoint in keystone.endpoints()}
    for name, (kind, offset, path) in wanted.items():
        service = services.get(name) or keystone.create_service(name=name, type=kind)
        for interface in ("public", "internal", "admin"):
            if (service.id, interface) not in endpoints:
                keystone.create_endpoint(
                    service_id=service.id,
                    interface=interface,
                    url=f"http://127.0.0.1:{port_base + offset}{path}",
                    region_id=REGION,
                )


def application_credential(run, secret):
    demo = openstack.connect(cloud="kedge-demo")
    user_id = demo.current_user_id
    keystone = demo.identity
    found = next((c for c in keystone.application_credentials(user=user_id) if c.name == "kedge"), None)
    if found is None:
        found = keystone.create_application_credential(user=user_id, name="kedge", secret=secret)
    (run / "appcred-id").write_text(found.id + "\n")


def resources(run):
    cloud = openstack.connect(cloud="kedge-admin")
    volume_types(cloud)
    flavors(cloud)
    image(cloud, run / "guest.raw")
    networks(cloud)
    quotas(cloud)
    wait_for("Cinder's services", lambda: cinder_is_ready(cloud, run))
    wait_for("Neutron's agents", lambda: neutron_is_ready(cloud, run))
    wait_for("Nova's services", lambda: nova_is_ready(cloud, run))
    wait_for("the hypervisor", lambda: hypervisor_is_ready(cloud, run))
    write_ids(cloud, run)


def wait_for(what, ready, seconds=240):
    began = time.monotonic()
    state = None
    while True:
        try:
            state = ready()
            if state is True:
                say(f"{what}: ready after {time.monotonic() - began:.1f} s")
                return
        except openstack.exceptions.SDKException as failure:
            state = failure
        if time.monotonic() - began > seconds:
            sys.exit(f"content.py: {what}: not ready after {seconds} s: {state}")
        time.sleep(0.5)


def heard_of(run, process, timestamp):
    """Has the service reported since its process began? "Up" alone may be said of one that was killed just now."""
    if not timestamp:
        return False
    reported = datetime.fromisoformat(timestamp).replace(tzinfo=timezone.utc)
    return reported.timestamp() >= (run / "proc" / f"{process}.proc").stat().st_mtime


def cinder_is_ready(cloud, run):
    missing = {("cinder-scheduler", "")} | {("cinder-volume", name) for name in BACKENDS}
    for service in cloud.block_storage.get("/os-services").json()["services"]:
        if service["state"] == "up" and heard_of(run, service["binary"], service["updated_at"]):
            missing.discard((service["binary"], service["host"].partition("@")[2]))
    return True if not missing else f"not up: {sorted(missing)}"


def neutron_is_ready(cloud, run):
    missing = {f"neutron-{name}-agent" for name in ("linuxbridge", "l3", "dhcp", "metadata")}
    for agent in cloud.network.agents():
        if agent.is_alive and heard_of(run, agent.binary, agent.last_heartbeat_at):
            missing.discard(agent.binary)
    return True if not missing else f"not alive: {sorted(missing)}"


def nova_is_ready(cloud, run):
    missing = {"nova-compute", "nova-conductor", "nova-scheduler"}
    for service in cloud.compute.services():
        if service.state == "up" and heard_of(run, service.binary, service.updated_at):
            missing.discard(service.binary)
    return True if not missing else f"not up: {sorted(missing)}"


def hypervisor_is_ready(cloud, run):
    hypervisor = next(iter(cloud.compute.hypervisors()), None)
    if hypervisor is None:
        conf = run / "etc" / "nova"
        subprocess.run(
            ["nova-manage", "--config-file", conf / "nova.conf", "--config-file", conf / "nova-db.conf"]
            + ["cell_v2", "discover_hosts"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return "no cell knows nova-compute's host"
    url = cloud.session.get_endpoint(service_type="placement", interface="public")
    inventories = cloud.session.get(f"{url}/resource_providers/{hypervisor.id}/inventories").json()
    return True if inventories.get("inventories") else "Placement has no inventory"


def volume_types(cloud):
    storage = cloud.block_storage
    have = {kind.name: kind for kind in storage.types()}
    for name, specs in VOLUME_TYPES.items():
        if name not in have:
            have[name] = storage.create_type(name=name, extra_specs=specs)
    luks = f"/types/{have['ceph-luks'].id}/encryption"
    if not storage.get(luks).json():
        encryption = {
            "provider": "luks",
            "cipher": "aes-xts-plain64",
            "key_size": 256,
            "control_location": "front-end",
        }
        check(storage.post(luks, json={"encryption": encryption}))
    specs = {spec["name"]: spec for spec in storage.get("/qos-specs").json()["qos_specs"]}
    if "iops" not in specs:
        body = {"qos_specs": {"name": "iops", "consumer": "front-end", "total_iops_sec": "20000"}}
        specs["iops"] = check(storage.post("/qos-specs", json=body)).json()["qos_specs"]
    check(storage.get(f"/qos-specs/{specs['iops']['id']}/associate?vol_type_id={have['ceph2'].id}"))


def check(response):
    openstack.exceptions.raise_from_response(response)
    return response


def flavors(cloud):
    compute = cloud.compute
    have = {flavor.name for flavor in compute.flavors()}
    for name, (ram, disk, ephemeral, swap, specs) in FLAVORS.items():
        if name not in have:
            made = compute.create_flavor(name=name, ram=ram, vcpus=1, disk=disk, ephemeral=ephemeral, swap=swap)
            if specs:
                compute.create_flavor_extra_specs(made, specs)


def image(cloud, file):
    found = [image for image in cloud.image.images(name="guest")]
    if any(image.status == "active" for image in found):
        return
    for broken in found:
        cloud.image.delete_image(broken)
    say("uploading the guest's image")
    cloud.create_image(
        "guest",
        filename=str(file),
        disk_format="raw",
        container_format="bare",
        wait=True,
        visibility="public",
        allow_duplicates=True,
        min_disk=1,
        os_type="linux",
        hw_qemu_guest_agent="yes",
        os_require_quiesce="yes",
        hw_rng_model="virtio",
    )


def networks(cloud):
    network = cloud.network
    public = network.find_network("public") or network.create_network(
        name="public", provider_network_type="flat", provider_physical_network="public", is_router_external=True
    )
    if not network.find_subnet("public-subnet"):
        network.create_subnet(
            name="public-subnet",
            network_id=public.id,
            cidr="172.24.4.0/24",
            ip_version=4,
            gateway_ip="172.24.4.1",
            is_dhcp_enabled=False,
            allocation_pools=[{"start": "172.24.4.100", "end": "172.24.4.250"}],
        )
    tenant_network(cloud, "demo", "private", "10.20.0.0/24", "router", public)
    tenant_network(cloud, "demo", "backend", "10.21.0.0/24", None, public)
    tenant_network(cloud, "other", "other-private", "10.30.0.0/24", "other-router", public)


def tenant_network(cloud, project, name, cidr, router_name, public):
    network = cloud.network
    project_id = cloud.identity.find_project(project, domain_id=DOMAIN).id
    found = network.find_network(name) or network.create_network(name=name, project_id=project_id)
    subnet = network.find_subnet(f"{name}-subnet") or network.create_subnet(
        name=f"{name}-subnet", project_id=project_id, network_id=found.id, cidr=cidr, ip_version=4
    )
    if router_name is None:
        return
    router = network.find_router(router_name) or network.create_router(
        name=router_name, project_id=project_id, external_gateway_info={"network_id": public.id}
    )
    inside = {ip["subnet_id"] for port in network.ports(device_id=router.id) for ip in port.fixed_ips}
    if subnet.id not in inside:
        network.add_interface_to_router(router, subnet_id=subnet.id)


def quotas(cloud):
    for name in ("admin", *TENANTS):
        project = cloud.identity.find_project(name, domain_id=DOMAIN).id
        cloud.set_compute_quotas(project, instances=100, cores=200, ram=200000, key_pairs=1000, server_groups=100)
        cloud.set_volume_quotas(project, volumes=1000, snapshots=1000, gigabytes=20000)
        cloud.set_network_quotas(
            project,
            port=1000,
            network=200,
            subnet=200,
            router=100,
            floatingip=100,
            security_group=200,
            security_group_rule=2000,
        )


def write_ids(cloud, run):
    def ids(things):
        return {thing.name: thing.id for thing in things if thing.name}

    content = {
        "images": ids(cloud.image.images(visibility="public")),
        "flavors": ids(cloud.compute.flavors()),
        "networks": ids(cloud.network.networks()),
        "subnets": ids(cloud.network.subnets()),
        "routers": ids(cloud.network.routers()),
        "volumeTypes": ids(cloud.block_storage.types()),
        "projects": ids(cloud.identity.projects()),
        "users": ids(cloud.identity.users()),
        "poolsOfVolumeTypes": POOLS,
        "poolOfNovaDisks": "vms",
        "poolOfImages": "images",
        "computeHost": next(service.host for service in cloud.compute.services() if service.binary == "nova-compute"),
        "libvirtUri": f"qemu+unix:///system?socket={run}/libvirt/run/libvirt-sock",
        "cephConfOfOpenStack": f"{run}/etc/ceph/ceph.conf",
        "consoleLogs": f"{run}/nova/instances/SERVER/console.log",
    }
    new = run / "ids.json.new"
    new.write_text(json.dumps(content, indent=2) + "\n")
    new.rename(run / "ids.json")


if __name__ == "__main__":
    os.umask(0o077)
    if len(sys.argv) != 3 or sys.argv[1] not in ("identity", "resources"):
        sys.exit(__doc__)
    {"identity": identity, "resources": resources}[sys.argv[1]](Path(sys.argv[2]))
