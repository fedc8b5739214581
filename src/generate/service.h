/* SPDX-License-Identifier: MIT */
/** The operations of an OpenAPI document. Private to the generate folder. */
#ifndef CORACLE_GENERATE_SERVICE_H
#define CORACLE_GENERATE_SERVICE_H

#include <coracle/service.h>

#include "generate/model.h"

enum cor_gen_method {
	COR_GEN_GET = 0,
	COR_GEN_PUT,
	COR_GEN_POST,
	COR_GEN_PATCH,
	COR_GEN_DELETE,
	COR_GEN_METHODS,
};

/** What an operation takes or gives: a type, or what has no JSON. */
struct cor_gen_body {
	enum { COR_GEN_NOTHING = 0, COR_GEN_JSON, COR_GEN_PLAIN, COR_GEN_BYTES } media;
	struct cor_gen_type *type; /* of COR_GEN_JSON */
	const char *content_type;  /* other than the usual one; NULL: that */
};

struct cor_gen_operation {
	const char *handler;
	const char *summary, *doc, *tag;
	struct cor_gen_body in, out;
	unsigned status; /* 0: the usual one */
	unsigned problems[COR_PROBLEMS_MAX];
	size_t problems_len;
	bool is_deprecated;
};

struct cor_gen_resource {
	struct cor_gen_resource *next;
	const char *path;
	const char *name; /* of its variable */
	struct cor_gen_operation *operations[COR_GEN_METHODS];
};

struct cor_gen_service {
	const char *version, *title, *doc;
	struct cor_gen_resource *resources, **end;
};

/** Read them, and make the types of their inputs. NULL if there are none, or no memory. */
struct cor_gen_service *cor_gen_service(struct cor_gen *gen);

/** What a node is, or what its $ref leads to. */
const struct cor_node *cor_gen_referred(struct cor_gen *gen, const struct cor_node *node);

#endif
