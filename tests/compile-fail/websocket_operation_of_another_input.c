/* SPDX-License-Identifier: MIT */
/* expect: the handler must be int talk.struct cor_ctx ., const .the type of book_schema */
/* told: ^25: the handler talk: its second argument is const struct ref \*; */
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

static int talk(struct cor_ctx *ctx, const struct ref *ref, struct cor_websocket *ws)
{
	(void)ctx, (void)ref;
	return cor_websocket_accept(ws);
}
#ifdef MISTAKE
COR_WEBSOCKET_OPERATION(talk_operation, talk, book_schema);
#else
COR_WEBSOCKET_OPERATION(talk_operation, talk, ref_schema);
#endif

extern const struct cor_resource books;
const struct cor_resource books = { .path = "/books/{id}", .get = &talk_operation };
extern const struct cor_schema *const more[];
const struct cor_schema *const more[] = { &book_schema.schema, NULL };
