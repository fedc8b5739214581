/* SPDX-License-Identifier: MIT */
#include "cors/origin.h"

#include <string.h>

bool cor_origin_is_any(const char *pattern)
{
	return strcmp(pattern, "*") == 0;
}

/* What stands behind "://"; NULL: it is not there. */
static const char *authority_of(const char *pattern)
{
	const char *colon = strstr(pattern, "://");

	return colon && colon != pattern ? colon + 3 : NULL;
}

static bool has_default_port(const char *pattern)
{
	size_t len = strlen(pattern);

	return (strncmp(pattern, "http://", 7) == 0 && len > 3 &&
		       strcmp(pattern + len - 3, ":80") == 0) ||
	       (strncmp(pattern, "https://", 8) == 0 && len > 4 &&
		       strcmp(pattern + len - 4, ":443") == 0);
}

const char *cor_origin_fault(const char *pattern)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]+";
	const char *authority = authority_of(pattern);

	if (cor_origin_is_any(pattern) || strcmp(pattern, "null") == 0)
		return NULL;
	if (!authority)
		return "it is no origin, such as https://app.example";
	if (strchr(authority, '/'))
		return "an origin has no path, and no '/' at its end";
	authority += authority[0] == '.';
	if (authority[0] == '\0' || authority[strspn(authority, allowed)] != '\0')
		return "browsers send an origin in lower case, as ASCII, without a user";
	if (has_default_port(pattern))
		return "browsers leave out the port that its scheme has by itself";
	return NULL;
}

static bool ends_with(struct cor_str text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

static bool is_host_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool cor_origin_matches(const char *pattern, struct cor_str origin)
{
	const char *authority = authority_of(pattern);
	size_t len = authority ? (size_t)(authority - pattern) : 0;

	if (cor_origin_is_any(pattern))
		return true;
	if (len == 0 || authority[0] != '.')
		return cor_str_equal(cor_str(pattern), origin);
	if (origin.len <= len + strlen(authority) || memcmp(origin.data, pattern, len) != 0 ||
		!ends_with(origin, authority))
		return false;
	struct cor_str middle = { origin.data + len, origin.len - len - strlen(authority) };
	for (size_t i = 0; i < middle.len; i++) /* at another byte another authority would begin */
		if (!is_host_byte(middle.data[i]))
			return false;
	return middle.data[0] != '.' && middle.data[middle.len - 1] != '.';
}
