/* SPDX-License-Identifier: MIT */
/** A logger that writes to a pipe, with a clock that stands still. */
#ifndef TESTS_OBSERVE_CAPTURE_H
#define TESTS_OBSERVE_CAPTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/logger.h"
#include "runtime/clock.h"

/* 2026-01-31T23:59:59.123Z */
#define CAPTURE_NOW_NS 1769903999123456789

struct capture {
	struct cor_clock clock;
	struct cor_logger *logger;
	int read_fd, write_fd;
	char text[128 * 1024];
	size_t len;
};

void capture_open(struct capture *capture, enum cor_log_format format, enum cor_log_level level,
	enum cor_log_access access);

/** What was written since the last call, NUL-terminated. Does not wait. */
const char *capture_take(struct capture *capture);

void capture_close(struct capture *capture);

#endif
