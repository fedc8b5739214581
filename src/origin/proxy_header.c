/* SPDX-License-Identifier: MIT */
#include "origin/proxy_header.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "origin/proxy_tlv.h"

#define SHORTEST (sizeof "PROXY UNKNOWN\r\n" - 1) /* of both versions */
#define V2_HEAD  16

static const char v1_signature[6] = "PROXY ";
static const char v2_signature[12] = "\r\n\r\n\0\r\nQUIT\n";

_Static_assert(SHORTEST < V2_HEAD, "nothing is behind a header that is that short");

static int want(struct cor_proxy_header *ret, size_t bytes)
{
	ret->bytes = bytes;
	return -EAGAIN;
}

static bool begins_like(const char *bytes, size_t len, const char *signature, size_t signature_len)
{
	return memcmp(bytes, signature, len < signature_len ? len : signature_len) == 0;
}

/* --- version 1: section 2.1 --- */

/* The next word of the line, which ends with a space or the line. */
static struct cor_str word(struct cor_str *line)
{
	const char *space = memchr(line->data, ' ', line->len);
	size_t len = space ? (size_t)(space - line->data) : line->len;
	struct cor_str found = { line->data, len };
	size_t used = space ? len + 1 : len;

	line->data += used;
	line->len -= used;
	return found;
}

static bool read_port(struct cor_str text, uint16_t *ret)
{
	uint16_t port;

	if (!cor_port_parse(text, &port) || (text.data[0] == '0' && text.len > 1))
		return false;
	*ret = htons(port);
	return true;
}

static bool read_ip(struct cor_str text, uint8_t family, struct cor_peer *ret)
{
	return cor_peer_parse(text, ret) && ret->family == family && text.data[0] != '[' &&
	       (family != AF_INET || !memchr(text.data, ':', text.len));
}

static int read_ends(struct cor_str line, uint8_t family, struct cor_proxy_header *ret)
{
	bool ends_in_space = line.len != 0 && line.data[line.len - 1] == ' ';

	if (!read_ip(word(&line), family, &ret->source) ||
		!read_ip(word(&line), family, &ret->destination) ||
		!read_port(word(&line), &ret->source.port) ||
		!read_port(word(&line), &ret->destination.port))
		return -EINVAL;
	return line.len == 0 && !ends_in_space ? 0 : -EINVAL;
}

static bool is_word(struct cor_str text, const char *expected)
{
	return text.len == strlen(expected) && memcmp(text.data, expected, text.len) == 0;
}

static int read_line(struct cor_str line, struct cor_proxy_header *ret)
{
	struct cor_str family = word(&line);

	if (is_word(family, "UNKNOWN")) {
		ret->is_local = true;
		return 0;
	}
	if (is_word(family, "TCP4"))
		return read_ends(line, AF_INET, ret);
	if (is_word(family, "TCP6"))
		return read_ends(line, AF_INET6, ret);
	return -EINVAL;
}

static int read_v1(const char *bytes, size_t len, struct cor_proxy_header *ret)
{
	size_t most = len < COR_PROXY_HEADER_LINE_MAX ? len : COR_PROXY_HEADER_LINE_MAX;
	const char *cr = memchr(bytes, '\r', most);
	const char *lf = memchr(bytes, '\n', most);

	if ((lf && (!cr || lf != cr + 1)) || (cr && cr + 1 < bytes + most && !lf))
		return -EINVAL;
	if (!lf && len >= COR_PROXY_HEADER_LINE_MAX)
		return -EMSGSIZE;
	if (!lf) {
		size_t least = len + (cr ? 1 : 2);
		return want(ret, least < SHORTEST ? SHORTEST : least);
	}
	ret->bytes = (size_t)(lf + 1 - bytes);
	size_t at = sizeof v1_signature;
	return read_line((struct cor_str){ bytes + at, (size_t)(cr - bytes) - at }, ret);
}

/* --- version 2: section 2.2 --- */

