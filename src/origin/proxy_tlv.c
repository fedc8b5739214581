/* SPDX-License-Identifier: MIT */
#include "origin/proxy_tlv.h"

#include <errno.h>

#define TLV_HEAD      3
#define TLS_HEAD      5
#define UNIQUE_ID_MAX 128
#define CRC_BYTES     4

enum {
	ALPN = 0x01,
	AUTHORITY = 0x02,
	CRC32C = 0x03,
	UNIQUE_ID = 0x05,
	TLS = 0x20,
	TLS_VERSION = 0x21,
	TLS_COMMON_NAME = 0x22,
	TLS_CIPHER = 0x23,
	TLS_SIGNATURE = 0x24,
	TLS_KEY = 0x25,
	NETNS = 0x30,
};

struct tlv {
	uint8_t type;
	struct cor_str value;
};

/* The first one of `rest`, which goes on behind it. Returns false where it does not fit. */
static bool next(struct cor_str *rest, struct tlv *ret)
{
	const uint8_t *bytes = (const uint8_t *)rest->data;

	if (rest->len < TLV_HEAD)
		return false;
	size_t len = (size_t)(bytes[1] << 8 | bytes[2]);
	if (rest->len - TLV_HEAD < len)
		return false;
	ret->type = bytes[0];
	ret->value = (struct cor_str){ rest->data + TLV_HEAD, len };
	rest->data += TLV_HEAD + len;
	rest->len -= TLV_HEAD + len;
	return true;
}

static int read_tls(struct cor_str value, struct cor_proxy_tls *ret)
{
	const uint8_t *bytes = (const uint8_t *)value.data;
	struct cor_str rest = { value.data + TLS_HEAD, value.len - TLS_HEAD };
	struct tlv tlv;

	if (value.len < TLS_HEAD)
		return -EINVAL;
	ret->is_used = bytes[0] & 0x01;
	ret->has_certificate = bytes[0] & (0x02 | 0x04);
	ret->is_verified = ret->has_certificate && !(bytes[1] | bytes[2] | bytes[3] | bytes[4]);
	while (rest.len != 0) {
		if (!next(&rest, &tlv))
			return -EINVAL;
		struct cor_str *to = tlv.type == TLS_VERSION       ? &ret->version
				     : tlv.type == TLS_COMMON_NAME ? &ret->common_name
				     : tlv.type == TLS_CIPHER      ? &ret->cipher
				     : tlv.type == TLS_SIGNATURE   ? &ret->signature
				     : tlv.type == TLS_KEY         ? &ret->key
								   : NULL;
		if (to)
			*to = tlv.value;
	}
	return 0;
}

/* Castagnoli's, bit by bit: a header is short, and comes once in a connection. */
static uint32_t add_to_sum(uint32_t sum, uint8_t byte)
{
	sum ^= byte;
	for (int bit = 0; bit < 8; bit++)
		sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78u : 0);
	return sum;
}

/* RFC 4960 appendix B, over all of the header, with zeros where the sum is. */
static int check_sum(struct cor_str header, struct cor_str value)
{
	size_t at = (size_t)(value.data - header.data);
	const uint8_t *told = (const uint8_t *)value.data;
	uint32_t sum = UINT32_MAX;

	if (value.len != CRC_BYTES)
		return -EINVAL;
	for (size_t i = 0; i < header.len; i++)
		sum = add_to_sum(sum, i >= at && i < at + CRC_BYTES ? 0 : (uint8_t)header.data[i]);
	uint32_t expected = (uint32_t)told[0] << 24 | (uint32_t)told[1] << 16 |
			    (uint32_t)told[2] << 8 | told[3];
	return ~sum == expected ? 0 : -EINVAL;
}

static int take(struct cor_str header, const struct tlv *tlv, struct cor_proxy_header *ret)
{
	switch (tlv->type) {
	case ALPN:
		ret->alpn = tlv->value;
		return 0;
	case AUTHORITY:
		ret->authority = tlv->value;
		return 0;
	case CRC32C:
		return check_sum(header, tlv->value);
	case UNIQUE_ID:
		ret->unique_id = tlv->value;
		return tlv->value.len <= UNIQUE_ID_MAX ? 0 : -EINVAL;
	case TLS:
		return read_tls(tlv->value, &ret->tls);
	case NETNS:
		ret->netns = tlv->value;
		return 0;
	default: /* padding, somebody's own, or of a later version */
		return 0;
	}
}

int cor_proxy_tlv_read(struct cor_str header, size_t at, struct cor_proxy_header *ret)
{
	struct cor_str rest = { header.data + at, header.len - at };
	struct tlv tlv;
	int rc = 0;

	while (rest.len != 0 && rc == 0)
		rc = next(&rest, &tlv) ? take(header, &tlv, ret) : -EINVAL;
	return rc;
}
