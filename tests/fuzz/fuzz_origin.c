/* SPDX-License-Identifier: MIT */
/* What proxies say of a client: a PROXY header, or, behind a byte that names it, a header line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "origin/forwarded.h"
#include "origin/proxy_header.h"
#include "target.h"

static void check_inside(const char *whole, size_t len, struct cor_str part)
{
	if (part.len > 0 && (part.data < whole || part.data + part.len > whole + len))
		abort();
}

static void read_header(const char *bytes, size_t len)
{
	struct cor_proxy_header header, again;
	int rc = cor_proxy_header_read(bytes, len, &header);

	if (rc == -EAGAIN && header.bytes <= len)
		abort();
	if (rc != 0)
		return;
	if (header.bytes > len || header.bytes > COR_PROXY_HEADER_BYTES_MAX)
		abort();
	check_inside(bytes, header.bytes, header.authority);
	check_inside(bytes, header.bytes, header.unique_id);
	check_inside(bytes, header.bytes, header.tls.common_name);
	for (size_t part = 0; part < header.bytes; part++)
		if (cor_proxy_header_read(bytes, part, &again) != -EAGAIN ||
			again.bytes > header.bytes)
			abort();
}

static void read_line(char which, const char *text, size_t len)
{
	static struct cor_proxy_network all = { .bits = 96, .ip = { [10] = 0xff, [11] = 0xff } };
	const struct cor_proxies proxies = { &all, 1 };
	const struct cor_peer peer = { .family = 2 };
	struct cor_told told = { 0 };
	struct cor_origin origin;

	told.values[(unsigned char)which % COR_TOLD_BY_COUNT] = (struct cor_str){ text, len };
	cor_origin_find(&proxies, &peer, &told, &origin);
	check_inside(text, len, origin.host);
	check_inside(text, len, origin.port);
	check_inside(text, len, origin.prefix);
	if (origin.prefix.len > 1 && (origin.prefix.data[0] != '/' || origin.prefix.data[1] == '/'))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	copy[size] = '\r'; /* as behind each value */
	read_header(copy, size);
	if (size != 0)
		read_line(copy[0], copy + 1, size - 1);
	free(copy);
	return 0;
}
