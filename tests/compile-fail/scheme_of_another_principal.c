/* SPDX-License-Identifier: MIT */
/* expect: the check must be int check_token.struct cor_ctx ., const char .*, .the type of */
/* told: ^27: the check check_token: its third argument is struct user \*; */
/* told: ; it must be struct book \*, the type of book_schema$ */
#include <coracle/coracle.h>

struct user {
	int64_t id;
};
static const struct cor_field user_fields[] = { COR_FIELD(struct user, id) };
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

struct book {
	int64_t id;
};
static const struct cor_field book_fields[] = { COR_FIELD(struct book, id) };
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);

static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
{
	(void)ctx, (void)token;
	user->id = 1;
	return 0;
}
extern const struct cor_security_scheme token_scheme;
#ifdef MISTAKE
COR_BEARER(token_scheme, check_token, book_schema);
#else
COR_BEARER(token_scheme, check_token, user_schema);
#endif

extern const struct cor_schema *const schemas[];
const struct cor_schema *const schemas[] = { &user_schema.schema, &book_schema.schema };
