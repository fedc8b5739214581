#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
test_sealing.py DRIVER: sealed values against a second implementation by docs/tokens.md, with python3-cryptography: each writes the
same bytes and opens what the other has sealed.
"""
import base64
import hashlib
import hmac
import random
import struct
import subprocess
import sys

try:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:
    print("1..0 # SKIP python3-cryptography is not installed")
    sys.exit(0)

NOW_S, NONCE = 1800000000, bytes([7]) * 12
chance = random.Random(57)


def derived(secret, what, length=32):
    return HKDF(hashes.SHA256(), length, None, b"coracle seal 1 " + what).derive(secret)


def framed(purpose, secret, kind):
    """The associated data, and how much of it is the purpose."""
    header = bytes([kind]) + derived(secret, b"id", 4) + struct.pack(">Q", NOW_S)
    return bytes([len(purpose)]) + purpose + header, 1 + len(purpose)


def text_of(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(purpose, secret, value):
    message, skipped = framed(purpose, secret, 0x11)
    message += value
    return text_of((message + hmac.new(derived(secret, b"mac"), message, hashlib.sha256).digest())[skipped:])


def encrypted(purpose, secret, value, nonce=NONCE):
    data, skipped = framed(purpose, secret, 0x12)
    return text_of((data + nonce + AESGCM(derived(secret, b"cipher")).encrypt(nonce, value, data))[skipped:])


def ask(driver, lines):
    run = subprocess.run([driver], input="".join(line + "\n" for line in lines), capture_output=True, text=True, check=True, timeout=60)
    return run.stdout.split("\n")[:-1]


def a_case():
    letters = "abcXYZ0189-_"
    purpose = "".join(chance.choices(letters, k=chance.randrange(1, 40)))
    secret = "".join(chance.choices(letters, k=chance.randrange(32, 100)))
    return purpose, secret, chance.randbytes(chance.choice((0, 1, 15, 16, 17, chance.randrange(300))))


def judge(driver, way, second):
    cases = [a_case() for _ in range(200)]
    texts = [second(purpose.encode(), secret.encode(), value) for purpose, secret, value in cases]
    ours = ask(driver, [f"{way} {purpose} {secret} {value.hex()}" for purpose, secret, value in cases])
    opened = ask(driver, [f"{way.upper()} {purpose} {secret} {text}" for (purpose, secret, _), text in zip(cases, texts)])
    forged = ask(driver, [f"{way.upper()} {purpose}x {secret} {text}" for (purpose, secret, _), text in zip(cases, texts)])
    return {
        "the same bytes": ours == texts,
        "each opens what the other has sealed": opened == [value.hex() for _, _, value in cases],
        "for no other purpose": forged == ["EKEYREJECTED"] * len(cases),
    }


def main():
    checks = [(f"{name}: {what}", holds) for way, name, second in (("s", "signed", signed), ("e", "encrypted", encrypted))
              for what, holds in judge(sys.argv[1], way, second).items()]
    print(f"1..{len(checks)}")
    for number, (name, holds) in enumerate(checks, 1):
        print(f"{'ok' if holds else 'not ok'} {number} - {name}")
    return 0 if all(holds for _, holds in checks) else 1


sys.exit(main())
