/* SPDX-License-Identifier: MIT */
#include <coracle/ip.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#define GROUPS 8 /* of 16 bits, in an address of version 6 */

static unsigned bits_of(const struct cor_ip *ip)
{
	return ip->version == 4 ? 32 : 128;
}

/* One to `digits` decimal digits without a leading zero, up to `max`; behind them, or NULL. */
static const char *read_number(
	const char *at, const char *end, unsigned digits, unsigned max, uint8_t *ret)
{
	const char *first = at;
	unsigned value = 0;

	for (; at < end && (size_t)(at - first) < digits && *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (unsigned)(*at - '0');
	if (at == first || value > max || (*first == '0' && at - first > 1))
		return NULL;
	*ret = (uint8_t)value;
	return at;
}

static bool read_v4(const char *at, const char *end, uint8_t bytes[4])
{
	for (int i = 0; i < 4; i++) {
		if (i > 0 && (at == end || *at++ != '.'))
			return false;
		at = read_number(at, end, 3, 255, &bytes[i]);
		if (!at)
			return false;
	}
	return at == end;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *read_group(const char *at, const char *end, uint8_t bytes[2])
{
	const char *first = at;
	unsigned value = 0;

	for (; at < end && at - first < 4 && hex_value(*at) >= 0; at++)
		value = value << 4 | (unsigned)hex_value(*at);
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
	return at == first ? NULL : at;
}

/* An address of version 6 while it is read. */
struct groups {
	uint8_t bytes[16];
	int len; /* groups */
	int gap; /* where "::" stands; -1: nowhere */
};

/* The next group, or the last two as an address of version 4; behind it, or NULL. */
static const char *next_group(const char *at, const char *end, struct groups *groups)
{
	uint8_t *room = groups->bytes + 2 * groups->len;

	if (groups->len == GROUPS)
		return NULL;
	const char *stop = read_group(at, end, room);
	if (stop && stop < end && *stop == '.') {
		if (groups->len > GROUPS - 2 || !read_v4(at, end, room))
			return NULL;
		groups->len += 2;
		return end;
	}
	groups->len++;
	return stop;
}

static bool is_gap(const char *at, const char *end)
{
	return end - at >= 2 && at[0] == ':' && at[1] == ':';
}

static bool read_groups(const char *at, const char *end, struct groups *groups)
{
	if (!is_gap(at, end))
		at = next_group(at, end, groups);
	while (at && at < end) {
		if (is_gap(at, end)) {
			if (groups->gap >= 0)
				return false;
			groups->gap = groups->len;
			at += 2;
			if (at == end)
				break;
		} else if (*at++ != ':') {
			return false;
		}
		at = next_group(at, end, groups);
	}
	return at && (groups->gap >= 0 ? groups->len < GROUPS : groups->len == GROUPS);
}

static bool read_v6(const char *at, const char *end, uint8_t bytes[16])
{
	struct groups groups = { .gap = -1 };

	if (!read_groups(at, end, &groups))
		return false;
	size_t before = groups.gap < 0 ? sizeof groups.bytes : 2 * (size_t)groups.gap;
	size_t behind = 2 * (size_t)groups.len - (groups.gap < 0 ? sizeof groups.bytes : before);
	memset(bytes, 0, 16);
	memcpy(bytes, groups.bytes, before);
	memcpy(bytes + 16 - behind, groups.bytes + before, behind);
	return true;
}

int cor_ip_parse(struct cor_str text, struct cor_ip *ret)
{
	struct cor_ip ip = { 0 };
	const char *end = text.data + text.len;

	if (text.len == 0)
		return -COR_ESYNTAX;
	ip.version = memchr(text.data, ':', text.len) ? 6 : 4;
	if (ip.version == 4 ? !read_v4(text.data, end, ip.bytes)
			    : !read_v6(text.data, end, ip.bytes))
		return -COR_ESYNTAX;
	*ret = ip;
	return 0;
}

static size_t print_v4(const uint8_t bytes[4], char *out, size_t room)
{
	return (size_t)snprintf(out, room, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
}

static unsigned group(const uint8_t bytes[16], int i)
{
	return (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
}

/* RFC 5952 section 4.2: the longest run of zeros, of two at least, the first of equals. */
static int longest_run(const uint8_t bytes[16], int *ret_len)
{
	int best = -1, best_len = 1;

	for (int i = 0; i < GROUPS; i++) {
		int len = 0;
		while (i + len < GROUPS && group(bytes, i + len) == 0)
			len++;
		if (len > best_len) {
			best = i;
			best_len = len;
		}
		i += len;
	}
	*ret_len = best_len;
	return best;
}

static size_t print_v6(const uint8_t bytes[16], char out[COR_IP_BYTES])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	int run_len, run = longest_run(bytes, &run_len);
	size_t len = 0;

	if (memcmp(bytes, mapped, sizeof mapped) == 0) { /* section 5 */
		memcpy(out, "::ffff:", 7);
		return 7 + print_v4(bytes + 12, out + 7, COR_IP_BYTES - 7);
	}
	for (int i = 0; i < GROUPS; i++) {
		if (i == run) {
			out[len++] = ':';
			i += run_len - 1;
			if (i == GROUPS - 1)
				out[len++] = ':';
			continue;
		}
		len += (size_t)snprintf(
			out + len, COR_IP_BYTES - len, "%s%x", i > 0 ? ":" : "", group(bytes, i));
	}
	out[len] = '\0';
	return len;
}

size_t cor_ip_print(const struct cor_ip *ip, char out[COR_IP_BYTES])
{
	if (ip->version == 4)
		return print_v4(ip->bytes, out, COR_IP_BYTES);
	return ip->version == 6 ? print_v6(ip->bytes, out) : 0;
}

/* Whether the first `bits` of two addresses are the same. */
static bool begins_alike(const struct cor_ip *a, const struct cor_ip *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return memcmp(a->bytes, b->bytes, whole) == 0 &&
	       (rest == 0 || ((a->bytes[whole] ^ b->bytes[whole]) & mask) == 0);
}

static bool has_bits_behind(const struct cor_ip *ip, unsigned prefix)
{
	for (unsigned bit = prefix; bit < bits_of(ip); bit++)
		if (ip->bytes[bit / 8] & 0x80 >> bit % 8)
			return true;
	return false;
}

int cor_network_parse(struct cor_str text, struct cor_network *ret)
{
	const char *slash = text.len ? memchr(text.data, '/', text.len) : NULL;
	const char *end = text.data + text.len;
	struct cor_network network;
	struct cor_str address = { text.data, slash ? (size_t)(slash - text.data) : text.len };
	int rc = cor_ip_parse(address, &network.first);

	if (rc < 0)
		return rc;
	network.prefix = (uint8_t)bits_of(&network.first);
	if (slash && read_number(slash + 1, end, 3, network.prefix, &network.prefix) != end)
		return -COR_ESYNTAX;
	if (has_bits_behind(&network.first, network.prefix))
		return -EDOM;
	*ret = network;
	return 0;
}

size_t cor_network_print(const struct cor_network *network, char out[COR_NETWORK_BYTES])
{
	if (network->prefix > bits_of(&network->first))
		return 0;
	size_t len = cor_ip_print(&network->first, out);
	if (len == 0)
		return 0;
	return len + (size_t)snprintf(out + len, COR_NETWORK_BYTES - len, "/%u", network->prefix);
}

bool cor_network_has(const struct cor_network *network, const struct cor_ip *ip)
{
	return network->first.version == ip->version && network->prefix <= bits_of(ip) &&
	       begins_alike(&network->first, ip, network->prefix);
}
