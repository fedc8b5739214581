/* SPDX-License-Identifier: MIT */
/** A request of a test: what its rows are, how it is sent, and what curl would send for it. */
#ifndef CORACLE_CONTRACT_REQUEST_H
#define CORACLE_CONTRACT_REQUEST_H

#include <coracle/test_service.h>

#include "contract/credential.h"
#include "contract/sample.h"

#define COR_CONTRACT_FIELDS_MAX 64

struct cor_contract_request {
	const char *method;       /* NULL: the operation's */
	struct cor_node **values; /* of its parameters; NULL among them: it is left out */
	const char *media;        /* of the body; NULL: it has none */
	struct cor_node *body;    /* NULL: .bytes is it */
	struct cor_str bytes;
	const char *query; /* further, as it is sent */
	bool is_plain;     /* of a WebSocket: it is not asked for */
	enum cor_contract_who who;
	struct cor_http_field more[8]; /* further headers */
	size_t more_len;
	/* once it is sent */
	const char *target; /* path and query */
	const char *curl;
};

/** With what the contract gives for its rows, what is in examples, what is made. */
struct cor_contract_request cor_contract_request_of(
	struct cor_contract_run *run, enum cor_contract_extent extent);

/** Set what the contract gives in a body, other than at and below `where` (NULL: everywhere). */
void cor_contract_give(struct cor_contract_run *run, struct cor_node *body, const char *where);

/** The value of a parameter of that text, as its schema reads it. */
struct cor_node *cor_contract_value_of(struct cor_contract_run *run,
	const struct cor_contract_parameter *parameter, const char *text);

/** Add a header. */
void cor_contract_add_header(
	struct cor_contract_request *request, const char *name, const char *value);

/** Whether a value can be sent in such a place: not every text can be in a header or a path. */
bool cor_contract_can_send(struct cor_contract_run *run,
	const struct cor_contract_parameter *parameter, const struct cor_node *value);

/**
 * Send it, and note its status as seen. One that is refused for a limit is sent again, when that
 * says so.
 */
struct cor_test_answer cor_contract_send(
	struct cor_contract_run *run, struct cor_contract_request *request);

/** Its head as bytes, without what it says of the body and the end; with cookies of the jar. */
const char *cor_contract_head(struct cor_contract_run *run, struct cor_contract_request *request);

/** Text as a part of a URL, percent-encoded. */
const char *cor_contract_encode(struct cor_contract_run *run, struct cor_str text);

/** Note a status of its operation. */
void cor_contract_saw(struct cor_contract_run *run, int status);

#endif
