/* SPDX-License-Identifier: MIT */
#include "control/stack_figures.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"

#define MARKS_MAX 256 /* names that are shown */

/* How many stacks living workers have mapped, and may have. */
static void write_numbers(const struct cor_control *control, struct cor_exposition *e)
{
	uint32_t len = cor_board_blocks_len(control->board);
	double mapped = 0, max = 0;

	for (uint32_t i = 0; i < len; i++) {
		uint32_t slot = control->board->blocks[i].slot;
		const struct cor_roster_row *worker = &control->roster->rows[slot];
		if (worker->pid == 0 || worker->state == COR_WORKER_STARTING)
			continue;
		mapped += control->stacks[i].mapped;
		max += control->stacks[i].max;
	}
	cor_exposition_family(e, "coracle_stacks", COR_FAMILY_GAUGE,
		"Stacks of fibers, in use or kept for the next ones.");
	cor_exposition_number(e, "", (struct cor_labels){ 0 }, mapped);
	cor_exposition_family(
		e, "coracle_stacks_limit", COR_FAMILY_GAUGE, "Stacks that there may be.");
	cor_exposition_number(e, "", (struct cor_labels){ 0 }, max);
}

/* The highest of all threads, by name. Its writer may be at work: a name may be half there. */
static void add_mark(struct cor_stack_mark *marks, size_t *len, const struct cor_stack_mark *mark)
{
	struct cor_stack_mark copy = *mark;
	size_t at = 0;

	copy.name[sizeof copy.name - 1] = '\0';
	if (copy.measured == 0 || !cor_utf8_valid(cor_str(copy.name)))
		return;
	while (at < *len && strcmp(marks[at].name, copy.name) != 0)
		at++;
	if (at == MARKS_MAX)
		return;
	if (at == *len)
		marks[(*len)++] = copy;
	else if (marks[at].high_water_bytes < copy.high_water_bytes)
		marks[at].high_water_bytes = copy.high_water_bytes;
}

int cor_control_write_stacks(struct cor_ctx *ctx, struct cor_exposition *e)
{
	const struct cor_control *control = cor_control_of(ctx);
	uint32_t blocks = cor_board_blocks_len(control->board);
	struct cor_stack_mark *marks = cor_alloc(ctx, MARKS_MAX * sizeof *marks);
	size_t len = 0;

	if (!marks)
		return -ENOMEM;
	write_numbers(control, e);
	for (uint32_t i = 0; i < blocks; i++)
		for (size_t mark = 0; mark < COR_STACK_NAMES; mark++) {
			if (control->stacks[i].marks[mark].name[0] == '\0')
				break;
			add_mark(marks, &len, &control->stacks[i].marks[mark]);
		}
	cor_exposition_family(e, "coracle_stack_high_water_bytes", COR_FAMILY_GAUGE,
		"The deepest stack of a fiber, of those that were measured.");
	for (size_t i = 0; i < len; i++) {
		const struct cor_label label = { "fiber", cor_str(marks[i].name) };
		cor_exposition_number(
			e, "", (struct cor_labels){ &label, 1 }, marks[i].high_water_bytes);
	}
	return 0;
}
