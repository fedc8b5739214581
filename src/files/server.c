/* SPDX-License-Identifier: MIT */
#include "files/server.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "files/folder.h"
#include "files/memory.h"
#include "files/name.h"

void cor_file_server_init(struct cor_file_server *server, const struct cor_files *files)
{
	*server = (struct cor_file_server){
		.files = files,
		.folder = -1,
		.segments = cor_file_path_segments(files->path),
		.index = files->index ? files->index : "index.html",
	};
}

const char *cor_files_folder(const struct cor_files *files, const void *settings)
{
	const char *folder = NULL;

	if (files->setting.schema && settings)
		folder = *(const char *const *)((const char *)settings + files->setting.offset);
	return folder && folder[0] ? folder : files->folder;
}

static int say(struct cor_arena *arena, const char **ret_why, const char *path, int rc)
{
	*ret_why = cor_arena_printf(
		arena, "the folder %s cannot be opened: %s", path, cor_strerror(rc));
	return *ret_why ? -COR_ETABLE : -ENOMEM;
}

int cor_file_server_open(struct cor_file_server *server, const char *path, struct cor_arena *arena,
	const char **ret_why)
{
	if (server->files->embedded)
		return 0;
	const char *subfolder = server->files->subfolder;
	server->where = path;
	if (subfolder)
		path = cor_arena_printf(arena, "%s/%s", path, subfolder);
	if (!path)
		return -ENOMEM;
	int fd = cor_folder_open(path);
	if (fd < 0)
		return say(arena, ret_why, path, fd);
	server->folder = fd;
	server->memory = cor_file_memory_create(server->files->memory_bytes);
	return server->memory ? 0 : -ENOMEM;
}

void cor_file_server_close(struct cor_file_server *server)
{
	if (server->folder >= 0)
		close(server->folder);
	server->folder = -1;
	cor_file_memory_destroy(server->memory);
	server->memory = NULL;
}
