/* SPDX-License-Identifier: MIT */
/** What stands between the parts (RFC 2046 section 5.1.1). Nothing here yields or allocates. */
#ifndef CORACLE_MULTIPART_BOUNDARY_H
#define CORACLE_MULTIPART_BOUNDARY_H

#include <stdbool.h>

#include <coracle/api.h>
#include <coracle/str.h>

#define COR_BOUNDARY_MAX 70

/** Whether a Content-Type is multipart/form-data, whatever its parameters are. */
bool cor_is_multipart_form(struct cor_str content_type);

/**
 * The boundary that a Content-Type of multipart/form-data names. Returns 0, or -COR_ESYNTAX:
 * then *ret_fault says what is wrong, and what to do.
 */
int cor_multipart_boundary(
	struct cor_str content_type, struct cor_str *ret, const char **ret_fault) COR_CHECKED;

#endif
