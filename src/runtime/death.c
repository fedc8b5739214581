/* SPDX-License-Identifier: MIT */
#include "runtime/death.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

static const struct signal_name {
	int number;
	const char *name;
} names[] = {
	{ SIGABRT, "SIGABRT" },
	{ SIGALRM, "SIGALRM" },
	{ SIGBUS, "SIGBUS" },
	{ SIGFPE, "SIGFPE" },
	{ SIGHUP, "SIGHUP" },
	{ SIGILL, "SIGILL" },
	{ SIGINT, "SIGINT" },
	{ SIGKILL, "SIGKILL" },
	{ SIGPIPE, "SIGPIPE" },
	{ SIGQUIT, "SIGQUIT" },
	{ SIGSEGV, "SIGSEGV" },
	{ SIGSYS, "SIGSYS" },
	{ SIGTERM, "SIGTERM" },
	{ SIGTRAP, "SIGTRAP" },
	{ SIGXCPU, "SIGXCPU" },
};

static const char *name_of(int number)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

void cor_death_print(int status, char ret[COR_DEATH_BYTES])
{
	if (!WIFSIGNALED(status))
		snprintf(ret, COR_DEATH_BYTES, "ended with status %d", WEXITSTATUS(status));
	else if (name_of(WTERMSIG(status)))
		snprintf(ret, COR_DEATH_BYTES, "died of %s", name_of(WTERMSIG(status)));
	else
		snprintf(ret, COR_DEATH_BYTES, "died of signal %d", WTERMSIG(status));
}
