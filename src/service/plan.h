/* SPDX-License-Identifier: MIT */
/**
 * The service's tables made ready for requests: a place for each resource, an action for each thing
 * that can be asked of it. Constant once made; in the dispatcher's arena.
 */
#ifndef CORACLE_SERVICE_PLAN_H
#define CORACLE_SERVICE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/schema.h>
#include <coracle/service.h>

#include "base/compiler.h"
#include "coding/plan.h"
#include "cors/cors.h"
#include "exchange/exchange.h"
#include "figures/board.h"
#include "files/server.h"
#include "http/head.h"
#include "limit/pass.h"
#include "security/admission.h"
#include "service/operation.h"
#include "service/router.h"

struct cor_answer_cache_plan; /* service/answer_cache.h */
struct cor_caching_plan;      /* service/caching.h */
struct cor_composition;       /* service/composition.h */
struct cor_outskirts;         /* service/outskirts.h */
struct cor_place;
struct cor_unit; /* service/composition.h */

enum cor_action_kind {
	COR_ACTION_CALL,    /* an operation with an output */
	COR_ACTION_STREAM,  /* a stream operation */
	COR_ACTION_FILES,   /* a static file */
	COR_ACTION_OPTIONS, /* 204 with Allow */
	COR_ACTION_REFUSE,  /* 404, 405 ... */
};

#define COR_INHERITED_LISTS 2

/** What a request comes to. */
struct cor_action {
	struct cor_route route; /* the server hands it back */
	enum cor_action_kind kind;
	uint16_t refusal;   /* COR_ACTION_REFUSE: the status */
	const char *detail; /* COR_ACTION_REFUSE: of the problem */
	const struct cor_place *place;
	const struct cor_operation *operation;    /* NULL unless CALL or STREAM */
	struct cor_gate gate;                     /* whom it lets in; .ways is NULL: everybody */
	const struct cor_limit *const *limits;    /* all that count; NULL: there are none */
	const struct cor_caching_plan *caching;   /* NULL: answers are not judged */
	const struct cor_answer_cache_plan *kept; /* NULL: answers are not */
	/* .problems of its resource and of the service; NULL: there are none */
	const struct cor_response *inherited[COR_INHERITED_LISTS];

	/* from the tables of the operation */
	enum cor_from default_from;
	uint16_t status;    /* of success */
	bool is_plain;      /* a CALL with nothing around it */
	bool is_simple;     /* the same, of a mounted service: only its environment is another */
	bool takes_nothing; /* there is no input to bind, and no selection to read */
	bool has_body_out;  /* something is left of the output when the headers are taken out */
	bool answers_json;  /* and that is sent as JSON */
	bool checks_query;  /* unknown parameters are refused */
	uint32_t path_rows;
	uint32_t query_rows;
	uint32_t header_rows;
	const struct cor_field *const *cookies_in; /* rows of the input that come from cookies */
	uint32_t cookies_in_len;
	struct cor_body_input body;
	/* rows of the output that go to headers and cookies */
	const struct cor_field *const *headers_out;
	uint32_t headers_out_len;
	struct cor_str content_type; /* of the answer; empty: none, or the handler decides */
	struct cor_str produces;     /* the same without parameters, in lower case */
	const struct cor_coding_plan *coding; /* NULL: neither answers nor bodies are coded */
};

/** What the request of an exchange comes to. */
static inline const struct cor_action *cor_action_of(const struct cor_exchange *x)
{
	return cor_container_of(x->route, const struct cor_action, route);
}

/** What its tables, inherited ones too, say of a status; NULL: nothing. */
const struct cor_response *cor_action_response(const struct cor_action *action, uint16_t status);

/** Whether a request may come to a problem of that status, as far as the document knows. */
bool cor_action_declares(const struct cor_action *action, uint16_t status);

/** The operation as the service has it: its views, and schemas that its code knows. */
static inline const struct cor_operation *cor_operation_written(
	const struct cor_operation *operation)
{
	return operation->written ? operation->written : operation;
}

/** A resource, or (resource NULL) files, or the place where nothing is. */
struct cor_place {
	const struct cor_place *next; /* of all that the dispatcher has */
	const struct cor_resource *resource;
	struct cor_file_server *files; /* NULL: it has none */
	const char *allow;             /* "GET, HEAD, OPTIONS" */
	uint8_t names_len;
	struct cor_str names[COR_ROUTE_PARAMETERS_MAX]; /* of the path */
	const struct cor_middleware **middleware;       /* the service's, then the resource's */
	uint32_t middleware_len;
	const struct cor_cors_policy *cors;    /* NULL: nothing is said */
	const struct cor_outskirts *outskirts; /* of its service */
	const char *host;                      /* as of its unit */
	/* Of its service, and of that of each middleware; NULL: all are the handler's. */
	const struct cor_environment *environment;
	const struct cor_environment **environments;
	struct cor_guard guard;               /* of what its service declares */
	struct cor_limit_owners limit_owners; /* of those that its service has, or inherits */
	struct cor_action actions[COR_METHOD_COUNT]; /* by enum cor_method */
};

/**
 * Make a place of a checked resource; NULL: of the place where nothing is. Returns 0 or -ENOMEM.
 */
int cor_place_init(struct cor_place *place, const struct cor_service *service,
	const struct cor_resource *resource, struct cor_arena *arena) COR_CHECKED;

/**
 * Plan what is coded of the answers and bodies of a place, by the encoders of its thread. Returns 0
 * or -ENOMEM.
 */
int cor_place_code(struct cor_place *place, const struct cor_service *service,
	struct cor_encoder_pool *pool, struct cor_arena *arena) COR_CHECKED;

/** plan_limits.c: which limits count for each action. Returns 0 or -ENOMEM. */
int cor_place_plan_limits(struct cor_place *place, const struct cor_service *service,
	struct cor_arena *arena) COR_CHECKED;

/** plan_cors.c: what the place says of pages of other origins. Returns 0 or -ENOMEM. */
int cor_place_plan_cors(struct cor_place *place, const struct cor_service *service,
	struct cor_arena *arena) COR_CHECKED;

/**
 * Make a place of files that were checked; they are opened later. Returns 0 or -ENOMEM.
 */
int cor_place_init_files(struct cor_place *place, const struct cor_service *service,
	const struct cor_files *files, struct cor_arena *arena) COR_CHECKED;

/**
 * plan_mounts.c: let the place, and its middleware, run in the environments of their services,
 * which stand in the order of the composition's units. Returns 0 or -ENOMEM.
 */
int cor_place_belong(struct cor_place *place, const struct cor_composition *composition,
	const struct cor_unit *unit, const struct cor_environment *environments,
	struct cor_arena *arena) COR_CHECKED;

/** Let each operation of the place be counted in the row of its name. */
void cor_place_count_in(struct cor_place *place, struct cor_board *board);

#endif
