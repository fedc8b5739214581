/* SPDX-License-Identifier: MIT */
/* What other tools read. */
#include "coverage/formats.h"

#include <inttypes.h>
#include <string.h>

#include "base/markup.h"
#include "coverage/figures.h"
#include "json/writer.h"

static bool is_shown(const struct cor_line_counts *line)
{
	return line->is_statement && !line->is_excluded;
}

static size_t taken(const struct cor_line_counts *line)
{
	size_t taken = 0;

	for (size_t i = 0; i < line->branches_len; i++)
		taken += line->branches[i] != 0;
	return taken;
}

/* --- lcov --- */

static bool is_excluded(
	const struct cor_file_counts *file, const struct cor_function_counts *function)
{
	return function->line < file->lines_len && file->lines[function->line].is_excluded;
}

static void write_functions(const struct cor_file_counts *file, struct cor_buffer *buffer)
{
	size_t len = 0, hit = 0;

	for (size_t i = 0; i < file->functions_len; i++)
		if (!is_excluded(file, &file->functions[i]))
			cor_buffer_printf(buffer, "FN:%" PRIu32 ",%s\n", file->functions[i].line,
				file->functions[i].name);
	for (size_t i = 0; i < file->functions_len; i++) {
		if (is_excluded(file, &file->functions[i]))
			continue;
		len++;
		cor_buffer_printf(buffer, "FNDA:%" PRIu64 ",%s\n", file->functions[i].count,
			file->functions[i].name);
		hit += file->functions[i].count != 0;
	}
	cor_buffer_printf(buffer, "FNF:%zu\nFNH:%zu\n", len, hit);
}

/* "-" is a branch of a line that did not run. */
static void write_branches(const struct cor_file_counts *file, struct cor_buffer *buffer)
{
	for (size_t i = 0; i < file->lines_len; i++) {
		const struct cor_line_counts *line = &file->lines[i];
		for (size_t at = 0; is_shown(line) && at < line->branches_len; at++) {
			cor_buffer_printf(buffer, "BRDA:%zu,0,%zu,", i, at);
			if (line->count)
				cor_buffer_printf(buffer, "%" PRIu64 "\n", line->branches[at]);
			else
				cor_buffer_append_str(buffer, COR_STR("-\n"));
		}
	}
}

void cor_cover_lcov(const struct cor_coverage *coverage, struct cor_buffer *buffer)
{
	for (size_t i = 0; i < coverage->files_len; i++) {
		const struct cor_file_counts *file = &coverage->files[i];
		const struct cor_cover_figures figures = cor_cover_figures_of(file);
		cor_buffer_printf(buffer, "TN:\nSF:%s\n", file->path);
		write_functions(file, buffer);
		write_branches(file, buffer);
		cor_buffer_printf(buffer, "BRF:%" PRIu64 "\nBRH:%" PRIu64 "\n", figures.branches,
			figures.branches - figures.branches_missed);
		for (size_t at = 0; at < file->lines_len; at++)
			if (is_shown(&file->lines[at]))
				cor_buffer_printf(
					buffer, "DA:%zu,%" PRIu64 "\n", at, file->lines[at].count);
		cor_buffer_printf(buffer, "LF:%" PRIu64 "\nLH:%" PRIu64 "\nend_of_record\n",
			figures.statements, figures.statements - figures.missed);
	}
}

/* --- Cobertura --- */

static double rate(uint64_t all, uint64_t missed)
{
	return all == 0 ? 1 : (double)(all - missed) / (double)all;
}

static void write_rates(const struct cor_cover_figures *figures, struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer, " line-rate=\"%.4f\" branch-rate=\"%.4f\"",
		rate(figures->statements, figures->missed),
		rate(figures->branches, figures->branches_missed));
}

static void write_class(const struct cor_file_counts *file, struct cor_buffer *buffer)
{
	const struct cor_cover_figures figures = cor_cover_figures_of(file);

	cor_buffer_append_str(buffer, COR_STR("\t\t\t\t<class name=\""));
	cor_markup(buffer, cor_str(file->path));
	cor_buffer_append_str(buffer, COR_STR("\" filename=\""));
	cor_markup(buffer, cor_str(file->path));
	cor_buffer_byte(buffer, '"');
	write_rates(&figures, buffer);
	cor_buffer_append_str(
		buffer, COR_STR(" complexity=\"0\">\n\t\t\t\t\t<methods/>\n\t\t\t\t\t<lines>\n"));
	for (size_t i = 0; i < file->lines_len; i++) {
		const struct cor_line_counts *line = &file->lines[i];
		if (!is_shown(line))
			continue;
		cor_buffer_printf(buffer, "\t\t\t\t\t\t<line number=\"%zu\" hits=\"%" PRIu64 "\"",
			i, line->count);
		if (line->branches_len)
			cor_buffer_printf(buffer,
				" branch=\"true\" condition-coverage=\"%zu%% (%zu/%zu)\"",
				100 * taken(line) / line->branches_len, taken(line),
				line->branches_len);
		cor_buffer_append_str(buffer, COR_STR("/>\n"));
	}
	cor_buffer_append_str(buffer, COR_STR("\t\t\t\t\t</lines>\n\t\t\t\t</class>\n"));
}

