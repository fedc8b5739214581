/* SPDX-License-Identifier: MIT */
/* expect: cor_enum_name */
#include <coracle/language.h>
#include <coracle/schema.h>

static const struct cor_text texts[] = { { .code = "required", .text = "fehlt" } };
static const struct cor_enum_name names[] = { { "required", 1 } };
#ifdef MISTAKE
static const struct cor_language german = COR_LANGUAGE("de", names);
#else
static const struct cor_language german = COR_LANGUAGE("de", texts);
#endif

const void *use(int which);
const void *use(int which)
{
	return which ? (const void *)names : (const void *)&german;
}
