/* SPDX-License-Identifier: MIT */
/** The path and query of a call, written from its template and its struct. */
#ifndef CORACLE_CLIENT_TARGET_H
#define CORACLE_CLIENT_TARGET_H

#include <coracle/arena.h>
#include <coracle/client.h>
#include <coracle/str.h>

#include "schema/encode.h"

/**
 * Write them, in the arena: "/books/7" and "full=1". Returns 0, -ENOMEM, or -EINVAL: *why says what
 * contradicts itself.
 */
int cor_target_write(struct cor_arena *arena, const struct cor_http_call *call,
	enum cor_from default_from, struct cor_str *ret_path, struct cor_str *ret_query,
	struct cor_encode_fault *why) COR_CHECKED;

#endif
