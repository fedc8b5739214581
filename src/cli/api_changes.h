/* SPDX-License-Identifier: MIT */
/**
 * What differs between two OpenAPI documents, judged: does it break clients that were written for
 * the older one? docs/command.md has the rules.
 *
 * Documents are of OpenAPI 3.0 or 3.1. Sans-I/O; never yields.
 */
#ifndef CORACLE_CLI_API_CHANGES_H
#define CORACLE_CLI_API_CHANGES_H

#include <coracle/json_node.h>

#include "cli/cli.h"

#define COR_API_CHANGES_MAX 10000 /* further ones are counted */

struct cor_api_change {
	bool breaks;
	const char *where; /* "POST /books" */
	const char *text;  /* "body /title: ..." */
};

/** Who writes what a schema describes. */
enum cor_api_way {
	COR_API_INPUT,  /* clients: it may become wider */
	COR_API_OUTPUT, /* the service: it may become narrower */
};

struct cor_api_changes {
	const struct cor_cli *cli;
	const struct cor_node *before, *after; /* the documents */
	const char *where;                     /* of what is compared now */
	struct cor_api_change *items;
	size_t len;
	size_t breaking; /* how many of them all */
	size_t compatible;
	struct cor_api_pair *seen; /* schemas that were compared already */
	size_t seen_len;
	unsigned depth;
};

/** Compare `before` and `after`, which stand in *changes already, with the cli. */
void cor_api_compare(struct cor_api_changes *changes);

/** Add one. */
void cor_api_breaks(struct cor_api_changes *changes, const char *format, ...) COR_PRINTF(2, 3);
void cor_api_allows(struct cor_api_changes *changes, const char *format, ...) COR_PRINTF(2, 3);

/** The text of a node as JSON, or of a string as it is; "" for NULL. */
const char *cor_api_text(const struct cor_cli *cli, const struct cor_node *node);

#endif
