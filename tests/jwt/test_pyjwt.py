#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
test_pyjwt.py GUARDED: PyJWT and a service behind COR_JWT accept each other's tokens, by each algorithm, with keys as PEM, as JWK and as
published; what is wrong with a token is for the log, and the client gets a challenge.
"""
import json
import os
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "house"), os.path.join(HERE, "..", "examples")]
from program import Program  # noqa: E402
from tap import Tap  # noqa: E402

try:
    import jwt
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
except ImportError:
    print("1..0 # SKIP python3-jwt or python3-cryptography is not installed")
    sys.exit(0)

GUARDED = sys.argv[1]
SECRET = "a secret as long as the longest hash, which has 64 bytes of length."
BITS = {name: 1 << at for at, name in enumerate((
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"))}
KINDS = {
    "RSA": (lambda: rsa.generate_private_key(65537, 2048), ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
    "P-256": (lambda: ec.generate_private_key(ec.SECP256R1()), ("ES256",)),
    "P-384": (lambda: ec.generate_private_key(ec.SECP384R1()), ("ES384",)),
    "P-521": (lambda: ec.generate_private_key(ec.SECP521R1()), ("ES512",)),
    "Ed25519": (ed25519.Ed25519PrivateKey.generate, ("EdDSA",)),
    "Ed448": (ed448.Ed448PrivateKey.generate, ("EdDSA",)),
}


def claims(**changed):
    now = int(time.time())
    made = {"iss": "https://id.example", "aud": ["other", "guarded"], "sub": "ada", "tenant": "t1", "scope": "me:read", "iat": now,
            "nbf": now, "exp": now + 60, "email": "ada@example.org", "nested": {"a": [1, None]}, **changed}
    return {key: value for key, value in made.items() if value is not None}


def ask(service, path, token=None, data=None):
    """(status, headers, body)"""
    request = urllib.request.Request(service.url + path, data and json.dumps(data).encode())
    if data:
        request.add_header("Content-Type", "application/json")
    if token is not None:
        request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


def private_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def theirs_is_taken(service, key, algorithm):
    token = jwt.encode(claims(), key, algorithm)
    status, _, body = ask(service, "/me", token)
    return [] if (status, json.loads(body)) == (200, {"sub": "ada", "tenant": "t1"}) else [f"{status}: {body}", *service.errors().splitlines()]


def ours_is_taken(service, key, algorithm):
    _, _, token = ask(service, "/tokens", data={"sub": "bob", "algorithm": BITS[algorithm]})
    header = jwt.get_unverified_header(token.decode())
    found = jwt.decode(token, key, [algorithm], audience="guarded", issuer="https://id.example", options={"require": ["exp", "iat", "jti"]})
    wanted = {"sub": "bob", "tenant": "t1", "scope": "me:read"}
    return [] if header["alg"] == algorithm and wanted.items() <= found.items() else [str(header), str(found)]


def check_pairs(tap, service, name, algorithms, private, public):
    for algorithm in algorithms:
        tap.check(f"{name}: {algorithm} of PyJWT is taken", theirs_is_taken(service, private, algorithm))
        tap.check(f"{name}: PyJWT takes {algorithm}", ours_is_taken(service, public, algorithm))


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def running(*arguments):
    return Program(GUARDED, *arguments)


def check_kinds(tap, folder):
    for name, (generate, algorithms) in KINDS.items():
        key = generate()
        service = running("--keys", write(folder, name, private_pem(key)))
        check_pairs(tap, service, name, algorithms, private_pem(key), public_pem(key))
        published = jwt.PyJWKSet.from_json(ask(service, "/jwks.json")[2].decode()).keys[0].key
        tap.check(f"{name}: PyJWT takes the published key", ours_is_taken(service, published, algorithms[0]))
        tap.check(f"{name}: it stops", [] if service.stop() == 0 else service.errors().splitlines())


def check_secret(tap, folder):
    service = running("--secret", write(folder, "secret", SECRET.encode() + b"\n"))
    check_pairs(tap, service, "a secret", ("HS256", "HS384", "HS512"), SECRET, SECRET)
    service.stop()


def check_jwk(tap, folder):
    """A set that PyJWT has written, private halves and all."""
    pairs = {"r": (KINDS["RSA"][0](), jwt.algorithms.RSAAlgorithm, "RS256"),
             "e": (KINDS["Ed25519"][0](), jwt.algorithms.OKPAlgorithm, "EdDSA")}
    keys = [{**json.loads(kind.to_jwk(key)), "kid": kid} for kid, (key, kind, _) in pairs.items()]
    service = running("--keys", write(folder, "set.json", json.dumps({"keys": keys}).encode()))
    for kid, (key, _, algorithm) in pairs.items():
        token = jwt.encode(claims(), private_pem(key), algorithm, headers={"kid": kid})
        status, _, body = ask(service, "/me", token)
        tap.check(f"a JWK set of PyJWT: {algorithm} is taken", [] if status == 200 else [f"{status}: {body}"])
        tap.check(f"a JWK set of PyJWT: {algorithm} is signed", ours_is_taken(service, public_pem(key), algorithm))
    other = jwt.encode(claims(), private_pem(pairs["r"][0]), "RS256", headers={"kid": "e"})
    tap.check("the key of another name is not tried", [] if ask(service, "/me", other)[0] == 401 else ["it is taken"])
    service.stop()


# What is wrong, which status it gets, and what the log says of it; the client learns nothing of that.
WRONG = (
    ("it has expired", lambda: jwt.encode(claims(exp=int(time.time()) - 40), SECRET), 401, "it has expired 4"),
    ("for another audience", lambda: jwt.encode(claims(aud="other"), SECRET), 401, "not for the audience"),
    ("by another issuer", lambda: jwt.encode(claims(iss="https://evil.example"), SECRET), 401, "its issuer is"),
    ("not valid yet", lambda: jwt.encode(claims(nbf=int(time.time()) + 99), SECRET), 401, "it is valid in"),
    ("by another secret", lambda: jwt.encode(claims(), SECRET + "x"), 401, "the signature is wrong"),
    ("by nobody", lambda: jwt.encode(claims(), None, "none"), 401, "nobody has signed it"),
    ("a claim that does not fit", lambda: jwt.encode(claims(sub=""), SECRET), 401, "a claim does not fit its table: /sub"),
    ("without a claim", lambda: jwt.encode(claims(sub=None), SECRET), 401, "a claim does not fit its table: /sub"),
    ("no token", lambda: "opaque", 401, "three parts"),
    ("no scope", lambda: jwt.encode(claims(scope=None), SECRET), 403, None),
    ("another scope", lambda: jwt.encode(claims(scope="tokens:make"), SECRET), 403, None),
)


def is_logged(service, said):
    """The line is written when the loop is about to wait, which may be after the answer."""
    end = time.monotonic() + 20
    while said not in service.errors():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def wrong_faults(service, token, status, said):
    got, headers, body = ask(service, "/me", token)
    found = [] if got == status else [f"{got}: {body}"]
    challenge = headers.get("WWW-Authenticate", "")
    if not challenge.startswith("Bearer ") or (status == 403) != ("insufficient_scope" in challenge):
        found.append(f"the challenge is {challenge}")
    if said and not is_logged(service, said):
        found += [f"the log does not say: {said}", *service.errors().splitlines()]
    if said and (said in body.decode() or said in challenge):
        found.append(f"the client is told: {body}")
    return found


def check_wrong(tap, folder):
    service = running("--secret", write(folder, "secret", SECRET.encode()))
    for name, token, status, said in WRONG:
        tap.check(f"refused: {name}", wrong_faults(service, token(), status, said))
    status, headers, _ = ask(service, "/me")
    tap.check("without a token", [] if status == 401 and headers["WWW-Authenticate"].startswith("Bearer ") else [str(status), str(headers)])
    service.stop()


def check_start(tap, folder):
    """A start hook returns the code, and the log has the sentence."""
    for name, arguments, said in (
            ("no key", [], "give one of .secret, .secret_path, .text and .path, not 0"),
            ("a short secret", ["--secret", write(folder, "short", b"secret\n")], "a secret of 6 bytes is too short, HS256 needs 32"),
            ("a missing file", ["--keys", folder + "/none"], "cannot read " + folder + "/none: No such file or directory")):
        service = Program(GUARDED, "--http", f"unix:{folder}/socket", *arguments, listen=False)
        status = service.wait()
        tap.check(f"no start: {name}", [] if status != 0 and said in service.errors() else [str(status), service.errors()])


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        check_kinds(tap, folder)
        check_secret(tap, folder)
        check_jwk(tap, folder)
        check_wrong(tap, folder)
        check_start(tap, folder)
    tap.done()


main()