void cor_cover_cobertura(const struct cor_coverage *coverage,
	const struct cor_cover_options *options, struct cor_buffer *buffer)
{
	struct cor_cover_figures sum = { 0 };

	for (size_t i = 0; i < coverage->files_len; i++) {
		const struct cor_cover_figures figures = cor_cover_figures_of(&coverage->files[i]);
		cor_cover_figures_add(&sum, &figures);
	}
	cor_buffer_append_str(buffer,
		COR_STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<!DOCTYPE coverage SYSTEM \"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n"
			"<coverage"));
	write_rates(&sum, buffer);
	cor_buffer_printf(buffer,
		" lines-covered=\"%" PRIu64 "\" lines-valid=\"%" PRIu64
		"\" branches-covered=\"%" PRIu64 "\" branches-valid=\"%" PRIu64
		"\" complexity=\"0\" version=\"coracle\" timestamp=\"%" PRId64
		"\">\n\t<sources>\n\t\t<source>",
		sum.statements - sum.missed, sum.statements, sum.branches - sum.branches_missed,
		sum.branches, options->time_s);
	cor_markup(buffer, cor_str(options->root));
	cor_buffer_append_str(
		buffer, COR_STR("</source>\n\t</sources>\n\t<packages>\n\t\t<package name=\"\""));
	write_rates(&sum, buffer);
	cor_buffer_append_str(buffer, COR_STR(" complexity=\"0\">\n\t\t\t<classes>\n"));
	for (size_t i = 0; i < coverage->files_len; i++)
		write_class(&coverage->files[i], buffer);
	cor_buffer_append_str(
		buffer, COR_STR("\t\t\t</classes>\n\t\t</package>\n\t</packages>\n</coverage>\n"));
}

/* --- Sonar --- */

void cor_cover_sonar(const struct cor_coverage *coverage, struct cor_buffer *buffer)
{
	cor_buffer_append_str(buffer, COR_STR("<coverage version=\"1\">\n"));
	for (size_t i = 0; i < coverage->files_len; i++) {
		const struct cor_file_counts *file = &coverage->files[i];
		cor_buffer_append_str(buffer, COR_STR("\t<file path=\""));
		cor_markup(buffer, cor_str(file->path));
		cor_buffer_append_str(buffer, COR_STR("\">\n"));
		for (size_t at = 0; at < file->lines_len; at++) {
			const struct cor_line_counts *line = &file->lines[at];
			if (!is_shown(line))
				continue;
			cor_buffer_printf(buffer,
				"\t\t<lineToCover lineNumber=\"%zu\" covered=\"%s\"", at,
				line->count ? "true" : "false");
			if (line->branches_len)
				cor_buffer_printf(buffer,
					" branchesToCover=\"%zu\" coveredBranches=\"%zu\"",
					line->branches_len, taken(line));
			cor_buffer_append_str(buffer, COR_STR("/>\n"));
		}
		cor_buffer_append_str(buffer, COR_STR("\t</file>\n"));
	}
	cor_buffer_append_str(buffer, COR_STR("</coverage>\n"));
}

/* --- JSON --- */

static void write_figures(const struct cor_cover_figures *figures,
	const struct cor_cover_options *options, struct cor_buffer *buffer)
{
	char percent[COR_COVER_PERCENT_BYTES];

	cor_cover_percent_print(
		cor_cover_percent(figures, options->with_branches), options->precision, percent);
	cor_buffer_printf(buffer,
		"\"statements\":%" PRIu64 ",\"missed\":%" PRIu64 ",\"branches\":%" PRIu64
		",\"branches_missed\":%" PRIu64 ",\"percent\":%s",
		figures->statements, figures->missed, figures->branches, figures->branches_missed,
		percent);
}

static void write_file(const struct cor_file_counts *file, const struct cor_cover_options *options,
	struct cor_buffer *buffer)
{
	const struct cor_cover_figures figures = cor_cover_figures_of(file);
	const char *before = "";

	cor_buffer_append_str(buffer, COR_STR("{\"path\":"));
	cor_json_write_string(buffer, cor_str(file->path));
	cor_buffer_byte(buffer, ',');
	write_figures(&figures, options, buffer);
	cor_buffer_append_str(buffer, COR_STR(",\"missing\":["));
	for (size_t i = 0; i < file->lines_len; i++) {
		if (!is_shown(&file->lines[i]) || file->lines[i].count)
			continue;
		cor_buffer_printf(buffer, "%s%zu", before, i);
		before = ",";
	}
	cor_buffer_append_str(buffer, COR_STR("]}"));
}

void cor_cover_json(const struct cor_coverage *coverage, const struct cor_cover_options *options,
	struct cor_buffer *buffer)
{
	struct cor_cover_figures sum = { 0 };

	cor_buffer_append_str(buffer, COR_STR("{\"files\":["));
	for (size_t i = 0; i < coverage->files_len; i++) {
		const struct cor_cover_figures figures = cor_cover_figures_of(&coverage->files[i]);
		cor_cover_figures_add(&sum, &figures);
		if (i)
			cor_buffer_byte(buffer, ',');
		write_file(&coverage->files[i], options, buffer);
	}
	cor_buffer_append_str(buffer, COR_STR("],\"total\":{"));
	write_figures(&sum, options, buffer);
	cor_buffer_append_str(buffer, COR_STR("}}\n"));
}
