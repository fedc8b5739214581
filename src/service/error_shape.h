/* SPDX-License-Identifier: MIT */
/** Error answers in the shape that the service has chosen. Nothing here yields. */
#ifndef CORACLE_SERVICE_ERROR_SHAPE_H
#define CORACLE_SERVICE_ERROR_SHAPE_H

#include <coracle/error_shape.h>

#include "base/buffer.h"
#include "exchange/exchange.h"
#include "exchange/problem_json.h"

/** A shape of the library's own. */
struct cor_error_writer {
	/** Append the JSON. Returns 0 or -ENOMEM; errors go into the buffer as well. */
	int (*write)(struct cor_buffer *buffer, struct cor_arena *arena,
		const struct cor_problem_text *problem);
	/** Append its JSON Schema, whose name among the components is given. */
	void (*describe)(struct cor_buffer *buffer, const char *name);
};

extern const struct cor_error_writer cor_marshmallow_writer, cor_restx_writer;

/** The status of a request that breaks rules. */
uint16_t cor_error_invalid_status(const struct cor_service *service);

/** The media type of errors. */
struct cor_str cor_error_media_type(const struct cor_service *service);

/**
 * Append the error in the service's shape; where that fails, the problem, and the log says why.
 * Returns its media type. Errors go into the buffer.
 */
struct cor_str cor_error_write(
	struct cor_exchange *x, const struct cor_problem_text *problem, struct cor_buffer *buffer);

#endif
