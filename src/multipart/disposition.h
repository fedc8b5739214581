/* SPDX-License-Identifier: MIT */
/**
 * Content-Disposition of a part (RFC 7578 section 4.2), as browsers, curl and libraries write it.
 * Private to the multipart folder.
 */
#ifndef CORACLE_MULTIPART_DISPOSITION_H
#define CORACLE_MULTIPART_DISPOSITION_H

#include <coracle/api.h>
#include <coracle/str.h>

struct cor_disposition {
	const char *name;      /* NUL behind it */
	const char *file_name; /* as sent, but unescaped; NULL: none */
};

/**
 * Parse the value of a header line, in place: names are unescaped, and a NUL put behind them, for
 * which the byte behind the value must be there. Values hold no controls but HTAB.
 *
 * In quotes %22, %0D and %0A stand for what browsers write so (the HTML standard, "multipart form
 * data"), \" and \\ for what others do; any other backslash for itself, and so does one before the
 * last quote: a file may be called so. filename* goes before filename (RFC 6266 section 4.3): forms
 * must not have it (RFC 7578 section 4.2), and .NET's clients send both with every file. Returns 0,
 * or -COR_ESYNTAX with the fault.
 */
int cor_disposition_parse(
	struct cor_str value, struct cor_disposition *ret, const char **ret_fault) COR_CHECKED;

#endif
