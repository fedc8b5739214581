/* SPDX-License-Identifier: MIT */
/* WWW-Authenticate: challenges and their parameters lie in the text, one behind the other. */
#include <stdlib.h>
#include <string.h>

#include "http/challenge.h"
#include "target.h"

static void check(struct cor_str part, const char *text, size_t size)
{
	if (part.len && (part.data < text || part.data + part.len > text + size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "realm", "nonce", "qop", "stale" };
	char *copy = malloc(size ? size : 1);
	struct cor_str rest = { copy, size }, scheme, parameters;
	const char *at = copy;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	while (cor_challenge_next(&rest, &scheme, &parameters)) {
		check(scheme, copy, size);
		check(parameters, copy, size);
		if (scheme.len == 0 || scheme.data < at || rest.data + rest.len != copy + size)
			abort();
		at = scheme.data + scheme.len;
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			check(cor_challenge_parameter(parameters, names[i]), copy, size);
	}
	free(copy);
	return 0;
}
