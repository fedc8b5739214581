/* SPDX-License-Identifier: MIT */
#include "files/embedded.h"

#include <errno.h>
#include <string.h>

/* The first whose name is not before `name`. */
static size_t place_of(const struct cor_embedded_files *files, const char *name)
{
	size_t low = 0, high = files->len;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (strcmp(files->items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Other names may stand between a folder's name and those of its files: "a", "a.js", "a/b". */
static bool is_folder(const struct cor_embedded_files *files, size_t at, struct cor_str name)
{
	for (; at < files->len; at++) {
		const char *other = files->items[at].name;
		if (strncmp(other, name.data, name.len) != 0)
			return false;
		if (other[name.len] == '/')
			return true;
	}
	return false;
}

int cor_embedded_find(
	const struct cor_embedded_files *files, struct cor_str name, struct cor_file *ret)
{
	size_t at = place_of(files, name.data);

	if (at == files->len || strcmp(files->items[at].name, name.data) != 0)
		return is_folder(files, at, name) ? -EISDIR : -ENOENT;
	const struct cor_embedded_file *file = &files->items[at];
	*ret = (struct cor_file){
		.fd = -1,
		.bytes = file->bytes,
		.lasts = true,
		.size = (int64_t)file->len,
		.modified_ns = -1,
		.etag = file->etag,
	};
	return 0;
}

bool cor_embedded_is_ordered(const struct cor_embedded_files *files)
{
	for (size_t i = 1; i < files->len; i++)
		if (strcmp(files->items[i - 1].name, files->items[i].name) >= 0)
			return false;
	return true;
}
