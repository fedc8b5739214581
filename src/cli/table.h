/* SPDX-License-Identifier: MIT */
/** Tables for people: rows of texts, in columns as wide as they need. */
#ifndef CORACLE_CLI_TABLE_H
#define CORACLE_CLI_TABLE_H

#include "cli/cli.h"

#define COR_TABLE_COLUMNS_MAX 7

struct cor_table {
	const char *const *heads; /* of the columns */
	size_t columns;
	const char *(*rows)[COR_TABLE_COLUMNS_MAX];
	size_t len;
};

/** Append it. Where standard output is a terminal with colours, the heads stand out. */
void cor_table_write(const struct cor_table *table, struct cor_buffer *buffer);

#endif
