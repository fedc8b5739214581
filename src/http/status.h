/* SPDX-License-Identifier: MIT */
/**
 * Status codes and their reason phrases (RFC 9110 section 15 and the IANA registry). Nothing here
 * yields.
 */
#ifndef CORACLE_HTTP_STATUS_H
#define CORACLE_HTTP_STATUS_H

#include <stdbool.h>

#include <coracle/str.h>

/** "Not Found" for 404; "Unknown" for a code that is not registered. Static. */
const char *cor_status_reason(int status);

/**
 * Whether a reply with that status can have content (RFC 9110 sections 15.2, 15.3.5, 15.3.6 and
 * 15.4.5). A 205 says that it has none ("Content-Length: 0"); the others end with their head,
 * whatever it says (RFC 9112 section 6.3).
 */
static inline bool cor_status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 205 && status != 304;
}

/** "HTTP/1.1 404 Not Found\r\n"; empty for a code that is not registered. Static. */
struct cor_str cor_status_line(int status);

#endif
