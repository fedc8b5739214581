/* SPDX-License-Identifier: MIT */
#include "coverage/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "coverage/figures.h"

static size_t name_width(const struct cor_coverage *coverage)
{
	size_t width = strlen("TOTAL");

	for (size_t i = 0; i < coverage->files_len; i++) {
		size_t len = strlen(coverage->files[i].path);
		width = len > width ? len : width;
	}
	return width;
}

static void write_row(const char *name, size_t width, const struct cor_cover_figures *figures,
	const struct cor_cover_options *options, struct cor_buffer *buffer)
{
	char percent[COR_COVER_PERCENT_BYTES];

	cor_cover_percent_print(
		cor_cover_percent(figures, options->with_branches), options->precision, percent);
	cor_buffer_printf(buffer, "%-*s %7" PRIu64 " %6" PRIu64, (int)width, name,
		figures->statements, figures->missed);
	if (options->with_branches)
		cor_buffer_printf(
			buffer, " %8" PRIu64 " %6" PRIu64, figures->branches, figures->partial);
	cor_buffer_printf(
		buffer, " %*s%%", (int)(options->precision ? 6 + options->precision : 5), percent);
}

static void write_rule(size_t width, struct cor_buffer *buffer)
{
	for (size_t i = 0; i < width; i++)
		cor_buffer_byte(buffer, '-');
	cor_buffer_byte(buffer, '\n');
}

void cor_cover_table(const struct cor_coverage *coverage, const struct cor_cover_options *options,
	struct cor_buffer *buffer)
{
	size_t width = name_width(coverage), before = buffer->len, skipped = 0, wide;
	int cover = (int)(options->precision ? 7 + options->precision : 6);
	struct cor_cover_figures sum = { 0 };

	cor_buffer_printf(buffer, "%-*s %7s %6s", (int)width, "Name", "Stmts", "Miss");
	if (options->with_branches)
		cor_buffer_printf(buffer, " %8s %6s", "Branch", "BrPart");
	cor_buffer_printf(buffer, " %*s   Missing\n", cover, "Cover");
	wide = buffer->len - before - 1;
	write_rule(wide, buffer);
	for (size_t i = 0; i < coverage->files_len; i++) {
		const struct cor_file_counts *file = &coverage->files[i];
		const struct cor_cover_figures figures = cor_cover_figures_of(file);
		bool is_covered = figures.missed == 0 &&
				  (!options->with_branches || figures.branches_missed == 0);
		cor_cover_figures_add(&sum, &figures);
		if (options->skips_covered && is_covered) {
			skipped++;
			continue;
		}
		write_row(file->path, width, &figures, options, buffer);
		if (!is_covered)
			cor_buffer_append_str(buffer, COR_STR("   "));
		cor_cover_missing(file, options->with_branches, buffer);
		cor_buffer_byte(buffer, '\n');
	}
	write_rule(wide, buffer);
	write_row("TOTAL", width, &sum, options, buffer);
	cor_buffer_byte(buffer, '\n');
	if (skipped)
		cor_buffer_printf(buffer, "\n%zu file%s skipped due to complete coverage.\n",
			skipped, skipped == 1 ? "" : "s");
}
