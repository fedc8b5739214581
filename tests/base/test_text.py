# SPDX-License-Identifier: MIT
"""Dates, times, durations, addresses, base64 and decimals against Python's datetime, ipaddress, base64 and decimal."""
import base64
import binascii
import datetime
import decimal
import ipaddress
import os
import random
import re
import subprocess
import sys

ROUNDS = 300 if os.environ.get("COR_TEST_LIGHT") else 20000
chance = random.Random(12)
DAY_NS = 86400 * 10**9


def damage(text, alphabet):
    """A text that is nearly right."""
    place = chance.randrange(len(text) + 1)
    return chance.choice((
        text[:place] + chance.choice(alphabet) + text[place:],
        text[:place] + text[place + 1:],
        text[:place] + chance.choice(alphabet) + text[place + 1:],
    )).strip()


def maybe_damaged(text, alphabet):
    return damage(text, alphabet) if chance.random() < 0.4 else text


def a_date():
    year, month, day = chance.randrange(1, 10000), chance.randrange(0, 14), chance.randrange(0, 33)
    return maybe_damaged(f"{year:04}-{month:02}-{day:02}", "0123456789-T")


def date(text):
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) or text.startswith("0000"):
        return None if text.startswith("0000") else "-"
    try:
        value = datetime.date.fromisoformat(text)
    except ValueError:
        return "-"
    return f"{value} {(value - datetime.date(1970, 1, 1)).days}"


def a_day():
    return str(chance.randrange(-719162, 2932897))


def day(text):
    return str(datetime.date(1970, 1, 1) + datetime.timedelta(days=int(text)))


def a_time():
    hour, minute, second = chance.randrange(26), chance.randrange(62), chance.randrange(62)
    fraction = chance.choice(("", "", ".5", f".{chance.randrange(10**6):06}"))
    return maybe_damaged(f"{hour:02}:{minute:02}:{second:02}{fraction}", "0123456789:.Z+")


def time(text):
    if not re.fullmatch(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?", text):
        return "-"
    whole, _, fraction = text.partition(".")
    try:
        value = datetime.time.fromisoformat(whole).isoformat()
    except ValueError:
        return "-"
    fraction = fraction.rstrip("0")
    return value + ("." + fraction if fraction else "")


PARTS = re.compile(r"P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,9}))?S)?)?", re.A)


def a_duration():
    count = lambda: chance.choice((0, 1, 7, 59, 60, 10**4, chance.randrange(10**6), 10**12, 2**63, 10**20))
    text = "P" + "".join(f"{count()}{letter}" for letter in "WD" if chance.random() < 0.4)
    if chance.random() < 0.7:
        text += "T" + "".join(f"{count()}{letter}" for letter in "HM" if chance.random() < 0.4)
        if chance.random() < 0.5:
            text += f"{count()}" + chance.choice(("", ".5", f".{chance.randrange(10**9):09}")) + "S"
    return maybe_damaged(text, "0123456789PTWDHMSY.-")


def duration(text):
    found = PARTS.fullmatch(text)
    if not found:
        return "-"
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:5])
    total = (weeks * 7 + days) * DAY_NS + (hours * 3600 + minutes * 60 + seconds) * 10**9
    total += int((found[6] or "0").ljust(9, "0"))
    return str(total) if total < 2**63 else "-"


def an_ip():
    if chance.random() < 0.4:
        return maybe_damaged(".".join(str(chance.choice((0, 1, 10, 99, 192, 255, 256))) for _ in range(4)), "0123456789.:")
    groups = [f"{chance.choice((0, 0, 0, 1, 0xffff, chance.randrange(65536))):x}" for _ in range(8)]
    text = ":".join(groups)
    if chance.random() < 0.7:
        text = str(ipaddress.ip_address(text))
    if chance.random() < 0.2:
        text = text.rsplit(":", 2)[0] + chance.choice((":1.2.3.4", "::1.2.3.4"))
    if chance.random() < 0.3:
        text = text.upper()
    return maybe_damaged(text, "0123456789abcdefg:.")


def printed(address):
    """RFC 5952 section 5 for mapped addresses, which Python writes in hexadecimal."""
    mapped = getattr(address, "ipv4_mapped", None)
    return f"::ffff:{mapped}" if mapped else str(address)


def ip(text):
    try:
        return printed(ipaddress.ip_address(text))
    except ValueError:
        return "-"


def a_network():
    base = an_ip()
    if chance.random() < 0.7:
        try:
            address = ipaddress.ip_address(base)
            prefix = chance.randrange(address.max_prefixlen + 1)
            base = str(ipaddress.ip_network(f"{base}/{prefix}", strict=False))
        except ValueError:
            pass
    return maybe_damaged(base, "0123456789abcdef:./")


def network(text):
    address, slash, prefix = text.partition("/")
    if slash and not re.fullmatch("0|[1-9][0-9]{0,2}", prefix):
        return "-"  # Python takes masks and leading zeros, too
    try:
        value = ipaddress.ip_network(text)
    except ValueError:
        return "-"
    return f"{printed(value.network_address)}/{value.prefixlen}"


def a_within():
    version, bits = chance.choice(((4, 32), (6, 128)))
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    address = kind(chance.getrandbits(bits))
    other = kind(int(address) ^ (1 << chance.randrange(bits)))
    prefix = chance.randrange(bits + 1)
    return f"{ipaddress.ip_network(f'{address}/{prefix}', strict=False)} {other}"


