/* SPDX-License-Identifier: MIT */
/** Files that bodies of the requests before name: "< ./photo.jpg". */
#ifndef CORACLE_BEFORE_INCLUSION_H
#define CORACLE_BEFORE_INCLUSION_H

#include "before/file.h"

/**
 * Read the file of a line "< PATH", to be sent at `at` of the body of `request`. Returns 0,
 * -ENOMEM, or -COR_EINVALID: before->fault says what is wrong.
 */
int cor_before_include(struct cor_before *before, struct cor_before_request *request, unsigned line,
	struct cor_str path, size_t at) COR_CHECKED;

#endif
