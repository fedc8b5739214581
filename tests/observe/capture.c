/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <fcntl.h>
#include <unistd.h>

static int64_t stand_still(const struct cor_clock *clock)
{
	(void)clock;
	return CAPTURE_NOW_NS;
}

void capture_open(struct capture *capture, enum cor_log_format format, enum cor_log_level level,
	enum cor_log_access access)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	capture->read_fd = ends[0];
	capture->write_fd = ends[1];
	capture->clock = (struct cor_clock){ stand_still, stand_still };
	const struct cor_logger_options options = {
		.fd = capture->write_fd,
		.format = format,
		.level = level,
		.access = access,
		.clock = &capture->clock,
	};
	assert_int_equal(cor_logger_create(&options, &capture->logger), 0);
}

const char *capture_take(struct capture *capture)
{
	ssize_t got;

	capture->len = 0;
	while ((got = read(capture->read_fd, capture->text + capture->len,
			sizeof capture->text - 1 - capture->len)) > 0)
		capture->len += (size_t)got;
	capture->text[capture->len] = '\0';
	return capture->text;
}

void capture_close(struct capture *capture)
{
	cor_logger_destroy(capture->logger);
	close(capture->read_fd);
	close(capture->write_fd);
}
