/* SPDX-License-Identifier: MIT */
#include "service/error_shape.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/log.h>
#include <coracle/service.h>

#include "base/compiler.h"
#include "http/status.h"
#include "schema/encode.h"

const struct cor_error_shape cor_marshmallow_errors = { .writer = &cor_marshmallow_writer };
const struct cor_error_shape cor_restx_errors = {
	.invalid_status = 400,
	.writer = &cor_restx_writer,
};

uint16_t cor_error_invalid_status(const struct cor_service *service)
{
	return service && service->errors && service->errors->invalid_status
		       ? service->errors->invalid_status
		       : 422;
}

struct cor_str cor_error_media_type(const struct cor_service *service)
{
	if (!service || !service->errors)
		return COR_PROBLEM_MEDIA_TYPE;
	if (service->errors->content_type)
		return cor_str(service->errors->content_type);
	return COR_STR("application/json");
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static int fill_and_encode(struct cor_exchange *x, const struct cor_error_shape *shape,
	const struct cor_error_answer *error, struct cor_buffer *buffer,
	struct cor_encode_fault *fault)
{
	void *value = cor_arena_zalloc(&x->ctx.arena, shape->schema->size);
	int rc = value ? shape->fill(&x->ctx, error, value) : -ENOMEM;

	return rc != 0 ? rc
		       : cor_encode_answer(cor_ctx_codec(&x->ctx), shape->schema, &x->ctx, value,
				 buffer, fault);
}

/*
 * What the function records itself, or one of a computed member, is for the log: the answer is that
 * of the problem that came before, whose list it may not add to.
 */
static int write_filled(struct cor_exchange *x, const struct cor_error_shape *shape,
	const struct cor_problem_text *problem, struct cor_buffer *buffer)
{
	const struct cor_error_answer error = {
		.status = problem->status,
		.title = cor_status_reason(problem->status),
		.detail = or_empty(problem->detail),
		.request_id = or_empty(problem->request_id),
		.violations = problem->violations,
	};
	const struct cor_problem before = x->ctx.problem;
	const int code = x->ctx.problem_code;
	const bool has_defect = x->ctx.has_defect;
	struct cor_encode_fault fault = { { 0 } };

	x->ctx.problem.violations = NULL;
	x->ctx.has_defect = false;
	int rc = fill_and_encode(x, shape, &error, buffer, &fault);
	const char *why = rc == -COR_EPROBLEM ? x->ctx.problem.detail : fault.text;
	if (rc != 0)
		cor_log_error(&x->ctx, ".errors of the service: %s: %s", cor_errname(rc),
			why && why[0] ? why : "the client gets a problem instead");
	x->ctx.problem = before;
	x->ctx.problem_code = code;
	x->ctx.has_defect = has_defect;
	return rc;
}

COR_COLD struct cor_str cor_error_write(
	struct cor_exchange *x, const struct cor_problem_text *problem, struct cor_buffer *buffer)
{
	const struct cor_service *service = cor_ctx_service(&x->ctx);
	const struct cor_error_shape *shape = service ? service->errors : NULL;
	size_t before = buffer->len;
	int rc = 0;

	if (shape && shape->writer)
		rc = shape->writer->write(buffer, &x->ctx.arena, problem);
	else if (shape)
		rc = write_filled(x, shape, problem, buffer);
	if (shape && rc == 0)
		return cor_error_media_type(service);
	buffer->len = before;
	cor_problem_write_json(buffer, problem);
	return COR_PROBLEM_MEDIA_TYPE;
}
