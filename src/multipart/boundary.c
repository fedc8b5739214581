/* SPDX-License-Identifier: MIT */
#include "multipart/boundary.h"

#include <string.h>

#include <coracle/error.h>

#include "http/media_type.h"

bool cor_is_multipart_form(struct cor_str content_type)
{
	struct cor_media_type media;

	return cor_media_type_parse(content_type, &media) == 0 &&
	       cor_media_type_is(&media, COR_STR("multipart/form-data"));
}

/* bchars; a space is not the last of them. */
static bool is_good(struct cor_str boundary)
{
	static const char specials[] = "'()+_,-./:=? ";

	for (size_t i = 0; i < boundary.len; i++) {
		char byte = boundary.data[i];
		bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
		if (!is_letter && !(byte >= '0' && byte <= '9') &&
			!memchr(specials, byte, sizeof specials - 1))
			return false;
	}
	return boundary.data[boundary.len - 1] != ' ';
}

static int fail(const char **ret_fault, const char *fault)
{
	*ret_fault = fault;
	return -COR_ESYNTAX;
}

int cor_multipart_boundary(struct cor_str content_type, struct cor_str *ret, const char **ret_fault)
{
	struct cor_media_type media;
	struct cor_str boundary = { "", 0 };
	int found = cor_media_type_parse(content_type, &media);

	if (found == 0)
		found = cor_media_parameter(media.parameters, COR_STR("boundary"), &boundary);
	if (found <= 0)
		return fail(ret_fault,
			"Content-Type names no boundary: leave the header to what makes the form");
	if (boundary.len == 0 || boundary.len > COR_BOUNDARY_MAX || !is_good(boundary))
		return fail(ret_fault,
			"the boundary in Content-Type is not 1 to 70 characters of RFC 2046 section 5.1.1");
	*ret = boundary;
	return 0;
}
