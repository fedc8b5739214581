/* SPDX-License-Identifier: MIT */
/** A service with cookies and sessions, and how a test asks it. */
#ifndef CORACLE_TESTS_SERVICE_COOKIES_SERVICE_H
#define CORACLE_TESTS_SERVICE_COOKIES_SERVICE_H

#include "fake.h"
#include "cache/caches.h"
#include "world/moment.h"

#include <coracle/cookie.h>
#include <coracle/service.h>
#include <coracle/session.h>

/* --- rows --- */

struct set {
	cor_opt(int64_t) number;
	const char *text;
	const char *sealed;
	const char *secret;
	const char *lasting;
	const char *embedded;
	const char *host;
	const char *gone;
	const char *done;
};

extern struct set to_set; /* what is answered next */

extern const struct cor_cookie own_cookie;

/* --- sessions --- */

struct visit {
	int64_t user;
	const char *basket;
};
COR_DECLARE_SCHEMA(visit_schema, struct visit);

extern struct cor_session visits;
extern const char *big; /* a basket */

/* --- asking --- */

extern bool is_cached; /* all of it again with sessions that are in a cache */
extern const struct cor_service service;
extern const struct cor_service street; /* with another one mounted */

extern struct moment moment;
extern struct cor_caches *caches;
extern struct cor_dispatcher *dispatcher;
extern struct fake_reply got; /* by the last request */

int open_service(void **state);
int close_service(void **state);

/** The body of the answer. */
const char *ask(const char *method, const char *target, const char *headers);

/** "name=value" of what was set, as a header of the next request. */
const char *kept(const char *name);

#endif
