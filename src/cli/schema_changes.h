/* SPDX-License-Identifier: MIT */
/** What differs between two schemas of documents, judged. */
#ifndef CORACLE_CLI_SCHEMA_CHANGES_H
#define CORACLE_CLI_SCHEMA_CHANGES_H

#include "cli/api_changes.h"

/**
 * Compare two schemas; NULL is one that takes anything. `at` says where they stand: "body /title".
 * Never yields.
 */
void cor_schema_compare(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after, enum cor_api_way way, const char *at);

#endif
