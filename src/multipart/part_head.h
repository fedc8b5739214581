/* SPDX-License-Identifier: MIT */
/**
 * The header lines of a part (RFC 7578 section 4), which say what it is. Nothing here yields or
 * allocates.
 */
#ifndef CORACLE_MULTIPART_PART_HEAD_H
#define CORACLE_MULTIPART_PART_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/api.h>
#include <coracle/str.h>

#define COR_PART_LINES_MAX 32

/** What a part is; texts are UTF-8 with a NUL behind them. */
struct cor_part_head {
	const char *name;
	const char *file_name; /* see cor_part_file_name(); NULL: it has none */
	const char *type;      /* in lower case, without parameters; NULL: it does not say */
	bool is_utf8;          /* its charset, if it names one */
};

/**
 * Parse whole lines, each with its CRLF, and not the empty one behind them: in place, so `lines`
 * belongs to *ret.
 * Returns 0, -COR_ESYNTAX, -COR_ETOOLARGE (more lines than COR_PART_LINES_MAX) or -EOPNOTSUPP (an
 * encoding, or parts inside of the part): then *ret_fault says what to do.
 */
int cor_part_head_parse(
	char *lines, size_t len, struct cor_part_head *ret, const char **ret_fault) COR_CHECKED;

/**
 * A file's name as it may be shown: its last component, behind any / and \, without controls; ""
 * for "." and "..". In place. Never a path, but not a good name for a file either: it is what a
 * client says.
 */
const char *cor_part_file_name(char *name);

#endif
