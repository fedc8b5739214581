/* SPDX-License-Identifier: MIT */
/* expect: the handler must be int get_book.struct cor_ctx ., const .the type of */
/* told: ^33: the handler get_book: its result is unsigned int; */
/* told: ; it must be int; it has 2 arguments, and must have 3: int get_book\(struct cor_ctx */
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

#ifdef MISTAKE
static unsigned get_book(struct cor_ctx *ctx, const struct ref *ref)
{
	(void)ctx;
	return ref->id == 0;
}
#else
static int get_book(struct cor_ctx *ctx, const struct ref *ref, struct book *book)
{
	(void)ctx;
	book->id = ref->id;
	return 0;
}
#endif
COR_OPERATION(get_book_operation, get_book, ref_schema, book_schema);

extern const struct cor_resource books;
const struct cor_resource books = { .path = "/books/{id}", .get = &get_book_operation };
