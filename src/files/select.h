/* SPDX-License-Identifier: MIT */
/** Which file is sent for a name: the index of a folder, a compressed sibling, the fallback. */
#ifndef CORACLE_FILES_SELECT_H
#define CORACLE_FILES_SELECT_H

#include <coracle/arena.h>

#include "files/folder.h"
#include "files/name.h"
#include "files/server.h"

struct cor_selected_file {
	struct cor_file file;
	struct cor_str media_type; /* a constant */
	const char *coding;        /* Content-Encoding; NULL: none */
	bool varies;               /* with Accept-Encoding */
};

/**
 * The file for a name, under an Accept-Encoding value (data NULL: there is none). Returns 0 (the
 * caller closes ret->file.fd unless it is -1), -EISDIR (it is a folder, and lacks its slash), or as
 * cor_folder_find().
 */
int cor_file_select(const struct cor_file_server *server, struct cor_arena *arena,
	const struct cor_file_name *name, struct cor_str accept_encoding,
	struct cor_selected_file *ret) COR_CHECKED;

#endif
