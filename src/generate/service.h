/* SPDX-License-Identifier: MIT */
/** The operations of an OpenAPI document. Private to the generate folder. */
#ifndef CORACLE_GENERATE_SERVICE_H
#define CORACLE_GENERATE_SERVICE_H

#include <coracle/service.h>

#include "base/buffer.h"
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

/** What a body or an answer has in it: resource.c asks, answer.c knows. */
struct cor_gen_body cor_gen_body_of(
	struct cor_gen *gen, const struct cor_node *content, const char *hint);
/** The answers of an operation. */
void cor_gen_answers(
	struct cor_gen *gen, struct cor_gen_operation *operation, const struct cor_node *responses);
/** The input of an operation: its parameters, and its body. */
void cor_gen_input(struct cor_gen *gen, struct cor_gen_operation *operation,
	const struct cor_node *path_item, const struct cor_node *described,
	enum cor_gen_method method, const char *path);
/** Put a body into the struct of an operation's input or output, which has rows of headers. */
void cor_gen_add_body(struct cor_gen *gen, struct cor_gen_type *type, struct cor_gen_type *body);
/** A row of text: a parameter, or a header of an answer. Member, key and .from are there. */
void cor_gen_resolve_parameter(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_node *parameter, const char *hint);
/** What a node is, or what its $ref leads to. */
const struct cor_node *cor_gen_referred(struct cor_gen *gen, const struct cor_node *node);

/** NAME_service.c. */
void cor_gen_print_service(struct cor_gen *gen, struct cor_buffer *out);

#endif
