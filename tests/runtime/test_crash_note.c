/* SPDX-License-Identifier: MIT */
/* A child process crashes, and the test reads where. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/crash.h"
#include "runtime/crash_note.h"

static char folder[] = "/tmp/crash-note.XXXXXX";

static __attribute__((noinline)) void crash(void)
{
	volatile uintptr_t low = 64; /* UBSan would see a NULL first */

	*(volatile int *)low = 1;
}

static pid_t run(bool is_prepared)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		/* a sanitizer's handler would be called instead */
		signal(SIGSEGV, SIG_DFL);
		if (is_prepared && cor_crash_note_prepare(folder) != 0)
			_exit(1);
		if (cor_crash_report_install() != 0)
			_exit(2);
		crash();
		_exit(3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	return child;
}

static FILE *open_note(pid_t pid, char path[128])
{
	snprintf(path, 128, "%s/crash.%d.%d", folder, (int)pid, (int)getpid());
	return fopen(path, "re");
}

/* The first address is in the function, and in what the map says of this program. */
static void it_says_where(void **state)
{
	uint64_t from, to, first = 0, here = (uint64_t)(uintptr_t)crash;
	char line[512], path[128];
	bool is_mapped = false, is_behind = false;

	(void)state;
	FILE *note = open_note(run(true), path);
	assert_non_null(note);
	while (fgets(line, sizeof line, note)) {
		if (first == 0)
			assert_int_equal(sscanf(line, "%" SCNx64, &first), 1);
		is_behind = is_behind || line[0] == '\n';
		if (is_behind && sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) == 2)
			is_mapped = is_mapped || (first >= from && first < to &&
							 strstr(line, "test-runtime-crash_note"));
	}
	fclose(note);
	unlink(path);
	assert_true(first >= here && first < here + 256);
	assert_true(is_mapped);
	assert_int_equal(rmdir(folder), 0); /* nothing unfinished is there */
}

static void nothing_is_noted_otherwise(void **state)
{
	char path[128];

	(void)state;
	assert_null(open_note(run(false), path));
}

static void a_folder_is_too_long(void **state)
{
	char longer[600];

	(void)state;
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(cor_crash_note_prepare(longer), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_noted_otherwise),
		cmocka_unit_test(a_folder_is_too_long),
		cmocka_unit_test(it_says_where),
	};

	if (!mkdtemp(folder))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
