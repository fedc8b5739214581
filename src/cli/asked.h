/* SPDX-License-Identifier: MIT */
/** One request of a service, as an OpenAPI document and the command line have it. */
#ifndef CORACLE_CLI_ASKED_H
#define CORACLE_CLI_ASKED_H

#include <coracle/json_node.h>

#include "before/pass.h"
#include "cli/cli.h"

/** An operation of a document. */
struct cor_asked_operation {
	const char *method; /* "GET" */
	const char *path;   /* "/books/{id}" */
	const char *id;     /* its operationId; "": it has none */
	const struct cor_node *item, *node;
};

struct cor_asked {
	const char *method;
	const char *target;     /* path and query, encoded */
	struct cor_str headers; /* whole lines */
	struct cor_str body;
	bool has_body;
};

/** As whom, and of what: what the requests that went before have brought. */
struct cor_asked_guise {
	const struct cor_before_pass *pass; /* zeroed: none were sent */
	struct cor_shown shown;
	const char *cookies; /* "a=b; c=d"; NULL: none */
};

/**
 * The operation of a name (that of the document: `coracle routes` lists them), of a method and a
 * path ("POST /books"), or of a path alone (GET) as the document has it. false: it has none such.
 */
bool cor_asked_find(const struct cor_cli *cli, const struct cor_node *document, const char *name,
	struct cor_asked_operation *ret);

/** The name of an operation that a misspelt one may mean; NULL: none. */
const char *cor_asked_near(
	const struct cor_cli *cli, const struct cor_node *document, const char *name);

/** The one whose path a target is: of "/books/7" that of "/books/{id}". false: none. */
bool cor_asked_fits(const struct cor_cli *cli, const struct cor_node *document, const char *method,
	const char *target, struct cor_asked_operation *ret);

/** The ways in of an operation, any of which will do; NULL: everybody may. */
const struct cor_node *cor_asked_security(
	const struct cor_node *document, const struct cor_asked_operation *operation);

/** The first one that is a GET and needs nothing. false: there is none. */
bool cor_asked_simplest(const struct cor_cli *cli, const struct cor_node *document,
	struct cor_asked_operation *ret);

/**
 * A request of an operation: what it requires, by --param, --header and --body of the command line,
 * else by what went before, else by the examples of the document, else made up. Returns COR_CLI_OK,
 * or COR_CLI_USAGE, told: what has to be given. COR_CLI_INPUT: the file of --body.
 */
int cor_asked_of(const struct cor_cli *cli, const struct cor_node *document,
	const struct cor_asked_operation *operation, const struct cor_asked_guise *guise,
	struct cor_asked *ret);

/** A request of a path as it is. Returns as above. */
int cor_asked_plain(const struct cor_cli *cli, const char *method, const char *target,
	const struct cor_asked_guise *guise, struct cor_asked *ret);

#endif
