/* SPDX-License-Identifier: MIT */
/* expect: const (long|long int|int64_t) \* */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	const int64_t member;
#else
	int64_t member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, member),
};
