/* SPDX-License-Identifier: MIT */
#include "cli/dev_stack.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/process.h"
#include "runtime/backtrace.h"

struct mapped {
	uint64_t base;    /* where the file's first byte is */
	const char *path; /* NULL: the address is in no file */
};

/* Where an address belongs, by lines of proc_pid_maps(5): "from-to rwxp offset dev inode path". */
static struct mapped find_mapped(const struct cor_cli *cli, const char *maps, uint64_t address)
{
	struct mapped found = { 0 }, first = { 0 };

	for (const char *at = maps; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		uint64_t from, to, offset;
		char path[512] = "";
		if (sscanf(at, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %511[^\n]", &from,
			    &to, &offset, path) < 3 ||
			path[0] != '/')
			continue;
		if (offset == 0)
			first = (struct mapped){ from, cor_cli_text(cli, "%s", path) };
		if (address >= from && address < to && first.path && strcmp(first.path, path) == 0)
			found = first;
	}
	return found;
}

static bool is_program(const char *path, const char *program)
{
	char whole[PATH_MAX];
	size_t len = realpath(program, whole) ? strlen(whole) : 0;

	/* the linker has put another in its place since: "/path/shop (deleted)" */
	return path && len && strncmp(path, whole, len) == 0 &&
	       (path[len] == '\0' || path[len] == ' ');
}

/* addr2line says each on a line of its own. */
void cor_dev_ask_place(const struct cor_cli *cli, const char *program, uint64_t address,
	const char **ret_function, const char **ret_place)
{
	const char *argv[] = { "addr2line", "-f", "-e", program,
		cor_cli_text(cli, "0x%" PRIx64, address), NULL };
	struct cor_str said = { 0 };

	*ret_function = *ret_place = "";
	if (cor_cli_capture(cli, argv, &said) != 0)
		return;
	const char *text = cor_cli_text(cli, "%.*s", (int)said.len, said.data);
	size_t len = strcspn(text, "\n");
	*ret_function = cor_cli_text(cli, "%.*s", (int)len, text);
	text += len + (text[len] == '\n');
	*ret_place = cor_cli_text(cli, "%.*s", (int)strcspn(text, " \n"), text);
}

static void add_place(const struct cor_cli *cli, const char *function, const char *place,
	struct cor_dev_problems *ret)
{
	const char *colon = strrchr(place, ':');
	const char *file = colon ? cor_dev_own_file(cli,
					   cor_cli_text(cli, "%.*s", (int)(colon - place), place))
				 : NULL;

	if (file)
		cor_dev_add_problem(ret, &(struct cor_dev_problem){
						 .file = file,
						 .line = (unsigned)strtoul(colon + 1, NULL, 10),
						 .message = cor_cli_text(cli, "%s in %s()",
							 ret->len ? "called" : "crashed", function),
					 });
}

static void add_frame(const struct cor_cli *cli, const struct mapped *mapped, uint64_t address,
	const char *program, struct cor_buffer *text, struct cor_dev_problems *ret)
{
	const char *function, *place, *slash = mapped->path ? strrchr(mapped->path, '/') : NULL;

	if (!is_program(mapped->path, program)) {
		cor_buffer_printf(text, "    %s+0x%" PRIx64 "\n", slash ? slash + 1 : "?",
			address - mapped->base);
		return;
	}
	cor_dev_ask_place(cli, program, address - mapped->base, &function, &place);
	cor_buffer_printf(text, "    %s at %s\n", function, place);
	add_place(cli, function, place, ret);
}

bool cor_dev_read_stack(const struct cor_cli *cli, const char *note, const char *program,
	const char **ret_text, struct cor_dev_problems *ret)
{
	struct cor_buffer text = { 0 };
	struct cor_str said;

	ret->len = 0;
	*ret_text = "";
	if (!cor_cli_exists(note) || cor_cli_read_file(cli, note, &said) != COR_CLI_OK)
		return false;
	unlink(note);
	const char *at = cor_cli_text(cli, "%.*s", (int)said.len, said.data);
	const char *maps = strstr(at, "\n\n");
	for (unsigned i = 0; maps && at < maps && i < COR_BACKTRACE_FRAMES; i++) {
		uint64_t address = strtoull(at, NULL, 16) - (i == 0 ? 0 : 1);
		struct mapped mapped = find_mapped(cli, maps + 2, address);
		add_frame(cli, &mapped, address, program, &text, ret);
		at += strcspn(at, "\n") + 1;
	}
	*ret_text = cor_cli_take(cli, &text).data;
	*ret_text = cor_cli_text(cli, "%s", *ret_text);
	return true;
}
