/* SPDX-License-Identifier: MIT */
/* What libFuzzer calls, and what `coracle fuzz` asks of a target besides. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/str.h>
#include <coracle/test_fuzz.h>

#include "fuzz/compose.h"
#include "fuzz/figures.h"
#include "fuzz/session.h"
#include "fuzz/shrink.h"
#include "fuzz/verdict.h"

#define FOUND       2 /* the status that says so */
#define BEFORE      "test/" COR_BEFORE_FILE
#define NEW_SERVICE 2000 /* executions: what it keeps does not fill it for ever */

/* libFuzzer hands functions nothing of their own: this is the one state of the process. */
static struct target {
	struct cor_fuzz_session session;
	struct cor_fuzz_request request;
	struct cor_buffer headers; /* of --header, lines */
	struct cor_fuzz_figures *figures;
	const char *operation;
	const char *figures_path, *dictionary, *show, *shrink, *attempt, *headers_path, *known_path;
	struct cor_buffer known; /* titles of defects that are passed over, lines */
	int log;                 /* what the service says, while there are such */
	char **argv;
	unsigned limit_s;
	bool has_no_leaks;
} target = { .limit_s = 10 };

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	_exit(EXIT_FAILURE);
}

/* --- options --- */

static const char *value_of(const char *argument, const char *option)
{
	size_t len = strlen(option);

	return strncmp(argument, option, len) == 0 && argument[len] == '=' ? argument + len + 1
									   : NULL;
}

static void read_option(const char *argument)
{
	const struct {
		const char *name;
		const char **value;
	} texts[] = {
		{ "--operation", &target.operation },
		{ "--figures", &target.figures_path },
		{ "--dictionary", &target.dictionary },
		{ "--show", &target.show },
		{ "--shrink", &target.shrink },
		{ "--try", &target.attempt },
		{ "--headers", &target.headers_path },
		{ "--known", &target.known_path },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (value_of(argument, texts[i].name))
			*texts[i].value = value_of(argument, texts[i].name);
	if (value_of(argument, "--header"))
		cor_buffer_printf(&target.headers, "%s\n", value_of(argument, "--header"));
	if (value_of(argument, "--limit"))
		target.limit_s = (unsigned)strtoul(value_of(argument, "--limit"), NULL, 10);
	if (strcmp(argument, "--no-leaks") == 0)
		target.has_no_leaks = true;
}

/* --- files --- */

static void read_file(const char *path, struct cor_buffer *out)
{
	FILE *file = fopen(path, "re");
	size_t n = 1;

	if (!file)
		fail(path, strerror(errno));
	while (n > 0) {
		char *at = cor_buffer_reserve(out, 1 << 14);
		n = at ? fread(at, 1, 1 << 14, file) : 0;
		out->len += n;
	}
	fclose(file);
}

static void write_file(const char *path, const struct cor_buffer *text)
{
	FILE *file = fopen(path, "we");

	if (!file || (text->len && fwrite(text->data, 1, text->len, file) != text->len) ||
		fclose(file) != 0)
		fail(path, strerror(errno));
}

static void map_figures(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, sizeof *target.figures) != 0)
		fail(path, strerror(errno));
	target.figures = mmap(
		NULL, sizeof *target.figures, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (target.figures == MAP_FAILED)
		fail(path, strerror(errno));
}

/* --- what has been found before --- */

static bool is_known(const char *title)
{
	size_t len = strlen(title);

	for (const char *at = target.known.data; at && *at;
		at += strcspn(at, "\n"), at += *at == '\n')
		if (strncmp(at, title, len) == 0 && at[len] == '\n')
			return true;
	return false;
}

/* Needs a log that can be read: that of one request, so it is emptied behind each. */
static void read_known(void)
{
	read_file(target.known_path, &target.known);
	cor_buffer_byte(&target.known, '\0');
	target.log = memfd_create("log", MFD_CLOEXEC);
	if (target.log < 0)
		fail("--known", strerror(errno));
	target.session.log = target.log;
}

static void empty_log(void)
{
	if (target.known_path &&
		(ftruncate(target.log, 0) < 0 || lseek(target.log, 0, SEEK_SET) < 0))
		fail("--known", strerror(errno));
}

