/* SPDX-License-Identifier: MIT */
#include "lint/misuse.h"

#include <ctype.h>
#include <string.h>

static const struct {
	const char *functions; /* with blanks around each */
	const char *rule, *advice;
} rules[] = {
	{ " sleep usleep nanosleep clock_nanosleep ", "blocks",
		"holds the thread, and all requests on it: call cor_sleep_ms()" },
	{ " system popen getaddrinfo gethostbyname gethostbyaddr getnameinfo wait waitpid flock ",
		"blocks",
		"holds the thread, and all requests on it: call it in an executor (executor.h)" },
	{ " pthread_mutex_lock sem_wait pthread_cond_wait pthread_join pthread_barrier_wait ",
		"blocks",
		"holds the thread while it waits: cor_mutex_lock() and the others of sync.h let other requests go on" },
	{ " strcpy strcat sprintf vsprintf gets stpcpy ", "overruns",
		"writes past the end of what is too small: cor_printf() makes a text of the size it needs, snprintf() cuts it" },
	{ " atoi atol atoll atof ", "guesses",
		"says 0 for what is no number: a row of a table reads and checks it, strtol() says where it stopped" },
	{ " strtok localtime gmtime asctime ctime rand srand setlocale ", "shares",
		"keeps what all threads share: the same with _r, cor_now() and cor_random_bytes() do not" },
	{ " exit abort _exit quick_exit ", "ends",
		"ends the process with all requests in it: return an error, which is a 500 and a line of the log" },
	{ " signal sigaction sigprocmask pthread_sigmask ", "signals",
		"changes signals that the server uses: hooks of the service start and end what it needs" },
	{ " fork vfork clone ", "forks",
		"leaves a child with the server's sockets and without its threads: an executor of processes has them" },
};

struct reading {
	struct cor_findings *findings;
	const char *path;
	const char *begin; /* of the line */
	uint32_t line;
	bool is_left; /* NOLINT */
};

static bool has(const char *functions, const char *name, size_t len)
{
	for (const char *at = functions; (at = memmem(at, strlen(at), name, len)); at++)
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

static void look_at(struct reading *reading, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (!has(rules[i].functions, name, len))
			continue;
		char *message = cor_arena_printf(
			reading->findings->arena, "%.*s() %s", (int)len, name, rules[i].advice);
		const struct cor_finding finding = {
			.tool = "coracle",
			.rule = rules[i].rule,
			.path = reading->path,
			.message = message ? message : rules[i].advice,
			.line = reading->line,
			.column = (uint32_t)(name - reading->begin) + 1,
			.level = COR_FINDING_WARNING,
		};
		cor_findings_add(reading->findings, &finding);
		return;
	}
}

static bool is_name(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_';
}

/* Behind a text or a comment that begins at `at`; `at` itself if none does. */
static const char *skip(const char *at, const char *end)
{
	const char *stop;

	if (*at == '"' || *at == '\'') {
		for (stop = at + 1; stop < end && *stop != *at && *stop != '\n'; stop++)
			stop += *stop == '\\';
		return stop < end ? stop + 1 : end;
	}
	if (at + 1 < end && at[0] == '/' && at[1] == '/') {
		stop = memchr(at, '\n', (size_t)(end - at));
		return stop ? stop : end;
	}
	if (at + 1 < end && at[0] == '/' && at[1] == '*') {
		stop = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
		return stop ? stop + 2 : end;
	}
	return at;
}

static void begin_line(struct reading *reading, const char *at, const char *end)
{
	const char *stop = memchr(at, '\n', (size_t)(end - at));

	reading->begin = at;
	reading->line++;
	reading->is_left = memmem(at, (size_t)((stop ? stop : end) - at), "NOLINT", 6) != NULL;
}

/* A member of that name (pool->fork()) is no call of it. */
static const char *read_name(struct reading *reading, const char *at, const char *end)
{
	const char *stop = at;

	while (stop < end && is_name(*stop))
		stop++;
	const char *open = stop;
	while (open < end && (*open == ' ' || *open == '\t'))
		open++;
	size_t before = (size_t)(at - reading->begin);
	bool is_member = (before > 0 && at[-1] == '.') ||
			 (before > 1 && at[-1] == '>' && at[-2] == '-');
	if (open < end && *open == '(' && !is_member && !reading->is_left)
		look_at(reading, at, (size_t)(stop - at));
	return stop;
}

void cor_misuse_find(struct cor_findings *findings, const char *path, struct cor_str source)
{
	struct reading reading = { .findings = findings, .path = path };
	const char *at = source.data, *end = at + source.len;

	if (source.len)
		begin_line(&reading, at, end);
	while (at < end) {
		const char *next = skip(at, end);
		if (next == at && is_name(*at))
			next = read_name(&reading, at, end);
		else if (next == at)
			next = at + 1;
		for (; at < next; at++)
			if (*at == '\n')
				begin_line(&reading, at + 1, end);
	}
}
