/* SPDX-License-Identifier: MIT */
/**
 * Log lines, JSON or text, with the request's id.
 *
 * A line goes to the thread's buffer, and from there to standard error when the loop is about to
 * wait. Errors, and lines from threads that run no loop, are written immediately; after a crash the
 * gathered lines follow the line that reports it. If the reader is slow or the disk is full, lines
 * are dropped (and counted); logging never blocks, and nothing here yields. Bytes that could forge
 * a line are escaped; a message is cut after 2,047 bytes.
 */
#ifndef CORACLE_LOG_H
#define CORACLE_LOG_H

#include <coracle/api.h>
#include <coracle/context.h>

COR_BEGIN_DECLS

enum cor_log_level {
	COR_LOG_ERROR,
	COR_LOG_WARNING,
	COR_LOG_INFO,
	COR_LOG_DEBUG,
};

/**
 * Write a line if the level is on (--log-level). ctx gives the log and the request's id; NULL
 * writes a plain line to standard error, as does a ctx of cor_ctx_create() (service.h), unless its
 * .log is COR_LOG_HIDDEN. Never yields, never fails. Call it with the ctx of a
 * request from its fiber only; with that of a start hook, or NULL, from any thread.
 */
COR_API void cor_log(struct cor_ctx *ctx, enum cor_log_level level, const char *format, ...)
	COR_PRINTF(3, 4);

#define cor_log_error(ctx, ...)   cor_log((ctx), COR_LOG_ERROR, __VA_ARGS__)
#define cor_log_warning(ctx, ...) cor_log((ctx), COR_LOG_WARNING, __VA_ARGS__)
#define cor_log_info(ctx, ...)    cor_log((ctx), COR_LOG_INFO, __VA_ARGS__)
#define cor_log_debug(ctx, ...)   cor_log((ctx), COR_LOG_DEBUG, __VA_ARGS__)

COR_END_DECLS
#endif
