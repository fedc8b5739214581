/* SPDX-License-Identifier: MIT */
/**
 * Status codes and their reason phrases (RFC 9110 section 15 and the IANA registry). Nothing here
 * yields.
 */
#ifndef CORACLE_HTTP_STATUS_H
#define CORACLE_HTTP_STATUS_H

#include <coracle/str.h>

/** "Not Found" for 404; "Unknown" for a code that is not registered. Static. */
const char *cor_status_reason(int status);

/** "HTTP/1.1 404 Not Found\r\n"; empty for a code that is not registered. Static. */
struct cor_str cor_status_line(int status);

#endif
