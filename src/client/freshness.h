/* SPDX-License-Identifier: MIT */
/**
 * How long an answer holds, and whether it may be kept at all: RFC 9111 sections 3, 4.2 and 5, of a
 * private cache. Nothing here yields or asks for the time.
 */
#ifndef CORACLE_CLIENT_FRESHNESS_H
#define CORACLE_CLIENT_FRESHNESS_H

#include <coracle/http_cache.h>

#include "client/carrier.h"
#include "http/cache_control.h"

/** When an answer was asked for, and when its head came, in milliseconds since 1970. */
struct cor_answer_times {
	int64_t asked_ms;
	int64_t came_ms;
};

struct cor_freshness {
	struct cor_cache_control said;
	int64_t fresh_ms; /* how old it may become; 0: it is stale at once */
	int64_t age_ms;   /* when its head came: corrected_initial_age, section 4.2.3 */
	int64_t came_ms;
	const char *etag;     /* NULL: it has none */
	const char *modified; /* Last-Modified; NULL: it has none, or none that is a date */
	int64_t stale_if_error_s;
	bool may_be_kept;    /* section 3 */
	bool is_validated;   /* it has to be asked for each time */
	bool is_never_stale; /* it may not be given out when it is (section 4.2.4) */
};

/** Work it out from the head of an answer to a GET. `rules` NULL: none. */
void cor_freshness_of(const struct cor_carrier_answer *head, const struct cor_answer_times *times,
	const struct cor_http_caching *rules, struct cor_freshness *ret);

/** How old it is (section 4.2.3); -1: nobody knows, since the clock was set back behind it. */
int64_t cor_freshness_age_ms(const struct cor_freshness *freshness, int64_t now_ms);

/** What the fields of that name say together. */
void cor_cache_control_of(
	const struct cor_http_field *fields, size_t len, struct cor_cache_control *ret);

/** The value of the first field of that name; NULL: there is none. */
const char *cor_fields_find(const struct cor_http_field *fields, size_t len, const char *name);

#endif
