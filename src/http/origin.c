/* SPDX-License-Identifier: MIT */
#include "http/origin.h"

#include <string.h>
#include <strings.h>

/* What stands behind the scheme; empty if there is none. */
static struct cor_str authority_of(struct cor_str origin)
{
	const char *mark = origin.len != 0 ? memmem(origin.data, origin.len, "://", 3) : NULL;

	if (!mark)
		return (struct cor_str){ "", 0 };
	size_t before = (size_t)(mark - origin.data) + 3;
	return (struct cor_str){ origin.data + before, origin.len - before };
}

/* Browsers leave out the port that is the scheme's; other clients may not. */
static struct cor_str without_usual_port(struct cor_str origin, struct cor_str authority)
{
	bool is_secure = origin.len > 6 && strncasecmp(origin.data, "https:", 6) == 0;
	struct cor_str port = is_secure ? COR_STR(":443") : COR_STR(":80");

	if (authority.len > port.len &&
		memcmp(authority.data + authority.len - port.len, port.data, port.len) == 0)
		authority.len -= port.len;
	return authority;
}

bool cor_origin_is_of(struct cor_str origin, struct cor_str host)
{
	struct cor_str authority = authority_of(origin);
	struct cor_str own = without_usual_port(origin, authority);
	struct cor_str asked = without_usual_port(origin, host);

	return authority.len != 0 && own.len == asked.len &&
	       strncasecmp(own.data, asked.data, own.len) == 0;
}
