/* SPDX-License-Identifier: MIT */
/* Link: targets and parameters lie in the text, one behind the other. */
#include <stdlib.h>
#include <string.h>

#include <coracle/http_link.h>

#include "target.h"

static void check(struct cor_str part, const char *text, size_t size)
{
	if (part.len && (part.data < text || part.data + part.len > text + size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "rel", "anchor", "title", "" };
	char *copy = malloc(size ? size : 1);
	struct cor_str rest = { copy, size };
	struct cor_http_link link;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	for (const char *at = copy; cor_http_link_next(&rest, &link); at = rest.data) {
		check(link.target, copy, size);
		check(link.parameters, copy, size);
		if (link.target.data <= at || rest.data + rest.len != copy + size)
			abort();
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			check(cor_http_link_parameter(&link, names[i]), link.parameters.data,
				link.parameters.len);
		if (cor_http_link_is(&link, "next") && !cor_http_link_parameter(&link, "rel").len)
			abort();
	}
	free(copy);
	return 0;
}
