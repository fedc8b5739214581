/* SPDX-License-Identifier: MIT */
/*
 * Static files. nginx sends those of whose answer it can tell all; whatever is odd, it leaves to
 * the service, which has the one and only rules: a missing file, a folder, a fallback, a method
 * other than GET, a hidden name, a link.
 */
#include "nginx/files.h"

#include <errno.h>
#include <string.h>

#include "context/context.h"
#include "files/server.h"
#include "files/types.h"
#include "nginx/locations.h"
#include "nginx/problems.h"
#include "nginx/text.h"
#include "nginx/upstream.h"

#define RANGES_MAX 16

/* As its service's settings name it: of one that is mounted they are its own. */
static const char *named_folder(const struct cor_nginx_site *site, const struct cor_place *place)
{
	const void *settings = place->environment ? place->environment->settings
						  : site->options->settings;

	return cor_files_folder(place->files->files, settings);
}

static bool has_variable(const struct cor_nginx_site *site, const struct cor_place *place)
{
	const struct cor_files *files = place->files->files;
	bool is_found = cor_nginx_is_variable(named_folder(site, place)) ||
			cor_nginx_is_variable(site->options->folder) ||
			cor_nginx_is_variable(files->path) ||
			cor_nginx_is_variable(files->subfolder) ||
			cor_nginx_is_variable(files->index) ||
			cor_nginx_is_variable(files->cache_control);

	for (const struct cor_file_type *type = files->types; type && type->extension; type++)
		is_found |= cor_nginx_is_variable(type->media_type);
	return is_found;
}

static const char *why_not(const struct cor_nginx_site *site, const struct cor_place *place)
{
	const struct cor_files *files = place->files->files;

	if (files->embedded)
		return "they are in the program";
	if (place->actions[COR_METHOD_GET].gate.ways)
		return "it asks who may read them";
	if (place->middleware_len != 0)
		return "its middleware stands around them";
	if (place->cors)
		return "it tells pages of other origins what they may";
	if (has_variable(site, place))
		return "nginx would take a $ in what is said of them for a variable";
	return NULL;
}

bool cor_nginx_sends(
	const struct cor_nginx_site *site, const struct cor_place *place, const char **ret_why)
{
	const char *why = place->files ? why_not(site, place) : "";

	if (ret_why)
		*ret_why = why;
	return !why;
}

/* --- types --- */

static bool is_own(const struct cor_file_type *own, const char *extension)
{
	while (own && own->extension && strcmp(own->extension, extension) != 0)
		own++;
	return own && own->extension;
}

static void write_type(struct cor_buffer *buffer, const char *indent, const char *media_type,
	const char *extension)
{
	cor_buffer_printf(buffer, "%s    ", indent);
	cor_nginx_word(buffer, media_type);
	cor_buffer_byte(buffer, ' ');
	cor_nginx_word(buffer, extension);
	cor_buffer_literal(buffer, ";\n");
}

static void write_types(
	struct cor_buffer *buffer, const char *indent, const struct cor_file_type *own)
{
	struct cor_type_of_file type;
	const char *extension;

	cor_buffer_printf(buffer, "%stypes {\n", indent);
	for (const struct cor_file_type *at = own; at && at->extension; at++)
		write_type(buffer, indent, at->media_type, at->extension);
	for (size_t i = 0; cor_file_type_at(i, &extension, &type); i++)
		if (!is_own(own, extension))
			write_type(buffer, indent, type.media_type.data, extension);
	cor_buffer_printf(buffer, "%s}\n", indent);
}

void cor_nginx_write_types(const struct cor_nginx_site *site)
{
	bool is_needed = false;

	for (size_t i = 0; i < site->places_len; i++)
		is_needed |= cor_nginx_is_here(site, site->places[i]) &&
			     cor_nginx_sends(site, site->places[i], NULL);
	if (!is_needed)
		return;
	cor_buffer_literal(site->buffer,
		"\n    # Files, with the types that the service gives them.\n"
		"    sendfile on;\n    tcp_nopush on;\n"
		"    default_type application/octet-stream;\n");
	write_types(site->buffer, "    ", NULL);
}

/* --- what is worked out of a request --- */

static const char *index_of(const struct cor_files *files)
{
	return files->index ? files->index : "index.html";
}

/* The names that would hardly become smaller; those of .types are others. */
static void write_vary_map(
	const struct cor_nginx_site *site, const struct cor_files *files, size_t at)
{
	struct cor_buffer *buffer = site->buffer;
	struct cor_type_of_file type;
	const char *extension;
	bool is_first = true;

	cor_buffer_printf(buffer, "map $uri $%s_vary_%zu {\n    \"~*\\.(?:", site->id, at);
	for (size_t i = 0; cor_file_type_at(i, &extension, &type); i++) {
		if (!type.is_compressed || is_own(files->types, extension))
			continue;
		cor_buffer_printf(buffer, "%s%s", is_first ? "" : "|", extension);
		is_first = false;
	}
	cor_buffer_literal(buffer, ")$\" \"\";\n    default Accept-Encoding;\n}\n");
}

void cor_nginx_write_file_maps(const struct cor_nginx_site *site)
{
	for (size_t i = 0; i < site->places_len; i++) {
		if (!cor_nginx_sends(site, site->places[i], NULL))
			continue;
		const struct cor_files *files = site->places[i]->files->files;
		if (index_of(files)[0]) {
			cor_buffer_printf(site->buffer, "map $uri $%s_index_%zu {\n    \"~/$\" ",
				site->id, i);
			cor_nginx_word(site->buffer, index_of(files));
			cor_buffer_literal(site->buffer, ";\n    default \"\";\n}\n");
		}
		if (files->precompressed)
			write_vary_map(site, files, i);
		cor_buffer_byte(site->buffer, '\n');
	}
}

