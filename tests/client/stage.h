/* SPDX-License-Identifier: MIT */
/** A service that calls others, by a script and in time that its waits make. */
#ifndef CORACLE_TESTS_CLIENT_STAGE_H
#define CORACLE_TESTS_CLIENT_STAGE_H

#include <sys/types.h>

#include <coracle/client.h>
#include <coracle/script.h>
#include <coracle/service.h>

struct price {
	int64_t cents;
	const char *currency;
	const char *etag; /* a header */
	int64_t age;      /* another */
};
COR_DECLARE_SCHEMA(price_schema, struct price);

/** One that has a row for each place. */
struct question {
	const char *shelf; /* path */
	int64_t limit;     /* query */
	cor_array(const char *) tags;
	const char *tenant;  /* header */
	const char *session; /* cookie */
	int64_t cents;       /* body */
	int64_t made;        /* read only */
};
COR_DECLARE_SCHEMA(question_schema, struct question);

/** Retries twice, answers up to 1,000 bytes, gzip. */
extern const struct cor_upstream prices;
/** As by default, on https. */
extern const struct cor_upstream safe;
/** Three targets, a:81, b:82 and c:83; retries twice. */
extern const struct cor_upstream several;
/** With a breaker: 4 in 60 s open it for 60 s, and one closes it; retries twice. */
extern const struct cor_upstream guarded;
/** Two targets, a:81 and b:82; hedged after 50 ms. */
extern const struct cor_upstream hedged;
/** Hedged after 90 of a hundred have come, and not within 10 ms. */
extern const struct cor_upstream usual;
/** Equal GETs are one; 1,000 ms and 1,000 bytes at most. */
extern const struct cor_upstream shared;
/** One call at the same time. */
extern const struct cor_upstream narrow;
/** Two requests at once at first; the next waits for 100 ms, a head for 2 s; one retry. */
extern const struct cor_upstream limited;
/** One request at once at first; hedged after 50 ms. */
extern const struct cor_upstream limited_hedged;
/** One request at once at first; equal GETs are one. */
extern const struct cor_upstream limited_shared;
/** One request at once at first; one failure opens its breaker. */
extern const struct cor_upstream limited_guarded;
/** Not in the service. */
extern const struct cor_upstream unlisted;

struct stage {
	struct cor_clock clock; /* it stands still, but for those who wait */
	int64_t now_ns;
	struct cor_script *script;
	struct cor_ctx *ctx;
	int64_t began_ns;
};

int stage_open(void **state);
/** The same with another service. */
int stage_open_service(const struct cor_service *service, void **state);
int stage_close(void **state);

/** A body of x, in pieces of 7 bytes at most: what was asked of it. */
struct pieces {
	size_t given;
	size_t bytes; /* of all of it */
	size_t rewound;
	int rc; /* negative: it fails so */
};

/** Its functions, for struct cor_http_source. */
ssize_t pieces_give(void *arg, void *buffer, size_t size);
int pieces_rewind(void *arg);

/** Add a line to the script; it must go well. */
void stage_line(struct stage *stage, const struct cor_scripted *line);

/** The same in a fiber, where time jumps to what the next of all fibers waits for. */
void stage_in_fiber(struct stage *stage, void (*act)(struct stage *stage));

/** Milliseconds since the stage was opened. */
int64_t stage_ms(const struct stage *stage);

/** Request number `i` of the script, which must be there. */
const struct cor_script_call *stage_call(const struct stage *stage, size_t i);

/** The kind of the failure of the last call. */
enum cor_failure stage_failure(const struct stage *stage);

#endif
