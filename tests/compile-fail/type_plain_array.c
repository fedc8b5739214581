/* SPDX-License-Identifier: MIT */
/* expect: (long|long int|int64_t) ?\(\*\)\[4\] */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	int64_t member[4];
#else
	char member[4];
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, member),
};
