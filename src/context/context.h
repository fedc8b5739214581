/* SPDX-License-Identifier: MIT */
/**
 * Inside struct cor_ctx.
 *
 * The server of a request embeds one, fills in what it knows and finishes it after the reply. It
 * stands at the top of the fiber's stack with the arena's first chunk behind it, so it is kept
 * small.
 */
#ifndef CORACLE_CONTEXT_CONTEXT_H
#define CORACLE_CONTEXT_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/context.h>
#include <coracle/fiber.h>
#include <coracle/str.h>

#include "base/poison.h"

struct cor_cache_tally;
struct cor_caches;
struct cor_calls_figures;
struct cor_codec;
struct cor_cookie_jar;
struct cor_limit_counter;
struct cor_logger;
struct cor_pools;
struct cor_schema;
struct cor_service;
struct cor_session;
struct cor_tally;
struct cor_timings;
struct cor_topics;
struct cor_upload_limits;
struct cor_upstreams_options;

#define COR_REQUEST_ID_BYTES 33 /* 32 characters and the NUL; a longer id is replaced */

/** Whether answers are held to their tables, and what becomes of one that breaks them. */
enum cor_answer_checks {
	COR_ANSWERS_UNCHECKED = 0,
	COR_ANSWERS_SAMPLED, /* about one in a hundred: logged */
	COR_ANSWERS_LOGGED,
	COR_ANSWERS_REFUSED,
};

/** What all requests of a thread share. Outlives every ctx that points to it. */
struct cor_environment {
	const struct cor_service *service; /* as it was written */
	const struct cor_service *mounted; /* with what it inherits where it is mounted */
	struct cor_environment
		*all; /* of the services mounted with it, by unit; NULL: there are none */
	const struct cor_environment *outer; /* of the service around it; NULL: there is none */
	const char *prefix;                  /* that its paths stand behind; NULL or "": none */
	const struct cor_session *const *sessions; /* that the service lists itself; NULL: none */
	uint32_t unit;
	uint32_t errors_unit; /* of the service that has the shape of its errors */
	const void *settings; /* of service->settings' schema */
	void *state;          /* what the start hook made */
	void *thread_state;   /* what the start hook of its thread made */
	struct cor_codec *codec;
	struct cor_logger *logger;
	struct cor_tally *tally;       /* of the service's metrics; NULL: it has none */
	const struct cor_pools *pools; /* of the service's executors; NULL: there are none */
	struct cor_topics *topics;     /* of the service; NULL: there are none */
	const struct cor_limit_counter *limits; /* what is used of limits; NULL: nobody counts */
	const struct cor_cookie_jar *cookies; /* sessions, and how cookies are sealed; NULL: none */
	/* Whom the service calls; NULL: nobody. */
	const struct cor_upstreams_options *upstreams;
	const struct cor_calls_figures *calls;     /* where calls are counted; NULL: nowhere */
	struct cor_caches *caches;                 /* of the service; NULL: there are none */
	const struct cor_cache_tally *cache_tally; /* where they are counted; NULL: nowhere */
	struct cor_timings *timings;               /* what is timed; NULL: nothing is */
	enum cor_answer_checks answer_checks;
	const struct cor_upload_limits *uploads; /* of forms; NULL: as by default */
	bool hides_log;                          /* if it has no logger */
	bool has_before_load; /* some schema of the codec has a hook on JSON that comes in */
	/* Hold a message to its table: 0 or a negative code, and the log says why. NULL: nobody. */
	int (*check_message)(
		struct cor_ctx *ctx, const struct cor_schema *schema, struct cor_str text);
	/* A request has left a job behind that still uses its memory. NULL: that is all one. */
	void (*leaves_job)(struct cor_ctx *ctx);
};

/** That of a unit; `environment` is any of theirs. */
static inline struct cor_environment *cor_environment_of_unit(
	struct cor_environment *environment, uint32_t unit)
{
	return environment->all ? &environment->all[unit] : environment;
}

/** The state may be set while other threads read it. */
static inline void *cor_environment_state(const struct cor_environment *environment)
{
	return __atomic_load_n(&environment->state, __ATOMIC_ACQUIRE);
}

static inline void cor_environment_set_state(struct cor_environment *environment, void *state)
{
	__atomic_store_n(&environment->state, state, __ATOMIC_RELEASE);
}

/** An answer that a handler has chosen instead of its output, or what it adds to a problem. */
struct cor_reply_text {
	struct cor_str text; /* JSON; empty: the answer has no body */
	bool is_members;     /* an object whose members the problem has, too */
};

/** What was handed on: cor_ctx_set(). In ctx memory, newest first. */
struct cor_ctx_value {
	const struct cor_ctx_value *next;
	const struct cor_schema *schema; /* or the address of something that stands for it */
	const void *value;
};

