/* SPDX-License-Identifier: MIT */
/** What a program of tests tells behind all of them, of what they have found together. */
#ifndef CORACLE_TESTING_PROGRAM_H
#define CORACLE_TESTING_PROGRAM_H

#include <coracle/test.h>

#include "base/buffer.h"

struct cor_epilogue {
	/** Writes a line without its end, and the whole text. */
	void (*write)(void *self, struct cor_buffer *summary, struct cor_buffer *text);
	void *self;
};

/** cor_test_main_counted(), with an epilogue; NULL: without. */
int cor_test_main_with(int argc, char **argv, const struct cor_suite *suite,
	const struct cor_epilogue *epilogue, void (*keep_counts)(void)) COR_CHECKED;

#endif