static void read_end(
	const char *ip, size_t ip_bytes, const char *port, uint8_t family, struct cor_peer *ret)
{
	ret->family = family;
	memcpy(ret->ip, ip, ip_bytes);
	memcpy(&ret->port, port, sizeof ret->port);
}

static void read_both(const char *at, size_t ip_bytes, uint8_t family, struct cor_proxy_header *ret)
{
	const char *ports = at + 2 * ip_bytes;

	read_end(at, ip_bytes, ports, family, &ret->source);
	read_end(at + ip_bytes, ip_bytes, ports + 2, family, &ret->destination);
}

/* The addresses of a stream; datagrams do not come here. Returns their length, or -EINVAL. */
static int read_addresses(uint8_t family, const char *at, size_t len, struct cor_proxy_header *ret)
{
	size_t bytes = family == 0x11 ? 12 : family == 0x21 ? 36 : family == 0x31 ? 216 : 0;

	if (len < bytes || (bytes == 0 && family != 0))
		return -EINVAL;
	if (family == 0x11)
		read_both(at, 4, AF_INET, ret);
	else if (family == 0x21)
		read_both(at, 16, AF_INET6, ret);
	else if (family == 0x31)
		ret->source.family = ret->destination.family = AF_UNIX;
	else
		ret->is_local = true;
	return (int)bytes;
}

static int read_v2(const char *bytes, size_t len, struct cor_proxy_header *ret)
{
	const uint8_t *head = (const uint8_t *)bytes;
	uint8_t command = len > 12 ? head[12] : 0x21;

	if (command != 0x20 && command != 0x21)
		return -EINVAL;
	if (len < V2_HEAD)
		return want(ret, V2_HEAD);
	size_t all = V2_HEAD + (size_t)(head[14] << 8 | head[15]);
	if (all > COR_PROXY_HEADER_BYTES_MAX)
		return -EMSGSIZE;
	if (len < all)
		return want(ret, all);
	ret->bytes = all;
	ret->is_local = command == 0x20;
	if (ret->is_local)
		return 0;
	int used = read_addresses(head[13], bytes + V2_HEAD, all - V2_HEAD, ret);
	if (used < 0 || ret->is_local)
		return used < 0 ? used : 0;
	return cor_proxy_tlv_read((struct cor_str){ bytes, all }, V2_HEAD + (size_t)used, ret);
}

int cor_proxy_header_read(const char *bytes, size_t len, struct cor_proxy_header *ret)
{
	*ret = (struct cor_proxy_header){ 0 };
	if (len == 0)
		return want(ret, SHORTEST);
	if (begins_like(bytes, len, v2_signature, sizeof v2_signature))
		return len < SHORTEST ? want(ret, SHORTEST) : read_v2(bytes, len, ret);
	if (begins_like(bytes, len, v1_signature, sizeof v1_signature))
		return len < sizeof v1_signature ? want(ret, SHORTEST) : read_v1(bytes, len, ret);
	return -EINVAL;
}

bool cor_proxy_header_says_more(const struct cor_proxy_header *header)
{
	return header->alpn.len + header->authority.len + header->unique_id.len +
		       header->tls.version.len + header->tls.cipher.len +
		       header->tls.common_name.len !=
	       0;
}

static void move(struct cor_str *text, const char *from, const char *to)
{
	if (text->len != 0)
		text->data = to + (text->data - from);
}

void cor_proxy_told_init(
	struct cor_proxy_told *told, const char *bytes, const struct cor_proxy_header *header)
{
	struct cor_proxy_header *kept = &told->header;
	struct cor_str *texts[] = { &kept->alpn, &kept->authority, &kept->unique_id, &kept->netns,
		&kept->tls.version, &kept->tls.cipher, &kept->tls.common_name, &kept->tls.signature,
		&kept->tls.key };

	*kept = *header;
	memcpy(told->bytes, bytes, header->bytes);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		move(texts[i], bytes, told->bytes);
}
