# shellcheck shell=bash
# libvirt with its own configuration and state, and the NFS "share" of the backend that is not on Ceph. To be sourced.

NFS_SHARE=127.0.0.1:/kedge-lab

virsh_() { virsh -q -c "$LIBVIRT_URI" "$@"; }

libvirt_start() {
  local home=$RUN/libvirt
  mkdir -p "$home"/{etc/qemu,etc/secrets,lib,run,cache} "$RUN/log/libvirt" "$RUN/nova/instances"
  render libvirtd.conf "$home/etc/libvirtd.conf"
  render qemu.conf "$home/etc/qemu.conf"
  # The machine's own libvirt, if there is one, shares none of these folders and is not touched.
  service_start libvirtd "$PARTS_DIR/with-mounts" "$home/etc:/etc/libvirt" "$home/lib:/var/lib/libvirt" \
    "$home/run:/run/libvirt" "$home/cache:/var/cache/libvirt" "$RUN/log/libvirt:/var/log/libvirt" -- \
    libvirtd --config "$home/etc/libvirtd.conf" --pid-file "$home/libvirtd.pid"
  service_wait libvirtd 60 virsh_ version
  libvirt_secret "$SECRET_CINDER" cinder
  libvirt_secret "$SECRET_NOVA" nova
}

# QEMU gets the key of a Ceph user from libvirt. The file holds the key as Ceph prints it, which is base64 already.
libvirt_secret() { # uuid ceph-user
  local file=$RUN/tmp/secret
  printf '<secret ephemeral="no" private="no"><uuid>%s</uuid><usage type="ceph"><name>client.%s</name></usage></secret>' \
    "$1" "$2" >"$file"
  virsh_ secret-define "$file" >/dev/null
  ceph_ auth get-key "client.$2" >"$file"
  virsh_ secret-set-value "$1" --file "$file" >/dev/null
  rm "$file"
}

# Few kernels of small machines have NFS, so the share is a file system in a file, mounted where Cinder and Nova would
# mount it: both then find it "already mounted".
nfs_mount_point() { printf '%s/nfs/mnt/%s' "$RUN" "$(printf '%s' "$NFS_SHARE" | md5sum | cut -d' ' -f1)"; }

nfs_start() {
  local point
  point=$(nfs_mount_point)
  mkdir -p "$point"
  if [[ ! -e $RUN/nfs/disk.img ]]; then
    truncate -s 20G "$RUN/nfs/disk.new"
    mkfs.ext4 -q -m 0 "$RUN/nfs/disk.new"
    mv "$RUN/nfs/disk.new" "$RUN/nfs/disk.img"
  fi
  mountpoint -q "$point" || mount -o loop "$RUN/nfs/disk.img" "$point"
}

nfs_stop() {
  local point
  point=$(nfs_mount_point)
  ! mountpoint -q "$point" || umount "$point"
}
