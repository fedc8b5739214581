/* SPDX-License-Identifier: MIT */
#include "testing/stack_print.h"

#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/symbols.h"

extern char **environ;

#define PLACE_BYTES 512

struct frame {
	struct cor_symbol symbol;
	char place[PLACE_BYTES]; /* "file:line"; "": unknown */
};

static bool is_of_kit(const struct frame *frame)
{
	return strcmp(frame->symbol.function, "cor_run_part") == 0;
}

/* --- addr2line --- */

/* Its standard output; NULL: it cannot be started. It ends by itself, and is then waited for. */
static FILE *ask(char **arguments, pid_t *ret_pid)
{
	int ends[2];
	posix_spawn_file_actions_t actions;

	if (pipe(ends) < 0)
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	int rc = posix_spawnp(ret_pid, arguments[0], &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	FILE *in = rc == 0 ? fdopen(ends[0], "r") : NULL;
	if (!in)
		close(ends[0]);
	return in;
}

/* Lines are "/path/file.c:12", or with " (discriminator 2)" behind; "??:0" is unknown. */
static void read_places(FILE *in, struct frame **asked, size_t len)
{
	char line[PLACE_BYTES];

	for (size_t i = 0; i < len && fgets(line, sizeof line, in); i++) {
		line[strcspn(line, " \n")] = '\0';
		if (line[0] != '?')
			memcpy(asked[i]->place, line, sizeof line);
	}
}

/* Of the program alone: what is in libraries is not the user's. */
static void find_places(struct frame *frames, size_t len)
{
	char program[PATH_MAX], addresses[COR_BACKTRACE_FRAMES][32];
	char *arguments[COR_BACKTRACE_FRAMES + 4] = { "addr2line", "-e", program };
	struct frame *asked[COR_BACKTRACE_FRAMES];
	size_t count = 0;
	pid_t pid = 0;
	ssize_t path_len = readlink("/proc/self/exe", program, sizeof program - 1);

	program[path_len > 0 ? path_len : 0] = '\0';
	const char *slash = strrchr(program, '/');
	for (size_t i = 0; i < len && slash; i++) {
		if (strncmp(frames[i].symbol.file, slash + 1, COR_SYMBOL_BYTES - 1) != 0)
			continue;
		snprintf(addresses[count], sizeof addresses[count], "0x%zx",
			(size_t)frames[i].symbol.at);
		arguments[3 + count] = addresses[count];
		asked[count++] = &frames[i];
	}
	FILE *in = count > 0 ? ask(arguments, &pid) : NULL;
	if (!in)
		return;
	read_places(in, asked, count);
	fclose(in);
	waitpid(pid, NULL, 0);
}

/* --- lines --- */

static void print(struct cor_outcome *outcome, const struct frame *frame)
{
	cor_outcome_say(
		outcome, "    %s", frame->symbol.function[0] ? frame->symbol.function : "?");
	if (frame->place[0])
		cor_outcome_say(outcome, " at %s\n", frame->place);
	else
		cor_outcome_say(
			outcome, " in %s+0x%zx\n", frame->symbol.file, (size_t)frame->symbol.at);
}

/* Of a return address: the call stands before it. */
void cor_stack_print(struct cor_outcome *outcome)
{
	struct cor_symbols symbols = { .len = 0 };
	struct frame *frames = calloc(COR_BACKTRACE_FRAMES, sizeof *frames);
	size_t len = 0;

	for (size_t i = 0; frames && i < outcome->backtrace.len; i++) {
		const char *at = outcome->backtrace.frames[i];
		cor_symbols_find(&symbols, at - (i == 0 ? 0 : 1), &frames[len].symbol);
		if (is_of_kit(&frames[len]))
			break;
		len++;
	}
	cor_symbols_close(&symbols);
	if (frames)
		find_places(frames, len);
	for (size_t i = 0; i < len; i++)
		print(outcome, &frames[i]);
	free(frames);
}

void cor_stack_print_place(struct cor_outcome *outcome, const void *place)
{
	struct cor_symbols symbols = { .len = 0 };
	struct frame frame = { .place = "" };

	cor_symbols_find(&symbols, (const char *)place - 1, &frame.symbol);
	cor_symbols_close(&symbols);
	find_places(&frame, 1);
	print(outcome, &frame);
}
