/* SPDX-License-Identifier: MIT */
#include "dialect/dialect.h"

#include <coracle/error.h>

#include "dialect/openapi30.h"
#include "dialect/postman.h"
#include "dialect/swagger20.h"

static void write_document(const struct cor_rewrite *to)
{
	switch (to->dialect) {
	case COR_DIALECT_OPENAPI_3_0:
		cor_rewrite_openapi30(to);
		break;
	case COR_DIALECT_SWAGGER_2_0:
		cor_rewrite_swagger20(to);
		break;
	default:
		cor_rewrite_postman(to);
	}
}

int cor_dialect_write(enum cor_dialect dialect, struct cor_str document, struct cor_arena *arena,
	struct cor_buffer *buffer)
{
	const struct cor_node_options options = { .depth_max = COR_NODE_DEPTH_MAX, .borrow = true };
	struct cor_node *root;
	int rc = cor_node_parse(arena, document, &options, &root, NULL);

	if (rc < 0)
		return rc;
	if (cor_node_type(root) != COR_JSON_OBJECT)
		return -COR_EINVALID;
	const struct cor_rewrite to = { .root = root, .buffer = buffer, .dialect = dialect };
	write_document(&to);
	return cor_buffer_error(buffer);
}
