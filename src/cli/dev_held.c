/* SPDX-License-Identifier: MIT */
#include "cli/dev_held.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/dev_stack.h"

/* "list_books shop+0x4570": the offset, if it is of this program. 0: it is not. */
static uint64_t offset_of(const struct cor_dev *dev, const char *frame)
{
	const char *slash = strrchr(dev->project.program, '/');
	const char *mark = cor_cli_text(
		&dev->round, "%s+0x", slash ? slash + 1 : dev->project.program);
	const char *at = strstr(frame, mark);

	if (!at || (at > frame && at[-1] != ' '))
		return 0;
	return strtoull(at + strlen(mark), NULL, 16);
}

/* The first frame that is in a file of the project; all are behind ", at ", with " < " between. */
static void tell(const struct cor_dev *dev, const char *line)
{
	const char *at = strstr(line, " has held its thread for "), *next;

	for (at = at ? strstr(at, ", at ") : NULL; at; at = next) {
		at += at[0] == ',' ? strlen(", at ") : strlen(" < ");
		next = strstr(at, " < ");
		size_t len = next ? (size_t)(next - at) : strlen(at);
		uint64_t offset = offset_of(dev, cor_cli_text(&dev->round, "%.*s", (int)len, at));
		const char *function, *place, *rest;
		struct cor_dev_problem problem;
		if (offset == 0)
			continue;
		cor_dev_ask_place(&dev->round, dev->project.program, offset, &function, &place);
		if (!cor_dev_find_place(&dev->round, place, &problem, &rest))
			continue;
		cor_cli_say(dev->cli,
			"%s:%u: %s() holds its thread: it loops, or calls what blocks, and all "
			"other clients of the thread wait",
			problem.file, problem.line, function);
		return;
	}
}

void cor_dev_look_for_held(struct cor_dev *dev)
{
	struct cor_dev_child *child = dev->service;
	const char *end;

	while (child && (end = strchr(child->said + child->looked, '\n'))) {
		const char *line = child->said + child->looked;
		if (memmem(line, (size_t)(end - line), " has held its thread for ", 25))
			tell(dev, cor_cli_text(&dev->round, "%.*s", (int)(end - line), line));
		child->looked = (size_t)(end - child->said) + 1;
	}
}
