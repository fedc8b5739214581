/* SPDX-License-Identifier: MIT */
/* Origins that a browser may send, and headers that are some. */
#include <string.h>

#include <coracle/cors.h>

#include "cors/origin.h"
#include "http/response.h"
#include "service/check.h"

static void check_headers(const struct cor_check *check, const char *const *list,
	const char *option, const char *where)
{
	for (; list && *list; list++)
		if (!cor_field_name_valid(cor_str(*list)))
			cor_contradict(check, where,
				".cors: \"%s\" in %s cannot be the name of a "
				"header",
				*list, option);
}

/* Anybody can make a page that is sandboxed, whose origin is "null". */
static bool is_anybodys(const char *origin)
{
	return cor_origin_is_any(origin) || strcmp(origin, "null") == 0;
}

void cor_check_cors(const struct cor_check *check, const struct cor_cors *cors, const char *where)
{
	if (!cors)
		return;
	if (!cors->origins || !cors->origins[0])
		cor_contradict(check, where, ".cors has no .origins = COR_ORIGINS(...)");
	for (const char *const *at = cors->origins; at && *at; at++) {
		const char *fault = cor_origin_fault(*at);
		if (fault)
			cor_contradict(check, where, ".cors: \"%s\": %s", *at, fault);
		if (cors->credentials && is_anybodys(*at))
			cor_contradict(check, where,
				".cors: \"%s\" with .credentials would let every page act for "
				"whoever opens it: list the origins",
				*at);
	}
	check_headers(check, cors->headers, ".headers", where);
	check_headers(check, cors->exposes, ".exposes", where);
}
