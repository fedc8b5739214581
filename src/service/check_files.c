/* SPDX-License-Identifier: MIT */
/* Static files: where they stand, where they are, and what they are. */
#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "files/embedded.h"
#include "http/response.h"
#include "service/check.h"

static void check_where(const struct cor_check *check, const struct cor_files *files)
{
	const char *path = files->path;
	size_t len = strlen(path);

	cor_check_path(check, path);
	if (strchr(path, '{'))
		cor_contradict(check, path, "the path of files has no {names}");
	if (len > 1 && path[len - 1] == '/')
		cor_contradict(check, path, "leave the slash at the end of .path out");
}

static void check_source(const struct cor_check *check, const struct cor_files *files)
{
	const struct cor_schema *schema = files->setting.schema;
	const char *where = files->path;

	if (!files->folder && !schema && !files->embedded)
		cor_contradict(check, where, "the files have no .folder, .setting or .embedded");
	if (files->embedded && (files->folder || schema))
		cor_contradict(check, where, "files are .embedded, or in a .folder: not both");
	if (files->embedded && !cor_embedded_is_ordered(files->embedded))
		cor_contradict(check, where,
			"the names of .embedded are not in their order: let coracle-embed write "
			"them");
	if (files->embedded && files->memory_bytes != 0)
		cor_contradict(check, where, "what is .embedded is in memory: no .memory_bytes");
	if (schema && schema != check->service->settings)
		cor_contradict(check, where,
			"its .setting is of %s, and the service's .settings are %s", schema->symbol,
			check->service->settings ? check->service->settings->symbol : "none");
}

static void check_name(const struct cor_check *check, const struct cor_files *files,
	const char *option, const char *name)
{
	if (name && (name[0] == '/' || name[0] == '.' || strchr(name, '\\')))
		cor_contradict(check, files->path,
			"%s %s is no name in the folder: a relative one, and not hidden", option,
			name);
}

static void check_value(const struct cor_check *check, const struct cor_files *files,
	const char *option, const char *value)
{
	if (value && (value[0] == '\0' || !cor_field_value_valid(cor_str(value))))
		cor_contradict(check, files->path, "%s has a value that no header can", option);
}

static void check_types(const struct cor_check *check, const struct cor_files *files)
{
	for (const struct cor_file_type *type = files->types; type && type->extension; type++) {
		bool is_plain = type->extension[0] != '.';
		for (const char *at = type->extension; *at; at++)
			is_plain &= *at < 'A' || *at > 'Z';
		if (!is_plain)
			cor_contradict(check, files->path,
				"the extension %s of .types has a dot or a capital letter",
				type->extension);
		if (!type->media_type)
			cor_contradict(check, files->path, "%s of .types has no .media_type",
				type->extension);
		check_value(check, files, ".types", type->media_type);
	}
}

void cor_check_files(const struct cor_check *check, const struct cor_files *files)
{
	if (!files->path) {
		cor_contradict(check, "files", "files of the service have no .path");
		return;
	}
	check_where(check, files);
	check_source(check, files);
	check_name(check, files, ".subfolder", files->subfolder);
	check_name(check, files, ".index", files->index && files->index[0] ? files->index : NULL);
	check_name(check, files, ".fallback", files->fallback);
	check_value(check, files, ".cache_control", files->cache_control);
	check_types(check, files);
	cor_check_middleware(check, files->path, files->middleware);
	cor_check_security(check, files->security, files->path);
	cor_check_cors(check, files->cors, files->path);
}

int cor_check_open_files(
	const struct cor_check *check, struct cor_file_server *server, const void *settings)
{
	const struct cor_files *files = server->files;
	const char *folder = cor_files_folder(files, settings);
	const char *why = "";

	if (!folder && !files->embedded) {
		cor_contradict(check, files->path, "no setting says where its folder is");
		return 0;
	}
	int rc = cor_file_server_open(server, folder, check->arena, &why);
	if (rc == -COR_ETABLE)
		cor_contradict(check, files->path, "%s", why);
	return rc == -COR_ETABLE ? 0 : rc;
}
