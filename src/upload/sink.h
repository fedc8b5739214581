/* SPDX-License-Identifier: MIT */
/** A file that comes in: bytes into memory, and from a size on into a file without a name. */
#ifndef CORACLE_UPLOAD_SINK_H
#define CORACLE_UPLOAD_SINK_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/upload.h>

#include "upload/limits.h"

struct cor_ctx;

struct cor_upload_sink;

/**
 * Begin, in the memory of ctx. The limits are borrowed, and so is *files, which counts those that
 * the request has: for all of its sinks. Of what comes, `keep_bytes` are kept, and the rest is
 * counted. NULL: no memory.
 */
struct cor_upload_sink *cor_upload_sink_begin(struct cor_ctx *ctx,
	const struct cor_upload_limits *limits, uint32_t *files, uint64_t keep_bytes);

/**
 * Take the next bytes. Returns 0, or a code with the problem recorded: -COR_EPROBLEM for 413 (too
 * many files), 507 (no room) and 500 (the folder), which say what to do; or -ENOMEM. Never yields.
 */
int cor_upload_sink_write(struct cor_upload_sink *sink, const char *bytes, size_t len) COR_CHECKED;

/**
 * The end. Fills in size, bytes and fd of *ret. What was dropped is missing in it. Returns 0 or
 * what lseek() fails with.
 */
int cor_upload_sink_end(struct cor_upload_sink *sink, struct cor_upload *ret) COR_CHECKED;

#endif
