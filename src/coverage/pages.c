/* SPDX-License-Identifier: MIT */
/* Pages for a browser: they need nothing but themselves. */
#include "coverage/pages.h"

#include <inttypes.h>
#include <string.h>

#include "base/markup.h"
#include "coverage/figures.h"

static const char style[] =
	"<meta name=\"viewport\" content=\"width=device-width\"><style>\n"
	":root{color-scheme:light dark;--line:#8883;--miss:#e5484d33;--part:#f5a62333;--hit:#30a46c22}\n"
	"body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}\n"
	"table{border-collapse:collapse;width:100%}td,th{padding:.2rem .7rem;text-align:right;"
	"border-bottom:1px solid var(--line)}\n"
	"td:first-child,th:first-child{text-align:left}tfoot td{font-weight:600}\n"
	"meter{width:8rem}pre{font:13px/1.45 ui-monospace,monospace;tab-size:8;margin:0}\n"
	"pre span{display:block;white-space:pre-wrap;overflow-wrap:anywhere;padding-left:9.5rem;text-indent:-9.5rem}\n"
	"pre b{display:inline-block;width:9rem;text-indent:0;font-weight:400;opacity:.6;margin-right:.5rem;text-align:right}\n"
	".miss{background:var(--miss)}.part{background:var(--part)}.hit{background:var(--hit)}\n"
	"</style>\n";

static void begin(const char *title, struct cor_buffer *buffer)
{
	cor_buffer_append_str(buffer,
		COR_STR("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>"));
	cor_markup(buffer, cor_str(title));
	cor_buffer_append_str(buffer, COR_STR("</title>"));
	cor_buffer_append_str(buffer, cor_str(style));
	cor_buffer_append_str(buffer, COR_STR("</head><body>\n<h1>"));
	cor_markup(buffer, cor_str(title));
	cor_buffer_append_str(buffer, COR_STR("</h1>\n"));
}

/* No two files have the same: "a/b" is a_b, and "a_b" is a-_b. */
void cor_cover_page_name(const struct cor_file_counts *file, struct cor_buffer *buffer)
{
	for (const char *at = file->path; *at; at++) {
		if (*at == '_' || *at == '-')
			cor_buffer_byte(buffer, '-');
		cor_buffer_byte(buffer, *at == '/' ? '_' : *at);
	}
	cor_buffer_append_str(buffer, COR_STR(".html"));
}

/* Bytes that would end the path of a link, or begin an escape. */
static void write_link(struct cor_buffer *buffer, struct cor_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (strchr("%?#\\ ", name.data[i]))
			cor_buffer_printf(buffer, "%%%02X", (unsigned)name.data[i]);
		else
			cor_markup(buffer, (struct cor_str){ &name.data[i], 1 });
	}
}

/* The cells behind the name. */
static void write_cells(const struct cor_cover_figures *figures,
	const struct cor_cover_options *options, struct cor_buffer *buffer)
{
	double all = cor_cover_percent(figures, options->with_branches);
	char percent[COR_COVER_PERCENT_BYTES];

	cor_cover_percent_print(all, options->precision, percent);
	cor_buffer_printf(buffer, "<td>%" PRIu64 "</td><td>%" PRIu64 "</td>", figures->statements,
		figures->missed);
	if (options->with_branches)
		cor_buffer_printf(buffer, "<td>%" PRIu64 "</td><td>%" PRIu64 "</td>",
			figures->branches, figures->partial);
	cor_buffer_printf(buffer,
		"<td>%s%%</td><td><meter min=\"0\" max=\"100\" low=\"60\" high=\"90\" optimum=\"100\" "
		"value=\"%.2f\"></meter></td></tr>\n",
		percent, all);
}

void cor_cover_index_page(const struct cor_coverage *coverage,
	const struct cor_cover_options *options, struct cor_buffer *buffer)
{
	struct cor_cover_figures sum = { 0 };

	begin("Coverage", buffer);
	cor_buffer_printf(buffer,
		"<table><thead><tr><th>File</th><th>Statements</th><th>Missed</th>%s<th>Covered</th><th></th>"
		"</tr></thead><tbody>\n",
		options->with_branches ? "<th>Branches</th><th>Partial</th>" : "");
	for (size_t i = 0; i < coverage->files_len; i++) {
		const struct cor_file_counts *file = &coverage->files[i];
		const struct cor_cover_figures figures = cor_cover_figures_of(file);
		struct cor_buffer name = { 0 };
		cor_cover_page_name(file, &name);
		cor_cover_figures_add(&sum, &figures);
		cor_buffer_append_str(buffer, COR_STR("<tr><td><a href=\""));
		write_link(buffer, (struct cor_str){ name.data, name.len });
		cor_buffer_append_str(buffer, COR_STR("\">"));
		cor_markup(buffer, cor_str(file->path));
		cor_buffer_append_str(buffer, COR_STR("</a></td>"));
		write_cells(&figures, options, buffer);
		cor_buffer_finish(&name);
	}
	cor_buffer_append_str(buffer, COR_STR("</tbody><tfoot><tr><td>All</td>"));
	write_cells(&sum, options, buffer);
	cor_buffer_append_str(buffer, COR_STR("</tfoot></table>\n</body></html>\n"));
}

static const char *class_of(const struct cor_line_counts *line, bool with_branches)
{
	if (!line || !line->is_statement || line->is_excluded)
		return "";
	if (line->count == 0)
		return "miss";
	for (size_t i = 0; with_branches && i < line->branches_len; i++)
		if (line->branches[i] == 0)
			return "part";
	return "hit";
}

static void write_line(const struct cor_file_counts *file, size_t number, struct cor_str text,
	bool with_branches, struct cor_buffer *buffer)
{
	const struct cor_line_counts *line = number < file->lines_len ? &file->lines[number] : NULL;

	cor_buffer_printf(buffer, "<span class=\"%s\" id=\"l%zu\"><b>",
		class_of(line, with_branches), number);
	if (line && line->is_statement && !line->is_excluded)
		cor_buffer_printf(buffer, "%" PRIu64 " &times; ", line->count);
	cor_buffer_printf(buffer, "%zu</b>", number);
	cor_markup(buffer, text);
	cor_buffer_append_str(buffer, COR_STR("\n</span>"));
}

void cor_cover_file_page(const struct cor_file_counts *file,
	const struct cor_cover_options *options, struct cor_buffer *buffer)
{
	const struct cor_cover_figures figures = cor_cover_figures_of(file);
	const char *at = file->text.data, *end = at + file->text.len;
	char percent[COR_COVER_PERCENT_BYTES];

	cor_cover_percent_print(
		cor_cover_percent(&figures, options->with_branches), options->precision, percent);
	begin(file->path, buffer);
	cor_buffer_printf(buffer,
		"<p><a href=\"index.html\">All files</a> &middot; %s%% of %" PRIu64
		" statements</p>\n<pre>",
		percent, figures.statements);
	for (size_t number = 1; at && at < end; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);
		write_line(
			file, number, (struct cor_str){ at, len }, options->with_branches, buffer);
		at += len + 1;
	}
	cor_buffer_append_str(buffer, COR_STR("</pre>\n</body></html>\n"));
}
