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
		if (cor_origin_is_any(*at) && cors->credentials)
			cor_contradict(check, where,
				".cors: \"*\" with .credentials would let every page act for whoever "
				"opens it: list the origins");
		/* of what is sandboxed, or in a file: anybody can make such a page */
		if (strcmp(*at, "null") == 0 && cors->credentials)
			cor_contradict(check, where,
				".cors: \"null\" with .credentials would let every page act for "
				"whoever opens it: list the origins");
	}
	check_headers(check, cors->headers, ".headers", where);
	check_headers(check, cors->exposes, ".exposes", where);
}
