/* SPDX-License-Identifier: MIT */
/* expect: the handler must be int get_book.struct cor_ctx ., const .the type of */
/* told: ^34: the handler get_book: its second argument is struct ref \*; */
/* told: ; it must be const struct ref \*, the type of ref_schema$ */
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
static int get_book(struct cor_ctx *ctx, struct ref *ref, struct book *book)
{
	(void)ctx;
	book->id = ref->id;
	return 0;
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
