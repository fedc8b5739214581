/* SPDX-License-Identifier: MIT */
/** A service whose answers are kept, and who asks it at a time that a test moves. */
#ifndef CORACLE_TESTS_SERVICE_ANSWER_SHOP_H
#define CORACLE_TESTS_SERVICE_ANSWER_SHOP_H

#include "fake.h"

#include <coracle/cache.h>
#include <coracle/service.h>

#include "cache/caches.h"

extern int64_t shop_ms; /* the time */

/* --- the service --- */

extern const struct cor_cache answers;

struct asked {
	int64_t id;
	const char *q;
	const char *tenant;
	const char *crumb;
};
COR_DECLARE_SCHEMA(asked_schema, struct asked);

struct thing {
	int64_t made; /* the how-manieth call has made it */
	int64_t id;
	const char *note; /* to a header */
};
extern const struct cor_field thing_fields[3];

struct user {
	const char *name;
};
COR_DECLARE_SCHEMA(user_schema, struct user); /* who has come with a token */

extern int made;                                               /* things and words */
extern int (*instead)(struct cor_ctx *ctx, struct thing *out); /* NULL: nothing else */

int get_thing(struct cor_ctx *ctx, const struct asked *in, struct thing *out);
int get_word(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out);

extern const struct cor_service shop;

/* --- asking --- */

extern struct cor_dispatcher *dispatcher;
extern struct cor_caches *caches;
extern struct fake_reply got; /* by the last request */
extern struct cor_arena arena;

/** Nothing is kept, nothing made. */
void open_shop(void);
void close_shop(void);

/** The body of the answer. */
const char *ask_as(const char *method, const char *target, const char *headers);
const char *ask(const char *target, const char *headers);

/** Whether the headers have it. */
bool says(const char *line);

/** Whether a request meets an answer that was made for others. */
bool is_hit(const char *target, const char *headers);

#endif
