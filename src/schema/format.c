/* SPDX-License-Identifier: MIT */
#include "schema/format.h"

#include <string.h>

#include <coracle/calendar.h>
#include <coracle/ip.h>

#define HOST_BYTES  253 /* RFC 1035 section 2.3.4, less the length of the root's label */
#define LABEL_BYTES 63
#define LOCAL_BYTES 64 /* RFC 5321 section 4.5.3.1.1 */
#define EMAIL_BYTES 254

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

/* The text in front of the first `c`, which is cut off with it; all of it, where there is none. */
static struct cor_str cut(struct cor_str *text, char c, bool *ret_found)
{
	const char *at = text->len ? memchr(text->data, c, text->len) : NULL;
	struct cor_str part = { text->data, at ? (size_t)(at - text->data) : text->len };

	*ret_found = at;
	text->data = at ? at + 1 : text->data + text->len;
	text->len -= part.len + (at != NULL);
	return part;
}

static bool is_label(struct cor_str label)
{
	if (label.len == 0 || label.len > LABEL_BYTES || label.data[0] == '-' ||
		label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!is_alnum(label.data[i]) && label.data[i] != '-')
			return false;
	return true;
}

/* RFC 1123 section 2.1. Names outside ASCII stand in their form of RFC 5891: xn--... */
static bool is_hostname(struct cor_str text)
{
	bool more = true;

	if (text.len > HOST_BYTES)
		return false;
	while (more)
		if (!is_label(cut(&text, '.', &more)))
			return false;
	return true;
}

static bool is_atom(struct cor_str atom)
{
	if (atom.len == 0)
		return false;
	for (size_t i = 0; i < atom.len; i++)
		if (!is_alnum(atom.data[i]) && !is_one_of(atom.data[i], "!#$%&'*+-/=?^_`{|}~"))
			return false;
	return true;
}

/* RFC 5321 section 4.1.2: a Dot-string at a Domain; no Quoted-string, no address-literal. */
static bool is_email(struct cor_str text)
{
	bool more;
	size_t len = text.len;
	struct cor_str local = cut(&text, '@', &more);

	if (!more || len > EMAIL_BYTES || local.len > LOCAL_BYTES)
		return false;
	while (more)
		if (!is_atom(cut(&local, '.', &more)))
			return false;
	return is_hostname(text);
}

static bool is_ip(struct cor_str text, int version)
{
	struct cor_ip ip;

	return cor_ip_parse(text, &ip) == 0 && ip.version == version;
}

static bool is_ipv4(struct cor_str text)
{
	return is_ip(text, 4);
}

static bool is_date(struct cor_str text)
{
	struct cor_date date;

	return cor_date_parse(text, &date) == 0;
}

static bool is_ipv6(struct cor_str text)
{
	return is_ip(text, 6);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* RFC 3986 sections 2 and 3: letters, digits, these others, and percent-encoded bytes. */
static bool is_made_of(struct cor_str text, const char *others)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c == '%') {
			if (text.len - i < 3 || !is_hex(text.data[i + 1]) ||
				!is_hex(text.data[i + 2]))
				return false;
			i += 2;
		} else if (!is_alnum(c) && !is_one_of(c, "-._~!$&'()*+,;=:") &&
			   !is_one_of(c, others)) {
			return false;
		}
	}
	return true;
}

static bool is_port(struct cor_str text)
{
	unsigned port = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		port = port * 10 + (unsigned)(text.data[i] - '0');
		if (port > 65535)
			return false;
	}
	return true;
}

/* "[2001:db8::1]:8080", of which the first bracket is gone. */
static bool is_literal_host(struct cor_str text)
{
	bool found;
	struct cor_str address = cut(&text, ']', &found);

	if (!found || !is_ipv6(address))
		return false;
	return text.len == 0 ||
	       (text.data[0] == ':' && is_port((struct cor_str){ text.data + 1, text.len - 1 }));
}

/* Section 3.2: what stands before an @ is the user's. */
static bool is_authority(struct cor_str text)
{
	bool found;
	struct cor_str rest = text, user = cut(&rest, '@', &found);

	if (!found)
		rest = text;
	else if (!is_made_of(user, ""))
		return false;
	if (rest.len != 0 && rest.data[0] == '[')
		return is_literal_host((struct cor_str){ rest.data + 1, rest.len - 1 });
	struct cor_str host = cut(&rest, ':', &found);
	return is_hostname(host) && is_port(rest);
}

static bool pass(struct cor_str *text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (text->len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text->data[i], wanted = prefix[i];
		if (c != wanted && (!is_alnum(wanted) || (c | 0x20) != wanted))
			return false;
	}
	text->data += len;
	text->len -= len;
	return true;
}

/* RFC 9110 section 4.2. */
static bool is_uri(struct cor_str text)
{
	size_t len = 0;
	bool found;

	if (!pass(&text, "https://") && !pass(&text, "http://"))
		return false;
	while (len < text.len && !is_one_of(text.data[len], "/?#"))
		len++;
	if (!is_authority((struct cor_str){ text.data, len }))
		return false;
	struct cor_str rest = { text.data + len, text.len - len };
	struct cor_str before = cut(&rest, '#', &found);
	return is_made_of(before, "@/?") && is_made_of(rest, "@/?");
}

static const struct cor_format formats[] = {
	{ .name = "date", .noun = "a date such as 2026-01-31", .holds = is_date },
	{ .name = "email",
		.noun = "an e-mail address such as anna@example.org",
		.holds = is_email },
	{ .name = "hostname", .noun = "a host name such as www.example.org", .holds = is_hostname },
	{ .name = "ipv4", .noun = "an IPv4 address such as 192.0.2.1", .holds = is_ipv4 },
	{ .name = "ipv6", .noun = "an IPv6 address such as 2001:db8::1", .holds = is_ipv6 },
	{ .name = "uri",
		.noun = "an http or https URL such as https://example.org/a",
		.holds = is_uri,
		.pattern = "^[Hh][Tt][Tt][Pp][Ss]?://" },
};

const struct cor_format *cor_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}
