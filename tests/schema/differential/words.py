# SPDX-License-Identifier: MIT
"""What strings of a kind or a format are, from the standards alone: a value that equal texts have in common, or None."""

import base64
import ipaddress
import re

NS = 10 ** 9
DAY_NS = 86400 * NS
MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
FIELDS = re.ASCII


def days_of(year, month, day):
	"""Days since 0000-03-01; None if there is no such day."""
	leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
	if not 1 <= month <= 12 or not 1 <= day <= MONTHS[month - 1] + (month == 2 and leap):
		return None
	year -= month <= 2
	month = (month + 9) % 12
	return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1


FIRST_DAY, LAST_DAY = days_of(0, 1, 1), days_of(9999, 12, 31)


def fraction_ns(text):
	return int((text or '.0')[1:].ljust(9, '0'))


def date(text):
	"""full-date of RFC 3339."""
	found = re.fullmatch(r'(\d{4})-(\d\d)-(\d\d)', text, FIELDS)
	return found and days_of(*map(int, found.groups()))


def day_of_month(days):
	"""Of days since 0000-03-01, which begin with a year of 400 years' cycle."""
	days %= 146097
	year = (days - days // 1460 + days // 36524 - days // 146096) // 365
	days -= 365 * year + year // 4 - year // 100
	return days - (153 * ((5 * days + 2) // 153) + 2) // 5 + 1


def timestamp(text):
	"""date-time of RFC 3339, with at most nine digits of fraction; nanoseconds."""
	found = re.fullmatch(r'(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|([+-])(\d\d):(\d\d))', text, FIELDS)
	if not found:
		return None
	days = days_of(*map(int, found.group(1, 2, 3)))
	hour, minute, second = map(int, found.group(4, 5, 6))
	offset_hour, offset_minute = int(found.group(10) or 0), int(found.group(11) or 0)
	if days is None or hour > 23 or minute > 59 or second > 60 or offset_hour > 23 or offset_minute > 59:
		return None
	offset = (offset_hour * 60 + offset_minute) * (-1 if found.group(9) == '-' else 1)
	minutes = days * 1440 + hour * 60 + minute - offset
	if not FIRST_DAY * 1440 <= minutes < (LAST_DAY + 1) * 1440:
		return None
	if second == 60 and (minutes % 1440 != 1439 or day_of_month(minutes // 1440 + 1) != 1):
		return None
	total = (minutes * 60 + second) * NS + fraction_ns(found.group(7))
	return total if total < (LAST_DAY + 1) * DAY_NS else None


def time(text):
	"""partial-time of RFC 3339, also without its seconds; nanoseconds."""
	found = re.fullmatch(r'(\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?', text, FIELDS)
	if not found:
		return None
	hour, minute, second = (int(part or 0) for part in found.group(1, 2, 3))
	if hour > 23 or minute > 59 or second > 59:
		return None
	return ((hour * 60 + minute) * 60 + second) * NS + fraction_ns(found.group(4))


DURATION = r'P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(\.\d{1,9})?S)?)?'


def duration_shape(text):
	return re.fullmatch(DURATION, text, FIELDS)


def duration(text):
	"""ISO 8601 without years and months; nanoseconds, at most 2^63 - 1."""
	found = duration_shape(text)
	if not found:
		return None
	weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:5])
	total = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
	total = total * NS + fraction_ns(found.group(6))
	return total if total < 2 ** 63 else None


def uuid(text):
	return text.lower() if re.fullmatch(r'[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}', text) else None


def ip(text):
	if '%' in text:
		return None
	try:
		return ipaddress.ip_address(text)
	except ValueError:
		return None


def network(text):
	"""An address, or one with a prefix and no bits behind it."""
	address, slash, prefix = text.partition('/')
	first = ip(address)
	if not first:
		return None
	if not slash:
		return ipaddress.ip_network(first)
	if not re.fullmatch(r'0|[1-9][0-9]{0,2}', prefix, FIELDS) or int(prefix) > first.max_prefixlen:
		return None
	try:
		return ipaddress.ip_network((first, int(prefix)))
	except ValueError:
		return None


def base64_bytes(text):
	"""RFC 4648 section 4, one text for each value."""
	try:
		found = base64.b64decode(text.encode('ascii'), validate=True)
	except ValueError:
		return None
	return found if base64.b64encode(found).decode() == text else None


DECIMAL = r'(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[Ee]([+-]?[0-9]+))?'


def decimal_shape(text):
	return re.fullmatch(DECIMAL, text)


def decimal(text):
	"""(unscaled, scale): at most 18 digits, and 18 behind the point."""
	found = decimal_shape(text)
	if not found:
		return None
	sign, whole, fraction, exponent = found.groups()
	unscaled, scale = int(sign + whole + (fraction or '')), len(fraction or '') - int(exponent or 0)
	if scale < 0:
		if unscaled != 0 and -scale > 18:
			return None
		unscaled, scale = unscaled * 10 ** min(-scale, 18), 0
	return (unscaled, scale) if scale <= 18 and abs(unscaled) < 10 ** 18 else None


LABEL = r'[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'


def hostname(text):
	return text if len(text) <= 253 and re.fullmatch(rf'{LABEL}(?:\.{LABEL})*', text) else None


def email(text):
	atom = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
	local, at, host = text.partition('@')
	good = at and len(text) <= 254 and len(local) <= 64 and re.fullmatch(rf'{atom}(?:\.{atom})*', local) and hostname(host)
	return text if good else None


def ipv4(text):
	found = ip(text)
	return found if found and found.version == 4 else None


def ipv6(text):
	found = ip(text)
	return found if found and found.version == 6 else None


CHARACTER = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})"


def uri(text):
	"""RFC 9110 section 4.2: http or https, with a host."""
	found = re.fullmatch(
		rf"[Hh][Tt][Tt][Pp][Ss]?://(?:{CHARACTER}*@)?(?:\[([^\]]*)\]|([^:/?#\[\]@]+))(?::([0-9]*))?"
		rf"(?:[/?](?:{CHARACTER}|[@/?])*)?(?:#(?:{CHARACTER}|[@/?])*)?", text)
	if not found:
		return None
	literal, host, port = found.groups()
	good = ipv6(literal) if literal is not None else hostname(host)
	return text if good and int(port or 0) <= 65535 else None


FORMATS = {'date': date, 'email': email, 'hostname': hostname, 'ipv4': ipv4, 'ipv6': ipv6, 'uri': uri}
