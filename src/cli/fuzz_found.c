/* SPDX-License-Identifier: MIT */
#include "cli/fuzz_found.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/files.h"
#include "cli/process.h"
#include "cli/service.h"

#define FOUND       2 /* the target's status when it has shown something */
#define FRAMES_MAX  12
#define NAME_WORDS  5
#define SHOWN_BYTES 3000

/* --- what the target says --- */

static int show_request(const struct cor_fuzz *fuzz, const char *input, struct cor_str *ret)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *show = cor_cli_text(cli, "--show=%s", input);
	int rc = cor_cli_capture(
		cli, cor_fuzz_command(fuzz, (const char *const[]){ show, NULL }), ret);

	return rc == 0 ? COR_CLI_OK
		       : cor_cli_fail(cli, COR_CLI_TOOL, "%s %s failed with status %d",
				 fuzz->target, show, rc);
}

static const char *line_of(const struct cor_cli *cli, const char **text)
{
	size_t len = strcspn(*text, "\n");
	const char *line = cor_cli_text(cli, "%.*s", (int)len, *text);

	*text += len + ((*text)[len] == '\n');
	return line;
}

/* As the target sees it: by the end of a path below the project's folder, which is not built. */
static const char *own_place(const struct cor_cli *cli, const char *line)
{
	for (const char *at = strchr(line, '/'); at; at = strchr(at, '/')) {
		at++;
		const char *path = cor_cli_text(cli, "%.*s", (int)strcspn(at, ":"), at);
		if (path[0] && strncmp(path, "build/", 6) != 0 &&
			cor_cli_exists(cor_cli_path(cli, path)))
			return at;
	}
	return NULL;
}

/* "    #1 0x5566 in add_book /tmp/shop/main/controller/books.c:33:2": what is the service's own. */
static const char *stack_of(const struct cor_cli *cli, const char *report)
{
	struct cor_buffer stack = { 0 };
	unsigned frames = 0;

	while (*report && frames < FRAMES_MAX) {
		const char *line = line_of(cli, &report), *in = strstr(line, " in ");
		if (strncmp(line, "    #0 ", 7) == 0 && frames)
			break; /* where it was allocated, and the like */
		const char *place = strncmp(line, "    #", 5) == 0 && in ? own_place(cli, in)
									 : NULL;
		if (!place)
			continue;
		cor_buffer_printf(&stack, "  %.*s  %s\n", (int)strcspn(in + 4, " "), in + 4, place);
		frames++;
	}
	cor_buffer_byte(&stack, '\0');
	return cor_cli_take(cli, &stack).data;
}

/* --- as curl --- */

static void put_quoted(struct cor_buffer *out, const char *text, size_t len)
{
	cor_buffer_byte(out, '\'');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\'')
			cor_buffer_literal(out, "'\\''");
		else
			cor_buffer_byte(out, text[i]);
	}
	cor_buffer_byte(out, '\'');
}

/* curl takes "NAME:" for a header that it shall not send, and "NAME;" for an empty one. */
static void put_header(struct cor_buffer *out, const char *line, size_t len)
{
	size_t name = strcspn(line, ":");

	bool is_empty = name < len && name + 1 + strspn(line + name + 1, " \t") >= len;

	cor_buffer_literal(out, " -H ");
	if (is_empty)
		cor_buffer_printf(out, "'%.*s;'", (int)name, line);
	else
		put_quoted(out, line, len);
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 && *text != '\n' && *text != '\t')
			return false;
	return true;
}

static void put_url(const struct cor_fuzz *fuzz, struct cor_buffer *out, const char *path)
{
	const char *url = cor_service_url(fuzz->cli, fuzz->project.name);

	if (strncmp(url, "unix:", 5) == 0) {
		cor_buffer_literal(out, "--unix-socket ");
		put_quoted(out, url + 5, strlen(url + 5));
		cor_buffer_byte(out, ' ');
		url = "http://localhost";
	}
	url = cor_cli_text(fuzz->cli, "%s%.*s", url, (int)strcspn(path, " "), path);
	put_quoted(out, url, strlen(url));
}