/* What crashes the process, or leaks in it, is never one of these: its place is not known here. */
static bool is_wrong_as_known(const char *wrong)
{
	char title[COR_FUZZ_TITLE_BYTES], output[16384];

	if (!target.known_path || strncmp(wrong, "memory", 6) == 0)
		return false;
	ssize_t n = pread(target.log, output, sizeof output - 1, 0);
	output[n > 0 ? n : 0] = '\0';
	cor_fuzz_title(wrong, output, title);
	return is_known(title);
}

/* --- what is asked besides --- */

static void compose(const uint8_t *data, size_t len)
{
	struct cor_fuzz_choices choices = { data, data + len };

	cor_fuzz_compose(&target.session.promise, &choices, &target.session.pass,
		(struct cor_str){ target.headers.data, target.headers.len }, &target.request);
}

/* The request of an input, as it would be kept. */
static void show(const char *path)
{
	struct cor_buffer input = { 0 }, text = { 0 };

	read_file(path, &input);
	if (target.session.before.params_len)
		cor_fuzz_session_start(&target.session);
	compose((const uint8_t *)input.data, input.len);
	cor_fuzz_request_write(&target.request, &text);
	fwrite(text.data, 1, text.len, stdout);
}

static void read_request(const char *path)
{
	int rc = cor_fuzz_request_load(path, &target.request);

	if (rc < 0)
		fail(path, rc == -COR_EINVALID ? "is no request" : cor_strerror(rc));
}

/* What a request shows: the first line names it; what the process wrote follows. */
static void shrink(const char *path)
{
	struct cor_buffer less = { 0 };
	struct cor_fuzz_verdict verdict;

	read_request(path);
	cor_fuzz_try(&target.session, &target.request, target.limit_s, &verdict);
	if (!verdict.is_found)
		_exit(0);
	unsigned tries = is_known(verdict.title) ? 0
						 : cor_fuzz_shrink(&target.session, &target.request,
							   target.limit_s, &verdict);
	cor_fuzz_request_write(&target.request, &less);
	write_file(path, &less);
	printf("%s\n%u\n", verdict.title, tries);
	fwrite(verdict.output.data, 1, verdict.output.len ? verdict.output.len - 1 : 0, stdout);
	fflush(stdout);
	_exit(FOUND);
}

/* Only whether it is a finding: the status says so. */
static _Noreturn void attempt(const char *path)
{
	read_request(path);
	cor_fuzz_session_start(&target.session);
	const char *wrong = cor_fuzz_session_ask(&target.session, &target.request);
	if (wrong)
		fprintf(stderr, COR_FUZZ_MARK "%s\n", wrong);
	fflush(NULL);
	_exit(wrong ? FOUND : 0);
}

/* What would let requests in: for who is told that none was. */
static void tell_way(void)
{
	struct cor_fuzz_promise *promise = &target.session.promise;
	const struct cor_node *own = cor_node_get(promise->node, "security");
	const char *hint = cor_shown_hint(&promise->arena, promise->document,
		own ? own : cor_node_get(promise->document, "security"), true);

	printf("%s\n", hint ? hint : "");
}

static void do_other(void)
{
	struct cor_buffer words = { 0 };

	if (target.dictionary) {
		/* Whether it starts, and takes what goes before: asked without libFuzzer. */
		cor_fuzz_session_start(&target.session);
		cor_fuzz_dictionary(&target.session.promise, &words);
		write_file(target.dictionary, &words);
		printf("%s\n", cor_fuzz_name(&target.session.promise));
		tell_way();
	}
	if (target.show)
		show(target.show);
	if (target.shrink)
		shrink(target.shrink);
	if (target.attempt)
		attempt(target.attempt);
	if (!target.dictionary && !target.show && !target.shrink)
		return;
	fflush(NULL);
	_exit(0);
}

/* --- leaks --- */

#define OF_ASAN "ASAN_OPTIONS="

/* ASan's options of this process, and that it walks the stacks of fibers. */
static char *options_of_asan(void)
{
	const char *options = getenv("ASAN_OPTIONS");
	char *text;

	return asprintf(&text, OF_ASAN "%s:fast_unwind_on_malloc=0", options ? options : "") < 0
		       ? NULL
		       : text;
}

/* That of this process, with those options. */
static char **environment(char *options)
{
	size_t len = 0, out = 0;

	while (environ[len])
		len++;
	char **copy = calloc(len + 2, sizeof *copy);
	if (!copy)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if (strncmp(environ[i], OF_ASAN, strlen(OF_ASAN)) != 0)
			copy[out++] = environ[i];
	copy[out] = options;
	return copy;
}