def within(text):
    block, address = text.split(" ")
    return str(int(ipaddress.ip_address(address) in ipaddress.ip_network(block)))


def a_base64():
    text = base64.b64encode(chance.randbytes(chance.randrange(0, 60))).decode()
    return maybe_damaged(text, "ABz09+/=-_ ") if text else ""


def from_base64(text):
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error:
        return "-"
    if base64.b64encode(value).decode() != text:
        return "-"  # bits behind the last byte, or more padding than is due
    return f"{text} {value.hex()}".strip() if value else text


def a_base64url():
    text = base64.urlsafe_b64encode(chance.randbytes(chance.randrange(0, 60))).decode().rstrip("=")
    return maybe_damaged(text, "ABz09+/=-_ ") if text else ""


def from_base64url(text):
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return "-"
    if "+" in text or "/" in text or base64.urlsafe_b64encode(value).decode().rstrip("=") != text:
        return "-"
    return f"{text} {value.hex()}".strip() if value else text


def digits(count):
    return str(chance.randrange(10**chance.randrange(count + 1)))


def a_decimal():
    text = chance.choice(("", "-")) + digits(chance.choice((3, 18)))
    if chance.random() < 0.7:
        text += "." + "".join(chance.choice("0001259") for _ in range(chance.randrange(1, chance.choice((4, 21)))))
    if chance.random() < 0.2:
        text += chance.choice("eE") + chance.choice(("", "+", "-")) + str(chance.randrange(20))
    return maybe_damaged(text, "0123456789.-+eE") if chance.random() < 0.5 else text


def fits(value):
    """Python's, where 18 digits and a scale of 18 hold it."""
    _, figures, exponent = value.as_tuple()
    whole = int("".join(map(str, figures)))
    return exponent >= -18 and whole * 10**(exponent if exponent > 0 else 0) < 10**18


def plain(value):
    return format(abs(value) if value == 0 else value, "f") if fits(value) else "-"


def from_decimal(text):
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", text):
        return "-"
    power = int((re.split("[eE]", text) + ["0"])[1])
    text = text if abs(power) < 100 else re.sub("[eE].*", f"e{100 if power > 0 else -100}", text)
    value = decimal.Decimal(text)
    return "0" if value == 0 and value.as_tuple().exponent > 0 else plain(value)


def an_order():
    number = a_good_decimal()
    other = chance.choice((a_good_decimal(), number, number + "0" if "." in number and len(number) < 18 else number))
    return f"{number} {other}"


def a_good_decimal():
    return f"{chance.choice(('', '-'))}{digits(6)}.{digits(9)}"


def order(text):
    a, b = map(decimal.Decimal, text.split(" "))
    return str((a > b) - (a < b))


def a_rescaled():
    number = a_good_decimal() + "0" * chance.randrange(3)
    return f"{number} {chance.randrange(19)}"


def rescaled(text):
    number, scale = text.split(" ")
    value = decimal.Decimal(number)
    moved = value.quantize(decimal.Decimal(1).scaleb(-int(scale)), context=decimal.Context(prec=60))
    return plain(moved) if moved == value else "-"


def a_product():
    return f"{a_good_decimal()}{'0' * chance.randrange(3)} {chance.choice((a_good_decimal(), digits(18), digits(4), '90', '0'))}"


def product(text):
    a, b = map(decimal.Decimal, text.split(" "))
    value = decimal.Context(prec=60).multiply(a, b)
    while value.as_tuple().exponent < 0 and not fits(value) and value.as_tuple().digits[-1] == 0:
        sign, figures, exponent = value.as_tuple()
        value = decimal.Decimal((sign, figures[:-1] or (0,), exponent + 1))
    return plain(value)


KINDS = {
    "date": (a_date, date), "day": (a_day, day), "time": (a_time, time), "duration": (a_duration, duration),
    "ip": (an_ip, ip), "network": (a_network, network), "within": (a_within, within), "base64": (a_base64, from_base64),
    "base64url": (a_base64url, from_base64url),
    "decimal": (a_decimal, from_decimal), "order": (an_order, order), "rescaled": (a_rescaled, rescaled),
    "product": (a_product, product),
}


def judge(driver, name):
    make, wanted = KINDS[name]
    texts = [make() for _ in range(ROUNDS)]
    run = subprocess.run([driver], input="".join(f"{name} {text}\n" for text in texts), text=True, capture_output=True,
                         check=True, timeout=60)
    answers = run.stdout.split("\n")[:-1]
    wrong = [(text, found, wanted(text)) for text, found in zip(texts, answers) if wanted(text) not in (None, found)]
    taken = sum(answer != "-" for answer in answers)
    if len(answers) != len(texts) or not ROUNDS // 10 < taken:
        wrong.append(("answers", len(answers), taken))
    return wrong, taken


def main():
    print(f"1..{len(KINDS)}")
    for number, name in enumerate(KINDS, 1):
        wrong, taken = judge(sys.argv[1], name)
        for text, found, expected in wrong[:5]:
            print(f"# {text!r}: {found!r} instead of {expected!r}")
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}: {ROUNDS} texts as Python, {taken} of them taken")


main()
