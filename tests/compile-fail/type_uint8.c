/* SPDX-License-Identifier: MIT */
/* expect: cor_no_kind_use_uint32_t */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	uint8_t member;
#else
	uint32_t member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, member),
};