/* Which options it has been given, and another. */
static char **arguments(char *another)
{
	size_t len = 0, out = 1;

	while (target.argv[len])
		len++;
	char **copy = calloc(len + 2, sizeof *copy);
	if (!copy)
		return NULL;
	copy[0] = target.argv[0];
	for (size_t i = 1; i < len; i++)
		if (strncmp(target.argv[i], "--", 2) == 0)
			copy[out++] = target.argv[i];
	copy[out] = another;
	return copy;
}

/* In another process, whose allocations take longer: it is asked seldom. */
static bool confirm(const struct cor_fuzz_request *request)
{
	struct cor_buffer text = { 0 };
	char *path = NULL, *option = NULL, *options = options_of_asan();
	posix_spawn_file_actions_t actions;
	int status = 0;
	pid_t child;

	if (asprintf(&path, "%s.suspect", target.figures_path) < 0 ||
		asprintf(&option, "--try=%s", path) < 0)
		fail("--try", strerror(ENOMEM));
	cor_fuzz_request_write(request, &text);
	write_file(path, &text);
	cor_buffer_finish(&text);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	char **argv = arguments(option), **envp = environment(options);
	bool is_started = argv && envp && options &&
			  posix_spawn(&child, "/proc/self/exe", &actions, NULL, argv, envp) == 0;
	while (is_started && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	posix_spawn_file_actions_destroy(&actions);
	free(argv);
	free(envp);
	free(options);
	free(option);
	free(path);
	return is_started && WIFEXITED(status) && WEXITSTATUS(status) == FOUND;
}

/* --- libFuzzer --- */

static void read_before(void)
{
	struct cor_before *before = &target.session.before;
	int rc = cor_before_load(before, BEFORE);

	if (rc == 0)
		rc = cor_before_check(before, target.session.promise.document);
	if (rc == 0)
		return;
	if (!before->fault)
		fail(BEFORE, cor_strerror(rc));
	fprintf(stderr, "%s\n", before->fault);
	_exit(COR_FUZZ_BEFORE_WRONG);
}

int cor_fuzz_begin(const int *argc, char ***argv, const struct cor_service *service)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (int i = 1; i < *argc; i++)
		if (strncmp((*argv)[i], "--", 2) == 0)
			read_option((*argv)[i]);
	if (!target.operation)
		fail("--operation", "is needed");
	int rc = cor_fuzz_session_init(&target.session, service, target.operation, nowhere);
	if (rc == -ENOENT)
		_exit(COR_FUZZ_NO_OPERATION);
	if (rc < 0)
		fail(target.operation, cor_strerror(rc));
	target.session.looks_for_leaks = target.session.looks_for_leaks && !target.has_no_leaks;
	read_before();
	if (target.headers_path)
		read_file(target.headers_path, &target.headers);
	if (target.known_path)
		read_known();
	target.argv = *argv;
	do_other();
	if (target.figures_path) {
		map_figures(target.figures_path);
		target.session.confirm = confirm;
	}
	return 0;
}

/* The first input, and one now and then, is of a new service. */
static void begin_anew(void)
{
	const struct cor_fuzz_answer *answer = &target.session.answer;
	static uint64_t executions;

	bool is_full = executions && !answer->fault && answer->parser.status == 507;
	if (executions++ % NEW_SERVICE == 0 || is_full)
		cor_fuzz_session_start(&target.session);
	if (target.figures)
		target.figures->executions++;
}

/* Of what the operation answers: what goes before has other statuses. */
static void count_answer(void)
{
	const struct cor_fuzz_answer *answer = &target.session.answer;

	if (target.figures && !answer->fault && answer->parser.status < COR_FUZZ_STATUSES)
		target.figures->statuses[answer->parser.status]++;
}

int cor_fuzz_input(const uint8_t *data, size_t len)
{
	begin_anew();
	compose(data, len);
	empty_log();
	const char *wrong = cor_fuzz_session_ask(&target.session, &target.request);
	count_answer();
	if (!wrong)
		return 0;
	if (is_wrong_as_known(wrong)) {
		if (strncmp(wrong, "no answer", 9) == 0) /* it waits still */
			cor_fuzz_session_start(&target.session);
		return 0;
	}
	fprintf(stderr, COR_FUZZ_MARK "%s\n", wrong);
	abort();
}
