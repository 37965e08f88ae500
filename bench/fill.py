#!/usr/bin/python3
"""Fills RBD images with data that is the same in each run (the cluster is that of CEPH_CONF).

usage: bench/fill.py mixed POOL/IMAGE DATA_MIB     3/8 random, 4/8 a tar of /usr, 1/8 zeroes, and as many holes as tar
       bench/fill.py random POOL/IMAGE MIB         random data, in pieces of 1 MiB at random places
       bench/fill.py scatter POOL/IMAGE COUNT RUN  in COUNT of the 1024 pieces of "random … 1024" a block of 4 KiB is
                                                   overwritten, other ones in each RUN

The image exists; for "mixed" it has at least 12/8 of DATA_MIB. Prints the number of bytes written.
"""
import os
import random
import subprocess
import sys

import rados
import rbd

MIB = 1 << 20
BLOCK = 4096
SEED = 20230323


def tar_of_usr():
    """Endless pieces of 1 MiB from a tar of this machine's /usr: texts and binaries, compressible."""
    while True:
        command = ["tar", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "-cf", "-", "-C", "/", "usr/lib", "usr/share"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tar:
            while len(piece := tar.stdout.read(MIB)) == MIB:
                yield piece
            tar.kill()


def mixed(image, data_mib):
    eighth = data_mib // 8
    kinds = ["random"] * (3 * eighth) + ["tar"] * (4 * eighth) + ["zero"] * eighth + ["hole"] * (4 * eighth)
    generator = random.Random(SEED)
    generator.shuffle(kinds)
    tar = tar_of_usr()
    written_bytes = 0
    for number, kind in enumerate(kinds):
        if kind == "hole":
            continue
        data = generator.randbytes(MIB) if kind == "random" else next(tar) if kind == "tar" else bytes(MIB)
        image.write(data, number * MIB)
        written_bytes += MIB
    tar.close()
    return written_bytes


def places(image, count):
    """Where "random" writes: the same places each time."""
    return random.Random(SEED).sample(range(image.size() // MIB), count)


def random_pieces(image, count):
    generator = random.Random(SEED + 1)
    for place in places(image, count):
        image.write(generator.randbytes(MIB), place * MIB)
    return count * MIB


def scattered_blocks(image, count, run):
    """Inside data that is there: an overwrite in an object, as a guest's file system does it most of the time."""
    generator = random.Random(SEED + 1 + run)
    for place in generator.sample(places(image, 1024), count):
        image.write(generator.randbytes(BLOCK), place * MIB + generator.randrange(MIB // BLOCK) * BLOCK)
    return count * BLOCK


def main(what, spec, count, run="0"):
    pool, name = spec.split("/", 1)
    with rados.Rados(conffile=os.environ["CEPH_CONF"]) as cluster:
        with cluster.open_ioctx(pool) as ioctx, rbd.Image(ioctx, name) as image:
            if what == "mixed":
                written_bytes = mixed(image, int(count))
            elif what == "random":
                written_bytes = random_pieces(image, int(count))
            else:
                written_bytes = scattered_blocks(image, int(count), int(run))
            image.flush()
            print(written_bytes)


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5) or sys.argv[1] not in ("mixed", "random", "scatter"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
