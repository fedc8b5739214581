/* SPDX-License-Identifier: MIT */
/* expect: (value|not a structure) */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	int64_t member;
#else
	cor_opt(int64_t) member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_OPT_FIELD(struct thing, member),
};