/* A body that no shell takes is in the file, behind the empty line. */
static const char *curl_of(
	const struct cor_fuzz *fuzz, const char *request, size_t len, const char *file)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *body = strstr(request, "\n\n"), *line = request;
	struct cor_buffer out = { 0 };
	size_t method = strcspn(request, " ");
	const char *path = request + method + 1;

	body = body ? body + 2 : request + len;
	bool is_whole = strlen(body) == len - (size_t)(body - request) && is_plain(body) &&
			cor_utf8_valid(cor_str(body));
	if (*body && !is_whole)
		cor_buffer_printf(&out, "sed '1,/^$/d' %s | ", file);
	cor_buffer_printf(&out, "curl -i -X %.*s", (int)method, request);
	while (line < body && *line != '\n') {
		line += strcspn(line, "\n") + 1;
		size_t width = strcspn(line, "\n");
		if (line >= body || width == 0)
			break;
		if (strncmp(line, "Host:", 5) == 0)
			continue;
		put_header(&out, line, width);
	}
	if (*body) {
		cor_buffer_printf(&out, is_whole ? " --data-raw " : " --data-binary ");
		put_quoted(&out, is_whole ? body : "@-", is_whole ? strlen(body) : 2);
	}
	cor_buffer_byte(&out, ' ');
	put_url(fuzz, &out, path);
	cor_buffer_byte(&out, '\0');
	return cor_cli_take(cli, &out).data;
}

/* --- its file --- */

static uint32_t print_of(const char *text, size_t len)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return hash;
}

/* "heap-buffer-overflow-1a2b3c4d": a few words of the title, and which request. */
static const char *name_of(const struct cor_cli *cli, const char *title, struct cor_str request)
{
	struct cor_buffer name = { 0 };
	unsigned words = 0;

	for (const char *at = title; *at && words < NAME_WORDS; at++) {
		bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
				 (*at >= '0' && *at <= '9');
		if (strncmp(at, " in ", 4) == 0)
			break;
		if (is_letter)
			cor_buffer_byte(&name, *at);
		else if (name.len && name.data[name.len - 1] != '-' && ++words < NAME_WORDS)
			cor_buffer_byte(&name, '-');
	}
	cor_buffer_printf(&name, "%s%08x.http",
		name.len && name.data[name.len - 1] == '-' ? "" : "-",
		print_of(request.data, request.len));
	cor_buffer_byte(&name, '\0');
	return cor_cli_take(cli, &name).data;
}

/* The program that sends what is kept. */
static int write_test(const struct cor_fuzz *fuzz)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *path = cor_cli_path(cli, "test/fuzz/test_kept.c");
	struct cor_buffer text = { 0 };

	if (cor_cli_exists(path))
		return COR_CLI_OK;
	cor_buffer_printf(&text,
		"/* What `coracle fuzz` has found, as tests: the files beside this one. */\n"
		"#include <coracle/testing.h>\n"
		"\n"
		"extern const struct cor_service %s_service;\n"
		"\n"
		"int main(int argc, char **argv)\n"
		"{\n"
		"\treturn cor_fuzz_kept_main(argc, argv, &%s_service);\n"
		"}\n",
		fuzz->project.name, fuzz->project.name);
	return cor_cli_create_file(cli, path, cor_cli_take(cli, &text));
}

/* The file that has been kept for the same defect; NULL: there is none. */
static const char *known(const struct cor_fuzz *fuzz, const char *title)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *folder = cor_cli_text(cli, "test/fuzz/%s", fuzz->operation), **paths;
	const char *first = cor_cli_text(cli, "# %s\n", title);
	struct cor_str text;

	cor_cli_list_files(cli, folder, "", ".http", &paths);
	for (size_t i = 0; paths[i]; i++)
		if (cor_cli_read_file(cli, cor_cli_path(cli, paths[i]), &text) == COR_CLI_OK &&
			text.len > strlen(first) && memcmp(text.data, first, strlen(first)) == 0)
			return cor_cli_text(cli, "%s%s", folder, strrchr(paths[i], '/'));
	return NULL;
}

static int write_request(
	const struct cor_fuzz *fuzz, struct cor_str request, struct cor_fuzz_found *found)
{
	const struct cor_cli *cli = fuzz->cli;
	struct cor_buffer text = { 0 };

	found->file = known(fuzz, found->title);
	found->is_known = found->file != NULL;
	if (found->is_known)
		return COR_CLI_OK;
	found->file = cor_cli_text(
		cli, "test/fuzz/%s/%s", fuzz->operation, name_of(cli, found->title, request));
	cor_buffer_printf(&text, "# %s\n", found->title);
	cor_buffer_append_str(&text, request);
	int rc = cor_cli_replace_file(
		cli, cor_cli_path(cli, found->file), cor_cli_take(cli, &text));
	return rc == COR_CLI_OK ? write_test(fuzz) : rc;
}

/* --- all of it --- */

