/* SPDX-License-Identifier: MIT */
/* expect: (short|short int|int16_t) \* */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	int16_t member;
#else
	int32_t member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, member),
};
