/* SPDX-License-Identifier: MIT */
#include "runtime/crash_note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/backtrace.h"

/* For a signal handler, which the whole process has but one of. Empty: nothing is noted. */
static char note[512];
static char unfinished[sizeof note + 4];

int cor_crash_note_prepare(const char *folder)
{
	int len = snprintf(
		note, sizeof note, "%s/crash.%ld.%ld", folder, (long)getpid(), (long)getppid());

	if (len < 0 || (size_t)len >= sizeof note) {
		note[0] = '\0';
		return -ENAMETOOLONG;
	}
	snprintf(unfinished, sizeof unfinished, "%s.new", note);
	cor_backtrace_prepare();
	return 0;
}

/* By nothing that a signal handler may not call. */
static void write_address(int out, uintptr_t address)
{
	char line[20] = "0x";
	size_t len = 2;

	for (int shift = 60; shift >= 0; shift -= 4)
		line[len++] = "0123456789abcdef"[(address >> shift) & 15];
	line[len++] = '\n';
	ssize_t written = write(out, line, len);
	(void)written;
}

static void copy(int out, int in)
{
	char text[4096];
	ssize_t len;

	while (in >= 0 && (len = read(in, text, sizeof text)) > 0) {
		ssize_t written = write(out, text, (size_t)len);
		(void)written;
	}
}

void cor_crash_note_write(const void *context)
{
	struct cor_backtrace stack;

	if (note[0] == '\0')
		return;
	int out = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (out < 0)
		return;
	cor_backtrace_take(&stack, context);
	for (size_t i = 0; i < stack.len; i++)
		write_address(out, (uintptr_t)stack.frames[i]);
	ssize_t written = write(out, "\n", 1);
	(void)written;
	int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	copy(out, maps);
	close(maps);
	close(out);
	(void)rename(unfinished, note);
}