/**
 * Somebody makes something of a request that others shall have, too, and wants to know whether it
 * depends on more of the request than they have in common with it.
 */
struct cor_ctx_watch {
	bool has_principal; /* who asks is what they have in common */
	bool has_target;    /* as is what was asked for, path and query as they were sent */
	/* The call by which its maker has looked at more, the first of them. NULL: at nothing. */
	const char *looked_by;
};

struct cor_ctx {
	struct cor_arena arena;
	const struct cor_environment *environment;
	struct cor_problem problem; /* status 0: none is recorded, and what follows says nothing */
	const struct cor_reply_text *reply; /* it is this answer, or has these members; NULL: no */
	struct cor_hold *holds;             /* see cor_ctx_hold() */
	const struct cor_ctx_value *values; /* NULL: nothing was handed on */
	int problem_code; /* the code that stands for it besides -COR_EPROBLEM; 0: none */
	bool has_defect; /* it is a misuse of cor_problem() or cor_invalid(): nothing may hide it */
	bool is_unneeded; /* its group was decided without it: its waits end as canceled */
	void *request;    /* the struct cor_exchange around it, NULL in a start hook or a test */
	const struct cor_ctx *parent;          /* it is a child of that one; NULL: of none */
	char request_id[COR_REQUEST_ID_BYTES]; /* empty until asked for */
};

/**
 * Make a ctx whose arena begins with `first` (`bytes` long) and takes at most `limit_bytes` from
 * the heap.
 */
static inline void cor_ctx_init(struct cor_ctx *ctx, const struct cor_environment *environment,
	void *first, size_t bytes, size_t limit_bytes)
{
	cor_arena_init(&ctx->arena, first, bytes, limit_bytes);
	ctx->environment = environment;
	ctx->problem = (struct cor_problem){ 0 };
	ctx->holds = NULL;
	ctx->values = NULL;
	ctx->is_unneeded = false;
	ctx->request = NULL;
	ctx->parent = NULL;
	ctx->request_id[0] = '\0';
}

/** The service of a ctx, with what it inherits where it is mounted; NULL: it has none. */
static inline const struct cor_service *cor_ctx_mounted(const struct cor_ctx *ctx)
{
	return ctx->environment ? ctx->environment->mounted : NULL;
}

/** Give its memory back: the last call on it. */
static inline void cor_ctx_finish(struct cor_ctx *ctx)
{
	if (ctx->arena.chunks || COR_POISONS)
		cor_arena_finish(&ctx->arena);
}

/**
 * Something that still uses the memory of a ctx although its handler goes on: a thread, say, that
 * works on what a cancelled request gave it.
 */
struct cor_hold {
	struct cor_hold *next;
	/* Wait until it lets go. Yields; deaf to scopes. The hold may be gone when it returns. */
	void (*await)(struct cor_hold *hold);
};

/** Hold the ctx, on its own thread: it is not finished before the hold lets go. */
static inline void cor_ctx_hold(struct cor_ctx *ctx, struct cor_hold *hold)
{
	hold->next = ctx->holds;
	ctx->holds = hold;
}

/** The hold has let go by itself. */
void cor_ctx_release(struct cor_ctx *ctx, const struct cor_hold *hold);

/** Private to cor_ctx_await(). */
void cor_ctx_await_holds(struct cor_ctx *ctx);

/** Wait until nobody holds it: before cor_ctx_finish(), where user code has run. Yields. */
static inline void cor_ctx_await(struct cor_ctx *ctx)
{
	if (ctx->holds)
		cor_ctx_await_holds(ctx);
}

/**
 * Make a ctx for a fiber that works for the parent's handler and ends before it: of the same
 * request, service and memory limit. Only the parent's own fiber reads the body and writes the
 * reply.
 */
void cor_ctx_begin_child(struct cor_ctx *child, struct cor_ctx *parent);

/** The child has ended: its memory, and who holds it, are the parent's. Its problem is not. */
void cor_ctx_end_child(struct cor_ctx *child, struct cor_ctx *parent);

/** The parent answers with the child's problem, if `rc` is the code of one. Returns rc. */
int cor_ctx_take_problem(struct cor_ctx *ctx, const struct cor_ctx *child, int rc);

/** A problem that a child has recorded, kept until it is known whose counts. */
struct cor_ctx_record {
	struct cor_problem problem;
	const struct cor_reply_text *reply;
	int code; /* see problem_code and has_defect above */
	bool has_defect;
};

/** A copy of the child's problem in the parent's memory; NULL: there is none, or no memory. */
struct cor_ctx_record *cor_ctx_keep_problem(struct cor_ctx *ctx, const struct cor_ctx *child);

/** As cor_ctx_take_problem(), of what was kept; NULL: nothing was. Returns rc. */
int cor_ctx_take_record(struct cor_ctx *ctx, const struct cor_ctx_record *record, int rc);

