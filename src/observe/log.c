/* SPDX-License-Identifier: MIT */
#include <coracle/log.h>

#include <stdarg.h>
#include <stdio.h>

/* Errors and warnings to standard error as they are: stands here until the log does. */
void cor_log(struct cor_ctx *ctx, enum cor_log_level level, const char *format, ...)
{
	va_list args;

	(void)ctx;
	if (level > COR_LOG_WARNING)
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}
