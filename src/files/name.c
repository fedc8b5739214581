/* SPDX-License-Identifier: MIT */
#include "files/name.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "http/uri.h"

#define WELL_KNOWN ".well-known" /* RFC 8615 */

/* Take what stands before the next slash off the front. */
static struct cor_str take_segment(struct cor_str *rest)
{
	const char *slash = rest->len != 0 ? memchr(rest->data, '/', rest->len) : NULL;
	size_t len = slash ? (size_t)(slash - rest->data) : rest->len;
	struct cor_str segment = { rest->data, len };

	rest->data += len;
	rest->len -= len;
	return segment;
}

size_t cor_file_path_segments(const char *path)
{
	size_t count = 0;

	for (const char *at = path; *at; at++)
		count += at[0] == '/' && at[1] != '\0';
	return count;
}

/* An encoded slash would be one more in the name. */
static bool has_encoded_slash(struct cor_str text)
{
	for (size_t i = 0; i + 2 < text.len; i++)
		if (text.data[i] == '%' && text.data[i + 1] == '2' &&
			(text.data[i + 2] | 0x20) == 'f')
			return true;
	return false;
}

static bool is_plain(struct cor_str segment, bool is_first)
{
	if (segment.len == 0 || memchr(segment.data, '\\', segment.len))
		return false;
	return segment.data[0] != '.' || (is_first && cor_str_equal(segment, COR_STR(WELL_KNOWN)));
}

/* Only the last segment may be empty: that of a folder. */
static bool is_plain_name(struct cor_str name)
{
	bool is_first = true;

	while (name.len != 0) {
		if (!is_plain(take_segment(&name), is_first))
			return false;
		if (name.len != 0) {
			name.data++;
			name.len--;
		}
		is_first = false;
	}
	return true;
}

int cor_file_name_take(
	struct cor_arena *arena, struct cor_str path, size_t skip, struct cor_file_name *ret)
{
	struct cor_file_name name = { 0 };

	for (; skip != 0 && path.len != 0; skip--) {
		path.data++;
		path.len--;
		take_segment(&path);
	}
	bool is_top = path.len == 0; /* without the slash behind it */
	if (!is_top) {
		path.data++;
		path.len--;
	}
	if (path.len >= PATH_MAX || has_encoded_slash(path))
		return -ENOENT;
	int rc = cor_uri_decode(arena, path, &name.text);
	if (rc < 0)
		return rc == -ENOMEM ? rc : -ENOENT;
	if (!is_plain_name(name.text))
		return -ENOENT;
	name.is_folder = !is_top &&
			 (name.text.len == 0 || name.text.data[name.text.len - 1] == '/');
	*ret = name;
	return 0;
}