/**
 * As cor_problem(), for a detail that is there already: a constant, or text in the memory of ctx.
 * Copies nothing.
 */
int cor_ctx_problem(struct cor_ctx *ctx, int status, int cause, const char *detail) COR_CHECKED;

/**
 * As cor_ctx_problem(), but return `cause`, and let that code stand for the problem as well: for a
 * function that records the answer and returns what happened, as cor_body_read() does. Holds until
 * the next problem is recorded.
 */
int cor_ctx_fail(struct cor_ctx *ctx, int status, int cause, const char *detail);

/**
 * Record an answer, with any status, in the place of a problem. The text is in the memory of ctx.
 * Returns -COR_EPROBLEM, or -ENOMEM.
 */
int cor_ctx_reply(struct cor_ctx *ctx, int status, struct cor_str text) COR_CHECKED;

/** Give the recorded problem the members of an object in the memory of ctx. Returns as above. */
int cor_ctx_add_members(struct cor_ctx *ctx, struct cor_str object) COR_CHECKED;

/** The answer that stands in the place of a problem; NULL: it is a problem, or nothing. */
static inline const struct cor_reply_text *cor_ctx_chosen(const struct cor_ctx *ctx)
{
	if (ctx->problem.status == 0)
		return NULL; /* and the rest is of an earlier request */
	return ctx->reply && !ctx->reply->is_members ? ctx->reply : NULL;
}

/**
 * Record that memory ran out: 413 (with a body) or 500 if the request's limit was reached, else
 * 503. Returns -ENOMEM.
 */
int cor_ctx_no_memory(struct cor_ctx *ctx, bool has_body);

/**
 * Record the 422 of an input that breaks rules. The list is in the arena. Returns -COR_EPROBLEM,
 * or -ENOMEM as cor_ctx_no_memory() if none of them could be kept.
 */
int cor_ctx_refuse(struct cor_ctx *ctx, struct cor_violations *violations) COR_CHECKED;

/**
 * Record the defect that a schema of that C name is not known to the service. Returns -COR_ETABLE.
 */
int cor_ctx_unlisted(struct cor_ctx *ctx, const char *symbol);

/** What was handed on by that schema, without a note that it was asked for. Never yields. */
const void *cor_ctx_find_value(const struct cor_ctx *ctx, const struct cor_schema *schema);

/**
 * Watch what is looked at in a ctx and in those of its children, from now until the end: between
 * the two they all run on one thread. Returns a value to end it with; NULL: there is no memory.
 */
struct cor_ctx_watch **cor_ctx_watch_begin(
	struct cor_ctx *ctx, struct cor_ctx_watch *watch) COR_CHECKED;
void cor_ctx_watch_end(struct cor_ctx_watch **watching);

/** Private to those below: it is watched, perhaps. */
struct cor_ctx_watch *cor_ctx_watched(const struct cor_ctx *ctx);
enum cor_look { COR_LOOK, COR_LOOK_WHO, COR_LOOK_TARGET };
void cor_ctx_note_look(const struct cor_ctx *ctx, enum cor_look at, const char *call);

/** Somebody looks at something of the request, by a call of that name, which is a constant. */
static inline void cor_ctx_look(const struct cor_ctx *ctx, const char *call)
{
	if (ctx->values)
		cor_ctx_note_look(ctx, COR_LOOK, call);
}

/** Somebody looks at whom it is from. */
static inline void cor_ctx_look_who(const struct cor_ctx *ctx, const char *call)
{
	if (ctx->values)
		cor_ctx_note_look(ctx, COR_LOOK_WHO, call);
}

/** Somebody looks at what was asked for. */
static inline void cor_ctx_look_target(const struct cor_ctx *ctx, const char *call)
{
	if (ctx->values)
		cor_ctx_note_look(ctx, COR_LOOK_TARGET, call);
}

/**
 * Record a defect: a positive number was returned, which is not a code (`return ENOMEM;`, or a
 * count). `who` is "" for the operation, which the log names anyway, or "middleware x ". Returns
 * -COR_EPROBLEM.
 */
int cor_ctx_positive(struct cor_ctx *ctx, const char *who, int rc) COR_CHECKED;

/** The client has gone: for the log only, since it is never sent. The number is nginx's. */
#define COR_STATUS_CLIENT_GONE 499

/** The status that a cause comes to if the handler chose none: RFC 9110 section 15.6. */
int cor_status_of(int cause);

/**
 * The status of the problem that cor_ctx_settle() would make of a code other than 0. Records
 * nothing.
 */
int cor_ctx_status(const struct cor_ctx *ctx, int rc);

/**
 * Make a problem of a handler's return code. The recorded one stays if the code is -COR_EPROBLEM or
 * that of cor_ctx_fail(); any other code means something else. A positive number is a defect,
 * whatever is recorded.
 */
const struct cor_problem *cor_ctx_settle(struct cor_ctx *ctx, int rc);

#endif
