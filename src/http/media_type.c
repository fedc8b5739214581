/* SPDX-License-Identifier: MIT */
#include "http/media_type.h"

#include <coracle/error.h>

#include "http/fold.h"
#include "http/parameter.h"

int cor_media_parameter(struct cor_str parameters, struct cor_str name, struct cor_str *ret)
{
	struct cor_str found = { NULL, 0 }, key, value;
	int rc;

	while ((rc = cor_take_parameter(&parameters, &key, &value)) > 0)
		if (!found.data && cor_fold_equal(key, name))
			found = value;
	if (rc < 0 || parameters.len > 0)
		return -COR_ESYNTAX;
	if (!found.data)
		return 0;
	if (found.len > 0 && memchr(found.data, '\\', found.len))
		return -COR_ESYNTAX;
	*ret = found;
	return 1;
}

int cor_media_type_parse(struct cor_str text, struct cor_media_type *ret)
{
	struct cor_media_type media = { { text.data, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct cor_str half;

	if (!cor_take_token(&text, &half) || !cor_take_byte(&text, '/') ||
		!cor_take_token(&text, &half))
		return -COR_ESYNTAX;
	media.essence.len = (size_t)(text.data - media.essence.data);
	media.parameters = text;
	if (cor_media_parameter(text, COR_STR("charset"), &media.charset) < 0)
		return -COR_ESYNTAX;
	*ret = media;
	return 0;
}

bool cor_media_type_is(const struct cor_media_type *media, struct cor_str type)
{
	return cor_fold_equal(media->essence, type);
}
