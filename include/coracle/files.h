/* SPDX-License-Identifier: MIT */
/**
 * Static files: a folder, or files that were built into the program, under a path of the service.
 *
 *     static const struct cor_files assets = {
 *             .path = "/assets",
 *             .folder = "assets",
 *             .cache_control = "public, max-age=31536000, immutable",
 *     };
 *     static const struct cor_files page = {
 *             .path = "/",
 *             .folder = "page",
 *             .fallback = "index.html",
 *     };
 *
 *     static const struct cor_service shop = {
 *             ...
 *             .files = COR_FILES(&assets, &page),
 *     };
 *
 * GET and HEAD are answered, with ETag and Last-Modified, conditions (RFC 9110 section 13) and
 * ranges (section 14); OPTIONS too; any other method is a 405. The service's middleware runs around
 * all of it. A resource of the service goes before a file, and the longest path before a shorter.
 * The OpenAPI document leaves files out: it describes operations.
 *
 * What is served: regular files that the process may read. What is not, is a 404: names that begin
 * with a dot (but for a first /.well-known, RFC 8615), what a symbolic link leads to outside the
 * folder, names with a backslash, empty segments. A path with "." or "..", a %00 or a broken '%' is
 * a 400. There are no listings. A folder without its slash is sent to the one with it (301).
 *
 * A folder is opened once, at the start of each process: to put another in its place takes a
 * reload. Files in it may come, go and change at any time: put a new one in the old one's place
 * with rename(2), and each answer is wholly the old or wholly the new. An answer whose file shrinks
 * is cut, with a line in the log.
 */
#ifndef CORACLE_FILES_H
#define CORACLE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_cors;
struct cor_middleware;
struct cor_schema;
struct cor_security;

/** What the names that end in .extension are: Content-Type. */
struct cor_file_type {
	const char *extension;  /* without the dot, in lower case */
	const char *media_type; /* "text/x-c; charset=utf-8" */
};

/** A file that was built into the program, by coracle-embed. */
struct cor_embedded_file {
	const char *name; /* "css/shop.css" */
	const void *bytes;
	size_t len;
	const char *etag; /* of the bytes, with its quotes */
};

/** All files of a folder, ordered by the bytes of their names. */
struct cor_embedded_files {
	const struct cor_embedded_file *items;
	size_t len;
};

/** COR_FOLDER_SETTING(schema, member). */
struct cor_folder_setting {
	const struct cor_schema *schema;
	size_t offset;
};

/** Files under a path: constant data. */
struct cor_files {
	/** "/assets", or "/" for all that is not a resource; without {names}. */
	const char *path;
	/** Relative to where the process is started. */
	const char *folder;
	/**
	 * COR_FOLDER_SETTING(shop_settings_schema, assets): the member of the service's settings, a
	 * const char *, that says where the folder is. While that is NULL or empty, .folder counts.
	 */
	struct cor_folder_setting setting;
	/** A folder in it, of which alone files are served: "static". NULL: all of it is. */
	const char *subfolder;
	/** &assets_files, which coracle-embed has made: no folder is needed. */
	const struct cor_embedded_files *embedded;

	/** What a folder shows. NULL: "index.html"; "": nothing, a 404. */
	const char *index;
	/**
	 * What is shown, with a 200, where there is nothing, for pages that know their paths
	 * themselves: "index.html". It does not take the place of a missing file: a path whose last
	 * segment has a dot is a 404 still. NULL: nothing.
	 */
	const char *fallback;
	/**
	 * Cache-Control of each answer, unless a middleware has set one: "no-cache" lets clients
	 * ask with their ETag each time. NULL: none, and clients guess.
	 */
	const char *cache_control;
	/**
	 * NAME.br, NAME.zst and NAME.gz beside NAME are the same, compressed, for clients that
	 * accept it (Accept-Encoding with its weights; of equal ones br, then zst). One that is
	 * empty or older than NAME is not used. Answers say Vary: Accept-Encoding. Not looked for
	 * where the type is compressed itself, such as image/png.
	 */
	bool precompressed;
	/**
	 * So much of files of 64 KiB at most is kept in memory, in each thread. A file that has
	 * changed is noticed within a second. 0: each request asks whether the file is still the
	 * same, and 256 KiB of files of 16 KiB at most are kept.
	 */
	uint32_t memory_bytes;
	/** COR_FILE_TYPES({ "md", "text/markdown; charset=utf-8" }): besides the usual ones. */
	const struct cor_file_type *types;
	/** COR_MIDDLEWARE(...), inside that of the service. */
	const struct cor_middleware *const *middleware;
	/** COR_SECURITY(...), or COR_PUBLIC: who may read them. NULL: as the service has it. */
	const struct cor_security *security;
	/** Pages of other origins that may read them (cors.h). NULL: as the service has it. */
	const struct cor_cors *cors;
};

/* clang-format off */

/** For .files of the service. */
#define COR_FILES(...) \
	(const struct cor_files *const[]) { __VA_ARGS__, NULL }

/** For .types. */
#define COR_FILE_TYPES(...) \
	(const struct cor_file_type[]) { __VA_ARGS__, { NULL, NULL } }

/** For .setting. */
#define COR_FOLDER_SETTING(schema_, member_) \
	{ \
		.schema = &(schema_).schema, \
		.offset = offsetof(__typeof__(*(schema_).type), member_) + \
			0 * sizeof(_Generic(&((__typeof__(*(schema_).type) *)0)->member_, \
				const char **: 0)), \
	}

/* clang-format on */

COR_END_DECLS
#endif
