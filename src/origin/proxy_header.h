/* SPDX-License-Identifier: MIT */
/**
 * The header with which a proxy begins a connection: PROXY protocol, versions 1 and 2, as HAProxy's
 * proxy-protocol.txt has them. Bytes in, a description out.
 */
#ifndef CORACLE_ORIGIN_PROXY_HEADER_H
#define CORACLE_ORIGIN_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

#include "origin/peer.h"

#define COR_PROXY_HEADER_LINE_MAX  107  /* version 1, with CR LF: section 2.1 */
#define COR_PROXY_HEADER_BYTES_MAX 4096 /* version 2: ours */

/** What it says of the client's TLS (PP2_TYPE_SSL). Texts are empty where it does not. */
struct cor_proxy_tls {
	bool is_used;
	bool has_certificate; /* of the client, in this connection or its session */
	bool is_verified;     /* that certificate was, and is good */
	struct cor_str version;
	struct cor_str cipher;
	struct cor_str common_name; /* of the certificate */
	struct cor_str signature;
	struct cor_str key;
};

/** Texts lie in the header's own bytes. */
struct cor_proxy_header {
	size_t bytes; /* how long it is; what follows is the client's */
	/* LOCAL, UNKNOWN, UNSPEC: it speaks of no client. The connection's own ends count. */
	bool is_local;
	struct cor_peer source;
	struct cor_peer destination;
	struct cor_str alpn;
	struct cor_str authority;
	struct cor_str unique_id;
	struct cor_str netns;
	struct cor_proxy_tls tls;
};

/**
 * Read it from the first bytes of a connection. Returns 0; -EAGAIN: more must come, ret->bytes in
 * all at least, and none of them is behind the header; -EINVAL: it is not such a header; -EMSGSIZE:
 * it is longer than the limit. Wrong bytes are found as soon as they are there.
 */
int cor_proxy_header_read(const char *bytes, size_t len, struct cor_proxy_header *ret) COR_CHECKED;

/** One that is kept as long as its connection. */
struct cor_proxy_told {
	struct cor_proxy_header header;
	char bytes[]; /* its texts lie here */
};

/** How much memory that takes. */
static inline size_t cor_proxy_told_bytes(const struct cor_proxy_header *header)
{
	return sizeof(struct cor_proxy_told) + header->bytes;
}

/** Keep that header, read from those bytes, in such memory. */
void cor_proxy_told_init(
	struct cor_proxy_told *told, const char *bytes, const struct cor_proxy_header *header);

/** Whether it says more than whose connection it is. */
bool cor_proxy_header_says_more(const struct cor_proxy_header *header);

#endif
