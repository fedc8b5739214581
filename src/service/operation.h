/* SPDX-License-Identifier: MIT */
/**
 * What follows from the tables of an operation: decided here, both for requests and for the
 * document.
 */
#ifndef CORACLE_SERVICE_OPERATION_H
#define CORACLE_SERVICE_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/schema.h>
#include <coracle/service.h>

#include "http/head.h"

/** Where rows of the operation's input come from if they have no .from. */
enum cor_from cor_operation_default_from(
	const struct cor_operation *operation, enum cor_method method);

/** How an operation takes the body of its requests. */
struct cor_body_input {
	enum {
		COR_TAKES_NOTHING = 0, /* it takes none */
		COR_TAKES_ROWS,        /* rows of its input come from it */
		COR_TAKES_WHOLE,       /* its input is the body: text or bytes */
		COR_TAKES_STREAM,      /* the handler reads it */
		COR_TAKES_PARTS,       /* the same, as a form of parts */
		COR_TAKES_FORM,        /* rows come from it, some of which are files */
	} kind;
	uint32_t rows;    /* how many come from it */
	bool is_required; /* one of them is */
	bool may_be_form; /* text can fill all of them: a form of either kind is taken, too */
};

struct cor_body_input cor_operation_body(
	const struct cor_operation *operation, enum cor_method method);

/** Whether a row of the operation's input is filled from the body. */
bool cor_row_is_in_body(const struct cor_field *field, enum cor_from default_from);

/** Whether an Idempotency-Key can lead to a problem of that status. The operation may be NULL. */
bool cor_operation_keys_give(const struct cor_operation *operation, uint16_t status);

/** What clients may keep: as .caching says, or where .cache is alone an ETag. NULL: nothing. */
const struct cor_caching *cor_operation_caching(const struct cor_operation *operation);

/** The status of success. */
uint16_t cor_operation_status(const struct cor_operation *operation);

/** Whether it is that status of success, or one of .also. */
bool cor_operation_may_answer(const struct cor_operation *operation, int status);

/** What the answer is made by: the output; of a stream .answers, which may be NULL. */
const struct cor_schema *cor_operation_answer(const struct cor_operation *operation);

/**
 * The media type of the answer with its parameters; empty if there is none or the handler decides.
 */
struct cor_str cor_operation_content_type(const struct cor_operation *operation);

/**
 * Whether the operation's answer has a body: rows that do not go to headers, text, bytes, a stream.
 */
bool cor_operation_has_answer(const struct cor_operation *operation);

/** Whether its handler runs in a process, which may die (502), or be ended (504). */
bool cor_operation_is_isolated(const struct cor_operation *operation);

/** Whether a file that the operation (or NULL) sends has that status, besides that of success. */
bool cor_operation_sends_file(const struct cor_operation *operation, uint16_t status);

/**
 * Whether an operation may answer with a problem of that status: the ones that it declares and
 * those that every operation can give. NULL declares none.
 */
bool cor_operation_declares(const struct cor_operation *operation, uint16_t status);

/**
 * Who may call the operation of the resource: the innermost list counts. Each may be NULL. NULL:
 * everybody may.
 */
const struct cor_security *cor_security_of(const struct cor_service *service,
	const struct cor_resource *resource, const struct cor_operation *operation);

/** How many credentials of a client may be refused. */
const struct cor_limit *cor_failed_logins_of(const struct cor_service *service);

/** Whether requests of the service are counted for limits: those it has, or of credentials. */
bool cor_service_has_limits(const struct cor_service *service);

/**
 * Whether a list may refuse with that status: 401, 403 for a scope, 503 while the cache of a
 * session fails; and what changes something with 403, if the page that asks is of another origin.
 * NULL never does.
 */
bool cor_security_gives(const struct cor_security *ways, bool changes, uint16_t status);

/** What a list of COR_RESPONSES() says of a status; NULL: nothing. The list may be NULL. */
const struct cor_response *cor_responses_find(const struct cor_response *list, uint16_t status);

#endif
