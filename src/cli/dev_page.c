/* SPDX-License-Identifier: MIT */
#include "cli/dev_page.h"

#include <string.h>

#include "base/markup.h"

static const char head[] =
	"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width\">"
	"<link rel=\"icon\" href=\"data:,\">\n<style>\n"
	":root { color-scheme: light dark; --text: #1c2024; --quiet: #60646c; --paper: #fff; "
	"--panel: #f4f5f7; --line: #d9dce1; --bad: #b42318; --mark: #fdecea }\n"
	"@media (prefers-color-scheme: dark) { :root { --text: #edeef0; --quiet: #a2a7b0; "
	"--paper: #15171a; --panel: #1e2126; --line: #363a41; --bad: #ff8a80; --mark: #41201f } }\n"
	"* { box-sizing: border-box }\n"
	"body { margin: 0; background: var(--paper); color: var(--text); font: 16px/1.5 system-ui, "
	"sans-serif }\n"
	"main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }\n"
	"h1 { margin: 0 0 .5rem; color: var(--bad); font-size: 1.6rem; line-height: 1.25 }\n"
	"h2 { margin: 2rem 0 .5rem; font-size: 1rem; overflow-wrap: anywhere }\n"
	"h2 span { color: var(--quiet); font-weight: normal }\n"
	"p { margin: .4rem 0 } .quiet { color: var(--quiet) }\n"
	"pre { margin: 0; padding: .75rem 0; overflow-x: auto; background: var(--panel); border: 1px "
	"solid var(--line); border-radius: 6px; font: 13px/1.55 ui-monospace, monospace; tab-size: 8 }\n"
	"pre > span { display: block; padding: 0 1rem; min-width: max-content }\n"
	"pre i { display: inline-block; width: 3.5em; color: var(--quiet); font-style: normal; "
	"user-select: none }\n"
	"pre mark { display: block; padding: 0 1rem; min-width: max-content; color: inherit; "
	"background: var(--mark); border-left: 4px solid var(--bad); padding-left: calc(1rem - 4px) }\n"
	"pre b { color: var(--bad) }\n"
	"details { margin-top: 2rem } summary { cursor: pointer } details pre { margin-top: .5rem; "
	"padding: .75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere }\n"
	"</style>\n";

/* It is the state in the file that counts, also while nobody answers. */
static const char script[] =
	"<script>\n(function ask() {\n"
	"\tfetch('/.coracle/dev?state=' + state, { cache: 'no-store' })\n"
	"\t\t.then(function (answer) { return answer.ok ? answer.json() : { state: -1 } })\n"
	"\t\t.then(function (now) { if (now.state !== state) location.reload(); else again() }, again)\n"
	"\tfunction again() { setTimeout(ask, 250) }\n"
	"})()\n</script>\n";

static void write(struct cor_buffer *page, const char *text)
{
	cor_buffer_append(page, text, strlen(text));
}

/* Escape sequences of terminals are left out. */
static void escape(struct cor_buffer *page, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\033");
		cor_markup(page, (struct cor_str){ text, len });
		text += len;
		if (strncmp(text, "\033[", 2) == 0) {
			text += 2;
			text += strspn(text, "0123456789;");
		}
		text += *text != '\0'; /* the letter that ends it */
	}
}

static void write_paragraph(struct cor_buffer *page, const char *class, const char *text)
{
	if (!text)
		return;
	cor_buffer_printf(page, "<p class=\"%s\">", class);
	escape(page, text);
	write(page, "</p>\n");
}

/* How far a byte of a line leads: a tab to its stop, bytes that go on with a letter nowhere. */
static unsigned width(char byte, unsigned column, bool counts_bytes)
{
	if (counts_bytes)
		return 1;
	if (byte == '\t')
		return 8 - (column - 1) % 8;
	return ((unsigned char)byte & 0xC0) != 0x80;
}

/* Tabs stay, so that the mark below stands where the compiler has meant it. */
static void write_pointer(
	struct cor_buffer *page, const char *line, unsigned wanted, bool counts_bytes)
{
	unsigned column = 1;

	if (wanted == 0)
		return;
	write(page, "<br><i></i>");
	for (; *line && column < wanted; line++) {
		column += width(*line, column, counts_bytes);
		if (((unsigned char)*line & 0xC0) != 0x80)
			cor_buffer_byte(page, *line == '\t' ? '\t' : ' ');
	}
	write(page, "<b>^</b>");
}

static void write_excerpt(const struct cor_cli *cli, struct cor_buffer *page,
	const struct cor_dev_problem *problem, bool counts_bytes)
{
	struct cor_dev_excerpt excerpt;

	cor_dev_read_excerpt(cli, problem->file, problem->line, &excerpt);
	if (excerpt.len == 0)
		return;
	write(page, "<pre class=\"source\">");
	for (size_t i = 0; i < excerpt.len; i++) {
		unsigned number = excerpt.first + (unsigned)i;
		bool is_marked = number == problem->line;
		cor_buffer_printf(page, is_marked ? "<mark><i>%u</i>" : "<span><i>%u</i>", number);
		escape(page, excerpt.lines[i]);
		if (is_marked)
			write_pointer(page, excerpt.lines[i], problem->column, counts_bytes);
		write(page, is_marked ? "</mark>" : "</span>");
	}
	write(page, "</pre>\n");
}

static void write_problem(const struct cor_cli *cli, struct cor_buffer *page,
	const struct cor_dev_problem *problem, bool counts_bytes)
{
	write(page, "<section><h2>");
	escape(page, problem->message);
	if (problem->file) {
		write(page, "<br><span class=\"place\">");
		escape(page, problem->file);
		cor_buffer_printf(page, ":%u", problem->line);
		if (problem->column)
			cor_buffer_printf(page, ":%u", problem->column);
		write(page, "</span>");
	}
	write(page, "</h2>\n");
	if (problem->command) {
		write(page, "<pre><span>");
		escape(page, problem->command);
		write(page, "</span></pre>\n");
	}
	if (!problem->has_no_source)
		write_excerpt(cli, page, problem, counts_bytes);
	write(page, "</section>\n");
}

void cor_dev_write_page(
	const struct cor_cli *cli, const struct cor_dev_report *report, struct cor_buffer *page)
{
	write(page, head);
	write(page, "<title>");
	escape(page, report->title);
	write(page, "</title></head>\n<body><main>\n<h1>");
	escape(page, report->title);
	write(page, "</h1>\n");
	write_paragraph(page, "todo", report->todo);
	write_paragraph(page, "quiet", report->serves);
	if (report->is_served)
		cor_buffer_printf(page,
			"<p class=\"quiet\"><a href=\"\" onclick=\"document.cookie = 'coracle-dev=%u; "
			"path=/; SameSite=Lax'\">Show what the service that runs answers, until the "
			"next change</a></p>\n",
			report->state);
	for (size_t i = 0; i < report->problems.len; i++)
		write_problem(cli, page, &report->problems.items[i], report->problems.counts_bytes);
	if (report->output && report->output[0]) {
		write(page, report->problems.len ? "<details>" : "<details open>");
		write(page, "<summary>The whole output</summary><pre>");
		escape(page, report->output);
		write(page, "</pre></details>\n");
	}
	write_paragraph(
		page, "quiet", "This page goes by itself when the next change has been built.");
	cor_buffer_printf(page, "</main>\n<script>var state = %u</script>\n", report->state);
	write(page, script);
	write(page, "</body></html>\n");
}