static int shrink(const struct cor_fuzz *fuzz, const char *path, struct cor_fuzz_found *found)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *option = cor_cli_text(cli, "--shrink=%s", path);
	const char *options = getenv("ASAN_OPTIONS");
	const char *known = fuzz->known ? cor_cli_text(cli, "--known=%s", fuzz->known) : NULL;
	struct cor_str said;

	/* What leaks is known only with the stacks of fibers, which take longer to walk. */
	setenv("ASAN_OPTIONS",
		cor_cli_text(cli, "%s:fast_unwind_on_malloc=0", options ? options : ""), 1);
	int rc = cor_cli_capture(
		cli, cor_fuzz_command(fuzz, (const char *const[]){ option, known, NULL }), &said);
	if (rc != 0 && rc != FOUND)
		return cor_cli_fail(
			cli, COR_CLI_TOOL, "%s %s failed with status %d", fuzz->target, option, rc);
	if (rc == 0)
		return COR_CLI_OK;
	const char *text = said.data;
	found->title = line_of(cli, &text);
	found->tries = (uint32_t)strtoul(line_of(cli, &text), NULL, 10);
	found->stack = stack_of(cli, text);
	return COR_CLI_OK;
}

/* It is kept, so the corpus need not begin with it: its name ends with its SHA-1 in both. */
static void leave_out(const struct cor_fuzz *fuzz, const char *input)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *dash = strrchr(input, '-'), **names;

	if (!dash || strlen(dash + 1) < 40)
		return;
	cor_cli_list_files(cli, fuzz->corpus, "", dash + 1, &names);
	for (size_t i = 0; names[i]; i++)
		(void)unlink(cor_cli_path(cli, names[i]));
}

int cor_fuzz_keep(const struct cor_fuzz *fuzz, const char *input, struct cor_fuzz_found *ret)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *path = cor_cli_text(cli, "%s.request", fuzz->own);
	struct cor_str request;
	int rc = show_request(fuzz, input, &request);

	*ret = (struct cor_fuzz_found){ .stack = "", .file = input };
	if (rc == COR_CLI_OK)
		rc = cor_cli_replace_file(cli, cor_cli_path(cli, path), request);
	if (rc == COR_CLI_OK)
		rc = shrink(fuzz, path, ret);
	if (rc == COR_CLI_OK && ret->title)
		rc = cor_cli_read_file(cli, cor_cli_path(cli, path), &request);
	if (rc == COR_CLI_OK && ret->title)
		rc = write_request(fuzz, request, ret);
	if (rc != COR_CLI_OK)
		return rc;
	if (ret->title) /* its request is kept in its place */
		(void)unlink(cor_cli_path(cli, input));
	leave_out(fuzz, input);
	ret->request = cor_cli_text(cli, "%.*s", (int)request.len, request.data);
	ret->curl = curl_of(fuzz, ret->request, request.len, ret->file);
	return COR_CLI_OK;
}

void cor_fuzz_write_found(
	const struct cor_fuzz *fuzz, const struct cor_fuzz_found *found, struct cor_buffer *buffer)
{
	if (!found->title) {
		cor_buffer_printf(buffer,
			"%s: something was found that a new service does not show: it takes what earlier\n"
			"requests have left. The input is %s; with the same --seed and without a corpus\n"
			"(build/fuzz/corpus) it comes again. Its request:\n  %s\n",
			fuzz->operation, found->file, found->curl);
		return;
	}
	cor_buffer_printf(buffer, "%s: %s\n%s\n  %.*s\n\n", fuzz->operation, found->title,
		found->stack, SHOWN_BYTES, found->curl);
	cor_buffer_printf(buffer, "%s %s: coracle test sends it from now on\n",
		found->is_known ? "known as" : "kept as", found->file);
	if (strncmp(found->title, "status", 6) != 0 && strncmp(found->title, "no answer", 9) != 0)
		cor_buffer_literal(buffer,
			"what a sanitizer alone sees fails with coracle test --sanitize address,undefined\n");
}

/* A header may have other bytes, and what a handler logs. */
static void write_mended(
	struct cor_json_writer *writer, const struct cor_cli *cli, const char *text)
{
	char *copy = text ? cor_cli_text(cli, "%s", text) : NULL;

	if (copy)
		cor_utf8_mend(copy, strlen(copy));
	cor_write_string(writer, copy);
}

void cor_fuzz_write_found_json(const struct cor_cli *cli, const struct cor_fuzz_found *found,
	struct cor_json_writer *writer)
{
	cor_write_object(writer);
	cor_write_key(writer, "title");
	write_mended(writer, cli, found->title);
	cor_write_key(writer, "file");
	cor_write_string(writer, found->file);
	cor_write_key(writer, "known");
	cor_write_bool(writer, found->is_known);
	cor_write_key(writer, "curl");
	write_mended(writer, cli, found->curl);
	cor_write_key(writer, "stack");
	write_mended(writer, cli, found->stack);
	cor_write_key(writer, "tries");
	cor_write_uint64(writer, found->tries);
	cor_write_key(writer, "times");
	cor_write_uint64(writer, found->times);
	cor_write_end(writer);
}
