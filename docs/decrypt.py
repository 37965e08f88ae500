#!/usr/bin/python3
"""Decrypts one object of an encrypted Kedge repository, by nothing but docs/repository-format.md.

usage: KEDGE_PASSPHRASE=... docs/decrypt.py TARGET OBJECT > FILE

Needs the Debian packages python3-cryptography and python3-argon2. It is an example and a test of the
description, not a tool: `kedge decrypt` also checks the content.
"""
import hashlib
import json
import os
import pathlib
import sys

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def repository_key(info, passphrase):
    for slot in info["options"]["encryption"]["slots"]:
        slot_key = hash_secret_raw(
            passphrase, bytes.fromhex(slot["salt"]), slot["passes"], slot["memoryKib"], slot["lanes"], 32, Type.ID
        )
        try:
            associated = b"kedge key " + info["repositoryId"].encode()
            return AESGCM(slot_key).decrypt(bytes(12), bytes.fromhex(slot["wrappedKey"]), associated)
        except InvalidTag:
            pass
    sys.exit("wrong passphrase")


def decrypt(key, name, stored):
    header, frames = stored[:80], stored[80:]
    frame_bytes = int.from_bytes(header[8:12], "big")
    assert header[:8] == b"KEDGENC1" and header[48:] == hashlib.sha256(name.encode()).digest()
    cipher = AESGCM(HKDF(hashes.SHA256(), 32, header[16:48], b"kedge object 1").derive(key))
    last = len(frames) // (frame_bytes + 16)
    for number in range(last + 1):
        frame = frames[number * (frame_bytes + 16) : (number + 1) * (frame_bytes + 16)]
        nonce = (number == last).to_bytes(4, "big") + number.to_bytes(8, "big")
        yield cipher.decrypt(nonce, frame, header)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    target, name = pathlib.Path(sys.argv[1]), sys.argv[2]
    info = json.loads((target / "kedge.json").read_text())
    key = repository_key(info, os.environb[b"KEDGE_PASSPHRASE"])
    for content in decrypt(key, name, (target / name).read_bytes()):
        sys.stdout.buffer.write(content)
