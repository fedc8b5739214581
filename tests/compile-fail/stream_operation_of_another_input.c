/* SPDX-License-Identifier: MIT */
/* expect: the handler must be int export.struct cor_ctx ., const .the type of book_schema */
/* told: ^26: the handler export: its second argument is const struct ref \*; */
/* told: ; it must be const struct book \*, the type of book_schema$ */
#include <coracle/coracle.h>

struct ref {
	int64_t id;
};
static const struct cor_field ref_fields[] = { COR_FIELD(struct ref, id, .from = COR_FROM_PATH) };
COR_LOCAL_SCHEMA(ref_schema, struct ref, ref_fields);

struct book {
	int64_t id;
};
static const struct cor_field book_fields[] = { COR_FIELD(struct book, id) };
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);

static int export(
	struct cor_ctx *ctx, const struct ref *ref, struct cor_body *body, struct cor_reply *reply)
{
	(void)ctx, (void)ref, (void)body;
	return cor_reply_start(reply, 0, NULL);
}
#ifdef MISTAKE
COR_STREAM_OPERATION(export_operation, export, book_schema);
#else
COR_STREAM_OPERATION(export_operation, export, ref_schema);
#endif

extern const struct cor_resource books;
const struct cor_resource books = { .path = "/books/{id}", .get = &export_operation };
extern const struct cor_schema *const more[];
const struct cor_schema *const more[] = { &book_schema.schema, NULL };
