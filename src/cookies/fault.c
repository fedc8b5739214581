/* SPDX-License-Identifier: MIT */
#include "cookies/fault.h"

#include <string.h>
#include <strings.h>

#include "http/chars.h"
#include "http/response.h"

#define HOST_PREFIX   "__Host-"
#define SECURE_PREFIX "__Secure-"

static bool begins(const char *name, const char *prefix)
{
	return strncasecmp(name, prefix, strlen(prefix)) == 0;
}

bool cor_cookie_name_is_secure(const char *name)
{
	return begins(name, HOST_PREFIX) || begins(name, SECURE_PREFIX);
}

/* RFC 6265 section 4.1.1: path-value. */
static bool is_path(const char *path)
{
	for (const char *p = path; *p; p++)
		if (*p < ' ' || *p >= 0x7f || *p == ';')
			return false;
	return path[0] == '/';
}

/* Narrower than in a URI: sub-delims have a ';'. */
static bool is_host(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!cor_char_is(*p, COR_CHAR_UNRESERVED) || *p == '~')
			return false;
	return name[0] != '\0' && name[0] != '.';
}

const char *cor_cookie_fault(const struct cor_cookie *cookie, const char *name)
{
	if (!cor_field_name_valid(cor_str(name)))
		return "cannot be the name of a cookie (RFC 6265 section 4.1.1): use letters, digits, '-' and '_'";
	if (!cookie)
		return NULL;
	if (begins(name, HOST_PREFIX) &&
		(cookie->domain || (cookie->path && strcmp(cookie->path, "/") != 0)))
		return "begins with __Host-, and browsers drop such a one if it has a .domain, or a .path other than \"/\": leave them out";
	if (cookie->path && !is_path(cookie->path))
		return "has a .path that does not begin with '/', or holds ';' or a control byte";
	if (cookie->domain && !is_host(cookie->domain))
		return "has a .domain that is not the name of a host: \"example.com\", which is for all below it, too";
	if (cookie->max_age_s < 0 || cookie->max_age_s > COR_COOKIE_MAX_AGE_S)
		return "has a .max_age_s that is negative or above the 34560000 (400 days) that browsers keep it";
	if ((unsigned)cookie->same_site > COR_SAME_SITE_NONE)
		return "has a .same_site that is none of COR_SAME_SITE_LAX, _STRICT and _NONE";
	if ((unsigned)cookie->seal > COR_ENCRYPTED)
		return "has a .seal that is none of COR_UNSEALED, COR_SIGNED and COR_ENCRYPTED";
	return NULL;
}
