/* SPDX-License-Identifier: MIT */
/* expect: cor_no_kind_use_const_char_pointer_or_char_array */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	cor_array(char *) member;
#else
	cor_array(const char *) member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_ARRAY(struct thing, member),
};
