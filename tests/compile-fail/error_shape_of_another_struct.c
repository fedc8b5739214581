/* SPDX-License-Identifier: MIT */
/* expect: must be int tell.struct cor_ctx ., const struct cor_error_answer ., .the type of */
/* told: ^25: tell: its third argument is struct other \*; */
/* told: ; it must be struct failure \*, the type of failure_schema$ */
#include <coracle/error_shape.h>

struct failure {
	const char *error;
};
struct other {
	const char *error;
};
static const struct cor_field failure_fields[] = { COR_FIELD(struct failure, error) };
COR_LOCAL_SCHEMA(failure_schema, struct failure, failure_fields);

#ifdef MISTAKE
static int tell(struct cor_ctx *ctx, const struct cor_error_answer *error, struct other *ret)
#else
static int tell(struct cor_ctx *ctx, const struct cor_error_answer *error, struct failure *ret)
#endif
{
	ret->error = error->detail;
	return ctx ? 0 : -1;
}
COR_ERROR_SHAPE(own_errors, tell, failure_schema);

const struct cor_error_shape *use(void);
const struct cor_error_shape *use(void)
{
	return &own_errors;
}
