/* SPDX-License-Identifier: MIT */
#include "upload/sink.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/block.h"
#include "base/compiler.h"
#include "context/context.h"
#include "upload/file.h"

struct cor_upload_sink {
	struct cor_ctx *ctx;
	const struct cor_upload_limits *limits;
	uint32_t *files;
	uint64_t keep_bytes;
	uint64_t size;
	struct cor_block block;
	int fd; /* -1: all of it is in memory */
};

struct cor_upload_sink *cor_upload_sink_begin(struct cor_ctx *ctx,
	const struct cor_upload_limits *limits, uint32_t *files, uint64_t keep_bytes)
{
	struct cor_upload_sink *sink = cor_arena_zalloc(&ctx->arena, sizeof *sink);

	if (!sink)
		return NULL;
	sink->ctx = ctx;
	sink->limits = limits;
	sink->files = files;
	sink->keep_bytes = keep_bytes;
	sink->fd = -1;
	return sink;
}

/* The operator has to act, so the log says what to do; clients are not told about folders. */
static COR_COLD int fail(const struct cor_upload_sink *sink, int rc)
{
	const char *folder = sink->limits->folder;

	if (rc == -ENOMEM)
		return rc;
	if (rc == -ENOSPC || rc == -EDQUOT || rc == -EFBIG)
		return cor_problem(sink->ctx, 507, rc,
			"there is no room for an upload in %s: make some, or name another folder with --upload-folder",
			folder);
	if (rc == -EMFILE || rc == -ENFILE)
		return cor_problem(sink->ctx, 503, rc,
			"no descriptor is left for an upload: raise the limit on open files, or --upload-memory-bytes");
	return cor_problem(sink->ctx, 500, rc,
		"an upload cannot be written to %s: let the service write there, or name another folder with --upload-folder (with --sandbox on it is one of --sandbox-paths)",
		folder);
}

static int open_file(struct cor_upload_sink *sink)
{
	if (*sink->files >= sink->limits->files)
		return cor_problem(sink->ctx, 413, 0,
			"the form has more than %u files of over %u bytes", sink->limits->files,
			sink->limits->memory_bytes);
	int fd = cor_file_without_name(sink->limits->folder);
	if (fd >= 0)
		fd = cor_file_keep(sink->ctx, fd);
	if (fd < 0)
		return fail(sink, fd);
	++*sink->files;
	sink->fd = fd;
	return 0;
}

static int write_file(struct cor_upload_sink *sink, const char *bytes, size_t len)
{
	int rc = cor_file_write(sink->fd, bytes, len);

	return rc < 0 ? fail(sink, rc) : 0;
}

/* What has come so far goes in front; its memory is given back. */
static int move_to_file(struct cor_upload_sink *sink, size_t have)
{
	int rc = open_file(sink);

	if (rc == 0)
		rc = write_file(sink, sink->block.data, have);
	cor_block_cut(&sink->ctx->arena, &sink->block, 0);
	return rc;
}

static int remember(struct cor_upload_sink *sink, size_t have, const char *bytes, size_t len)
{
	if (sink->block.bytes < have + len + 1 && /* and a NUL */
		!cor_block_grow(&sink->ctx->arena, &sink->block, have + len + 1))
		return -ENOMEM;
	memcpy(sink->block.data + have, bytes, len);
	return 0;
}

int cor_upload_sink_write(struct cor_upload_sink *sink, const char *bytes, size_t len)
{
	uint64_t have = sink->size < sink->keep_bytes ? sink->size : sink->keep_bytes;
	uint64_t left = sink->keep_bytes - have;
	int rc = 0;

	sink->size += len;
	if (len > left)
		len = (size_t)left;
	if (len == 0)
		return 0;
	if (sink->fd < 0 && have + len <= sink->limits->memory_bytes)
		return remember(sink, (size_t)have, bytes, len);
	if (sink->fd < 0)
		rc = move_to_file(sink, (size_t)have);
	return rc < 0 ? rc : write_file(sink, bytes, len);
}

int cor_upload_sink_end(struct cor_upload_sink *sink, struct cor_upload *ret)
{
	uint64_t have = sink->size < sink->keep_bytes ? sink->size : sink->keep_bytes;

	ret->size = sink->size;
	ret->fd = sink->fd;
	ret->bytes = NULL;
	if (sink->fd >= 0)
		return lseek(sink->fd, 0, SEEK_SET) < 0 ? -errno : 0;
	if (have == 0) {
		ret->bytes = "";
		return 0;
	}
	cor_block_cut(&sink->ctx->arena, &sink->block, (size_t)have + 1);
	sink->block.data[have] = '\0';
	ret->bytes = sink->block.data;
	return 0;
}
