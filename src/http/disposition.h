/* SPDX-License-Identifier: MIT */
/** Content-Disposition of an answer (RFC 6266): a file, and what it is called. Never yields. */
#ifndef CORACLE_HTTP_DISPOSITION_H
#define CORACLE_HTTP_DISPOSITION_H

#include <coracle/str.h>

#define COR_DISPOSITION_NAME_BYTES 255 /* of a longer name the front is taken */
#define COR_DISPOSITION_BYTES      (64 + 4 * COR_DISPOSITION_NAME_BYTES)

/**
 * Write type; filename="name", and where that is not all of it filename*=UTF-8''name (RFC 8187)
 * behind it. What would make a path of a name, or end it, is a '_' in both: slashes and control
 * characters; bytes that are no UTF-8, too. The answer is in `out`.
 */
struct cor_str cor_disposition_print(
	char out[COR_DISPOSITION_BYTES], const char *type, struct cor_str name);

#endif