/* --- the location --- */

/* The location's path, with the slash at its end. */
static const char *with_slash(const struct cor_nginx_site *site, const char *path)
{
	return strcmp(path, "/") == 0 ? path : cor_arena_printf(site->arena, "%s/", path);
}

static const char *folder_of(const struct cor_nginx_site *site, const struct cor_place *place)
{
	const struct cor_files *files = place->files->files;
	const char *folder = named_folder(site, place);
	const char *path = folder ? cor_nginx_absolute(site, folder) : NULL;

	if (path && files->subfolder)
		path = cor_arena_printf(site->arena, "%s/%s", path, files->subfolder);
	while (path && path[0] && path[strlen(path) - 1] == '/')
		path = cor_arena_copy(site->arena, path, strlen(path) - 1);
	return path;
}

static void write_index(const struct cor_nginx_site *site, const struct cor_files *files, size_t at)
{
	if (index_of(files)[0])
		cor_buffer_printf(site->buffer, "$%s_index_%zu", site->id, at);
}

/* The service compares dates and weights, and has the codings that nginx lacks. */
static void write_siblings(
	const struct cor_nginx_site *site, const struct cor_files *files, size_t at)
{
	static const char *const suffixes[] = { "br", "zst", "gz" };
	struct cor_buffer *buffer = site->buffer;

	cor_buffer_literal(buffer, "        # Beside a compressed one: the service compares their "
				   "dates, and what the client likes.\n");
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		cor_buffer_literal(buffer, "        if (-f \"$request_filename");
		write_index(site, files, at);
		cor_buffer_printf(buffer, ".%s\") { return 404; }\n", suffixes[i]);
	}
	cor_buffer_printf(buffer, "        add_header Vary $%s_vary_%zu;\n", site->id, at);
}

static void write_rules(const struct cor_nginx_site *site, const struct cor_files *files, size_t at)
{
	struct cor_buffer *buffer = site->buffer;

	cor_buffer_literal(buffer, "        try_files $uri");
	write_index(site, files, at);
	cor_buffer_printf(buffer, " =404;\n        error_page 403 404 405 = @%s;\n", site->id);
	cor_nginx_write_error_pages(site, "        ");
	cor_buffer_printf(
		buffer, "        if_modified_since before;\n        max_ranges %d;\n", RANGES_MAX);
	if (files->cache_control) {
		cor_buffer_literal(buffer, "        add_header Cache-Control ");
		cor_nginx_word(buffer, files->cache_control);
		cor_buffer_literal(buffer, ";\n");
	}
	if (files->types)
		write_types(buffer, "        ", files->types);
}

static int write_sent(const struct cor_nginx_site *site, size_t at)
{
	const struct cor_files *files = site->places[at]->files->files;
	struct cor_buffer *buffer = site->buffer;
	const char *path = with_slash(site, files->path);
	const char *folder = folder_of(site, site->places[at]);
	const char *inside = folder ? cor_arena_printf(site->arena, "%s/", folder) : NULL;
	const char *from = folder ? cor_arena_printf(site->arena, "from=%s", folder) : NULL;

	if (!path || !inside || !from)
		return -ENOMEM;
	cor_buffer_literal(buffer,
		"\n    # Files. What is missing, hidden, a link or odd, and any method "
		"but GET, is the service's business.\n    location ");
	cor_nginx_word(buffer, path);
	cor_buffer_literal(buffer, " {\n        ");
	cor_buffer_literal(
		buffer, "if ($request_uri ~* \"/\\.|//|%2e|%2f|%5c|\\\\\\\\\") { return 404; }\n");
	if (files->precompressed)
		write_siblings(site, files, at);
	cor_buffer_literal(buffer, "        alias ");
	cor_nginx_word(buffer, inside);
	cor_buffer_literal(buffer, ";\n        disable_symlinks on ");
	cor_nginx_word(buffer, from);
	cor_buffer_literal(buffer, ";\n");
	write_rules(site, files, at);
	cor_buffer_literal(buffer, "    }\n");
	return 0;
}

static int write_passed(
	const struct cor_nginx_site *site, const struct cor_files *files, const char *why)
{
	struct cor_buffer *buffer = site->buffer;
	const char *path = with_slash(site, files->path);

	if (!path)
		return -ENOMEM;
	cor_buffer_printf(
		buffer, "\n    # Files, which the service sends: %s.\n    location ", why);
	cor_nginx_word(buffer, path);
	cor_buffer_literal(buffer, " {\n");
	cor_nginx_write_pass(site);
	cor_buffer_literal(buffer, "    }\n");
	return 0;
}

int cor_nginx_write_files(const struct cor_nginx_site *site, size_t at)
{
	const struct cor_place *place = site->places[at];
	const struct cor_files *files = place->files->files;
	struct cor_buffer *buffer = site->buffer;
	const char *why;
	bool is_sent = cor_nginx_sends(site, place, &why);
	int rc = is_sent ? write_sent(site, at) : write_passed(site, files, why);

	if (rc < 0 || strcmp(files->path, "/") == 0)
		return rc;
	cor_buffer_literal(buffer, "    location = ");
	cor_nginx_word(buffer, files->path);
	cor_buffer_literal(buffer, " {\n");
	cor_nginx_write_pass(site);
	cor_buffer_literal(buffer, "    }\n");
	return 0;
}
