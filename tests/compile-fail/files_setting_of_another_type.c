/* SPDX-License-Identifier: MIT */
/* expect gcc: ._Generic. selector of type .int64_t \*. .* is not compatible with any association */
/* expect clang: controlling expression type .* not compatible with any generic association type */
#include <coracle/coracle.h>

struct settings {
	const char *folder;
	int64_t size;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, folder),
	COR_FIELD(struct settings, size),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

extern const struct cor_files assets;
const struct cor_files assets = {
	.path = "/assets",
#ifdef MISTAKE
	.setting = COR_FOLDER_SETTING(settings_schema, size),
#else
	.setting = COR_FOLDER_SETTING(settings_schema, folder),
#endif
};
