/* SPDX-License-Identifier: MIT */
#include "files/types.h"

#include <string.h>

#define EXTENSION_MAX 15

struct row {
	const char *extension;
	struct cor_str media_type;
	bool is_compressed;
};

/* clang-format off */

/* Ordered by extension. Text is UTF-8, as everything else here. */
static const struct row rows[] = {
	{ "7z", COR_STR("application/x-7z-compressed"), true },
	{ "aac", COR_STR("audio/aac"), true },
	{ "apng", COR_STR("image/apng"), true },
	{ "atom", COR_STR("application/atom+xml"), false },
	{ "avif", COR_STR("image/avif"), true },
	{ "bin", COR_STR("application/octet-stream"), false },
	{ "bmp", COR_STR("image/bmp"), false },
	{ "br", COR_STR("application/octet-stream"), true },
	{ "bz2", COR_STR("application/x-bzip2"), true },
	{ "css", COR_STR("text/css; charset=utf-8"), false },
	{ "csv", COR_STR("text/csv; charset=utf-8"), false },
	{ "doc", COR_STR("application/msword"), false },
	{ "docx", COR_STR("application/vnd.openxmlformats-officedocument.wordprocessingml.document"), true },
	{ "eot", COR_STR("application/vnd.ms-fontobject"), false },
	{ "epub", COR_STR("application/epub+zip"), true },
	{ "flac", COR_STR("audio/flac"), true },
	{ "gif", COR_STR("image/gif"), true },
	{ "gz", COR_STR("application/gzip"), true },
	{ "heic", COR_STR("image/heic"), true },
	{ "htm", COR_STR("text/html; charset=utf-8"), false },
	{ "html", COR_STR("text/html; charset=utf-8"), false },
	{ "ico", COR_STR("image/x-icon"), false },
	{ "ics", COR_STR("text/calendar; charset=utf-8"), false },
	{ "jar", COR_STR("application/java-archive"), true },
	{ "jpeg", COR_STR("image/jpeg"), true },
	{ "jpg", COR_STR("image/jpeg"), true },
	{ "js", COR_STR("text/javascript; charset=utf-8"), false },
	{ "json", COR_STR("application/json"), false },
	{ "jsonld", COR_STR("application/ld+json"), false },
	{ "jxl", COR_STR("image/jxl"), true },
	{ "m3u8", COR_STR("application/vnd.apple.mpegurl"), false },
	{ "m4a", COR_STR("audio/mp4"), true },
	{ "m4v", COR_STR("video/mp4"), true },
	{ "map", COR_STR("application/json"), false },
	{ "md", COR_STR("text/markdown; charset=utf-8"), false },
	{ "mid", COR_STR("audio/midi"), false },
	{ "mjs", COR_STR("text/javascript; charset=utf-8"), false },
	{ "mkv", COR_STR("video/x-matroska"), true },
	{ "mov", COR_STR("video/quicktime"), true },
	{ "mp3", COR_STR("audio/mpeg"), true },
	{ "mp4", COR_STR("video/mp4"), true },
	{ "mpeg", COR_STR("video/mpeg"), true },
	{ "oga", COR_STR("audio/ogg"), true },
	{ "ogg", COR_STR("audio/ogg"), true },
	{ "ogv", COR_STR("video/ogg"), true },
	{ "opus", COR_STR("audio/ogg"), true },
	{ "otf", COR_STR("font/otf"), false },
	{ "pdf", COR_STR("application/pdf"), true },
	{ "png", COR_STR("image/png"), true },
	{ "ppt", COR_STR("application/vnd.ms-powerpoint"), false },
	{ "pptx", COR_STR("application/vnd.openxmlformats-officedocument.presentationml.presentation"), true },
	{ "ps", COR_STR("application/postscript"), false },
	{ "rss", COR_STR("application/rss+xml"), false },
	{ "rtf", COR_STR("application/rtf"), false },
	{ "svg", COR_STR("image/svg+xml"), false },
	{ "tar", COR_STR("application/x-tar"), false },
	{ "tif", COR_STR("image/tiff"), false },
	{ "tiff", COR_STR("image/tiff"), false },
	{ "ts", COR_STR("video/mp2t"), true },
	{ "ttf", COR_STR("font/ttf"), false },
	{ "txt", COR_STR("text/plain; charset=utf-8"), false },
	{ "vtt", COR_STR("text/vtt; charset=utf-8"), false },
	{ "wasm", COR_STR("application/wasm"), false },
	{ "wav", COR_STR("audio/wav"), false },
	{ "weba", COR_STR("audio/webm"), true },
	{ "webm", COR_STR("video/webm"), true },
	{ "webmanifest", COR_STR("application/manifest+json"), false },
	{ "webp", COR_STR("image/webp"), true },
	{ "woff", COR_STR("font/woff"), true },
	{ "woff2", COR_STR("font/woff2"), true },
	{ "xhtml", COR_STR("application/xhtml+xml"), false },
	{ "xls", COR_STR("application/vnd.ms-excel"), false },
	{ "xlsx", COR_STR("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), true },
	{ "xml", COR_STR("text/xml; charset=utf-8"), false },
	{ "xz", COR_STR("application/x-xz"), true },
	{ "yaml", COR_STR("application/yaml"), false },
	{ "yml", COR_STR("application/yaml"), false },
	{ "zip", COR_STR("application/zip"), true },
	{ "zst", COR_STR("application/zstd"), true },
};

/* clang-format on */

static const struct row *find_row(const char *extension)
{
	size_t low = 0, high = sizeof rows / sizeof rows[0];

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(extension, rows[middle].extension);
		if (order == 0)
			return &rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* In lower case; empty if there is none. */
static void take_extension(struct cor_str name, char ret[EXTENSION_MAX + 1])
{
	size_t begin = name.len;

	ret[0] = '\0';
	while (begin != 0 && name.data[begin - 1] != '.' && name.data[begin - 1] != '/')
		begin--;
	size_t len = name.len - begin;
	if (begin == 0 || name.data[begin - 1] != '.' || len > EXTENSION_MAX)
		return;
	for (size_t i = 0; i < len; i++) {
		char byte = name.data[begin + i];
		ret[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
	}
	ret[len] = '\0';
}

struct cor_type_of_file cor_file_type_find(struct cor_str name, const struct cor_file_type *more)
{
	char extension[EXTENSION_MAX + 1];

	take_extension(name, extension);
	for (; more && more->extension; more++)
		if (strcmp(more->extension, extension) == 0)
			return (struct cor_type_of_file){ cor_str(more->media_type), false };
	const struct row *row = find_row(extension);
	if (row)
		return (struct cor_type_of_file){ row->media_type, row->is_compressed };
	return (struct cor_type_of_file){ COR_STR("application/octet-stream"), false };
}

bool cor_file_type_at(size_t at, const char **ret_extension, struct cor_type_of_file *ret)
{
	if (at >= sizeof rows / sizeof rows[0])
		return false;
	*ret_extension = rows[at].extension;
	*ret = (struct cor_type_of_file){ rows[at].media_type, rows[at].is_compressed };
	return true;
}
