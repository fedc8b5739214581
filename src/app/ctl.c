/* SPDX-License-Identifier: MIT */
#include "app/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/setup.h"
#include "base/buffer.h"
#include "control/client.h"
#include "control/status.h"
#include "json/writer.h"
#include "runtime/clock.h"

#define ANSWER_MS 10000
#define ORDER_MS  960000 /* longer than the control process waits for its end */

struct ctl {
	struct cor_setup setup;
	const char *address;
	const char *level; /* of log-level; NULL: show it */
	bool is_json;
};

/* --- what is asked, and what is answered --- */

static const char *remedy_for(int rc)
{
	switch (-rc) {
	case EACCES:
		return "its socket is for the user that started the service";
	case EPROTO:
		return "it has gone before it answered: `ctl status` shows what became of the order";
	case ETIMEDOUT:
		return "it does not answer: is it, or the master, stopped?";
	default:
		return "does the service run with this --control?";
	}
}

static int not_reached(const struct ctl *ctl, int rc)
{
	cor_setup_say(&ctl->setup, "cannot reach the control process at %s: %s: %s", ctl->address,
		cor_strerror(rc), remedy_for(rc));
	return rc == -EACCES ? COR_EXIT_NO_PERMISSION : COR_EXIT_UNAVAILABLE;
}

static int print(const char *text)
{
	return puts(text) < 0 || fflush(stdout) != 0 ? COR_EXIT_SYSTEM : COR_EXIT_OK;
}

static int decode(
	struct cor_arena *arena, const struct cor_schema *schema, struct cor_str text, void *ret)
{
	struct cor_violations why = { 0 };
	struct cor_codec *codec;
	int rc = cor_codec_create(&schema, 1, &codec, arena, &why);

	if (rc < 0)
		return rc;
	rc = cor_decode_json(codec, arena, schema, ret, text, &why);
	cor_codec_destroy(codec);
	return rc;
}

struct refusal {
	const char *title, *detail;
};
static const struct cor_field refusal_fields[] = {
	COR_FIELD(struct refusal, title, .presence = COR_OPTIONAL),
	COR_FIELD(struct refusal, detail, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(refusal_schema, struct refusal, refusal_fields, .unknown = COR_IGNORE);

static int exit_for(int status)
{
	if (status == 403)
		return COR_EXIT_NO_PERMISSION;
	if (status == 404 || status == 405)
		return COR_EXIT_UNAVAILABLE;
	if (status == 422)
		return COR_EXIT_USAGE;
	return status == 409 ? COR_EXIT_CONFIG : COR_EXIT_SYSTEM;
}

static int refused(
	const struct ctl *ctl, struct cor_arena *arena, const struct cor_control_answer *answer)
{
	struct refusal refusal = { 0 };

	if (ctl->is_json)
		cor_ignore(print(answer->body.data));
	else if (answer->status == 404 || answer->status == 405)
		cor_setup_say(&ctl->setup,
			"no control process answers at %s: give the address of --control",
			ctl->address);
	else if (answer->status == 422)
		cor_setup_say(&ctl->setup,
			"\"%s\" is not a log level: write error, warning, info or debug",
			ctl->level);
	else if (decode(arena, &refusal_schema.schema, answer->body, &refusal) == 0)
		cor_setup_say(&ctl->setup, "%s", refusal.detail ? refusal.detail : refusal.title);
	else
		cor_setup_say(&ctl->setup, "the control process at %s answers with status %d",
			ctl->address, answer->status);
	return exit_for(answer->status);
}

/* 0 if the answer says yes, else an exit status; reports what is wrong. */
static int ask(
	struct ctl *ctl, struct cor_control_question question, struct cor_control_answer *ret)
{
	question.address = ctl->address;
	if (question.timeout_ms == 0)
		question.timeout_ms = ANSWER_MS;
	int rc = cor_control_ask(&question, &ctl->setup.arena, ret);
	if (rc < 0)
		return not_reached(ctl, rc);
	return ret->status / 100 == 2 ? COR_EXIT_OK : refused(ctl, &ctl->setup.arena, ret);
}

/* --- status and workers --- */

static double seconds_since(struct timespec then)
{
	int64_t now_s = cor_system_clock.realtime_ns(&cor_system_clock) / COR_NS_PER_S;

	return (double)(now_s - then.tv_sec);
}

static const char *print_age(double s, char ret[24])
{
	int64_t all = (int64_t)s;

	if (all < 60)
		snprintf(ret, 24, "%" PRId64 "s", all);
	else if (all < 3600)
		snprintf(ret, 24, "%" PRId64 "m%02" PRId64 "s", all / 60, all % 60);
	else if (all < 86400)
		snprintf(ret, 24, "%" PRId64 "h%02" PRId64 "m", all / 3600, all / 60 % 60);
	else
		snprintf(ret, 24, "%" PRId64 "d%02" PRId64 "h", all / 86400, all / 3600 % 24);
	return ret;
}

static void print_workers(const struct cor_control_status *status)
{
	static const char *const states[] = {
		[COR_WORKER_STARTING] = "starting",
		[COR_WORKER_READY] = "ready",
		[COR_WORKER_LEAVING] = "leaving",
	};
	char age[24];

	printf("%8s  %-8s  %7s  %10s  %12s  %11s  %7s  %9s\n", "PID", "STATE", "AGE", "GENERATION",
		"REQUESTS", "CONNECTIONS", "WAITING", "MEMORY");
	for (size_t i = 0; i < status->workers.len; i++) {
		const struct cor_control_worker *worker = &status->workers.items[i];
		printf("%8" PRId32 "  %-8s  %7s  %10" PRIu32 "  %12" PRIu64 "  %11" PRIu32
		       "  %7" PRId64 "  %6.1f MB\n",
			worker->pid, states[worker->state], print_age(worker->age_s, age),
			worker->generation, worker->requests, worker->connections, worker->waiting,
			(double)worker->memory_bytes / 1e6);
	}
}

static void print_service(const struct cor_control_status *status)
{
	const struct cor_control_restarts *restarts = &status->restarts;
	char age[24];

	printf("%s%s%s: %s%" PRIu32 " of %" PRIu32 " workers ready, master %" PRId32 ", up %s\n",
		status->service, status->version ? " " : "", status->version ? status->version : "",
		status->ending ? "ending, " : "", status->ready, status->wanted, status->master,
		print_age(seconds_since(status->started), age));
	printf("generation %" PRIu32 ", reloads %" PRIu64 ", upgrades %" PRIu64
	       "; workers replaced after a signal %" PRIu64 ", an exit %" PRIu64
	       ", a slow start %" PRIu64 "\n",
		status->generation, status->reloads, status->upgrades, restarts->signal,
		restarts->exit, restarts->timeout);
	if (status->refusal)
		printf("the last reload failed: %s\n", status->refusal);
}

static void print_if_known(const char *what, const char *text)
{
	if (text)
		printf(", %s %s", what, text);
}

static void print_request(const struct cor_control_request *request)
{
	static const char *const states[] = {
		[COR_REQUEST_RUNNING] = "running",
		[COR_REQUEST_WAITING] = "waiting",
		[COR_REQUEST_READING] = "reading",
		[COR_REQUEST_WRITING] = "writing",
		[COR_REQUEST_HOLDING] = "holding",
	};
	const char *name = request->route ? request->route : request->handler;

	printf("%8.3fs  %-7s  %8" PRId32 "  %6" PRIu32 "  %-7s %s", request->age_s,
		states[request->state], request->pid, request->thread,
		request->method ? request->method : "-", name ? name : "-");
	print_if_known("in", request->waits_in);
	print_if_known("from", request->peer);
	print_if_known("id", request->id);
	printf("\n");
}

static void print_requests(const struct cor_control_requests *requests)
{
	if (requests->items.len != 0)
		printf("\n%9s  %-7s  %8s  %6s  %s\n", "IN FLIGHT", "STATE", "PID", "THREAD",
			"REQUEST");
	for (size_t i = 0; i < requests->items.len; i++)
		print_request(&requests->items.items[i]);
	if (requests->more != 0)
		printf("and %" PRIu64 " more\n", requests->more);
	for (size_t i = 0; i < requests->silent.len; i++)
		printf("worker %" PRId32 " does not answer\n", requests->silent.items[i]);
}

/* What another version of the program answers may be more, or less, than this one knows. */
static int show(struct ctl *ctl, bool is_whole)
{
	const struct cor_control_question question = { .method = "GET", .path = "/status" };
	struct cor_control_status status = { 0 };
	struct cor_control_answer answer;
	int rc = ask(ctl, question, &answer);

	if (rc != COR_EXIT_OK)
		return rc;
	if (ctl->is_json || decode(&ctl->setup.arena, &cor_control_status_schema.schema,
				    answer.body, &status) < 0)
		return print(answer.body.data);
	if (is_whole) {
		print_service(&status);
		putchar('\n');
	}
	print_workers(&status);
	if (is_whole)
		print_requests(&status.requests);
	return fflush(stdout) == 0 ? COR_EXIT_OK : COR_EXIT_SYSTEM;
}

static int show_status(struct ctl *ctl)
{
	return show(ctl, true);
}

static int show_workers(struct ctl *ctl)
{
	return show(ctl, false);
}

/* --- orders --- */

static int reload(struct ctl *ctl)
{
	const struct cor_control_question question = {
		.method = "POST", .path = "/reload", .timeout_ms = ORDER_MS
	};
	struct cor_control_answer answer;
	int rc = ask(ctl, question, &answer);

	if (rc != COR_EXIT_OK)
		return rc;
	return print(ctl->is_json ? answer.body.data : "reloaded");
}

/* Decodes /status into *ret, whose texts are gone; its master is 0 if nobody has said so. */
static void look(const struct ctl *ctl, struct cor_control_status *ret)
{
	const struct cor_control_question question = {
		.address = ctl->address, .method = "GET", .path = "/status", .timeout_ms = ANSWER_MS
	};
	struct cor_control_answer answer = { 0 };
	struct cor_arena arena;

	*ret = (struct cor_control_status){ 0 };
	cor_arena_init(&arena, NULL, 0, 0);
	if (cor_control_ask(&question, &arena, &answer) == 0 && answer.status == 200)
		cor_ignore(decode(&arena, &cor_control_status_schema.schema, answer.body, ret));
	cor_arena_finish(&arena);
}

/* Returns -1 if that is not a master: the number may be one of another name space. */
static int open_master(int32_t pid)
{
	char path[32], name[32] = "";

	snprintf(path, sizeof path, "/proc/%" PRId32 "/comm", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t len = read(fd, name, sizeof name - 1);
	close(fd);
	return len > 0 && strstr(name, ":master") ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
}

/* The control process ends a moment before its master, who owns the sockets and the pid file. */
static void await_master(int pidfd)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	while (pidfd >= 0 && poll(&end, 1, -1) < 0 && errno == EINTR)
		;
}

struct stopped {
	bool cut;
};
static const struct cor_field stopped_fields[] = { COR_FIELD(struct stopped, cut) };
COR_LOCAL_SCHEMA(stopped_schema, struct stopped, stopped_fields, .unknown = COR_IGNORE);

static int say_ended(const struct ctl *ctl, struct stopped stopped)
{
	const char *text = stopped.cut ? "ended; requests in progress were cut" : "ended";
	const char *json = stopped.cut ? "{\"ended\":true,\"cut\":true}"
				       : "{\"ended\":true,\"cut\":false}";
	int status = print(ctl->is_json ? json : text);

	return status == COR_EXIT_OK && stopped.cut ? COR_EXIT_CUT : status;
}

/* Its control process answers when the workers have gone. */
static int stop(struct ctl *ctl)
{
	const struct cor_control_question question = {
		.method = "POST", .path = "/stop", .timeout_ms = ORDER_MS
	};
	struct cor_control_status before;
	struct stopped stopped = { 0 };
	struct cor_control_answer answer;

	look(ctl, &before);
	int pidfd = open_master(before.master);
	int rc = ask(ctl, question, &answer);
	if (rc == COR_EXIT_OK) {
		cor_ignore(
			decode(&ctl->setup.arena, &stopped_schema.schema, answer.body, &stopped));
		await_master(pidfd);
	}
	if (pidfd >= 0)
		close(pidfd);
	return rc == COR_EXIT_OK ? say_ended(ctl, stopped) : rc;
}

struct log_level {
	const char *level;
};
static const struct cor_field log_level_fields[] = { COR_FIELD(struct log_level, level) };
COR_LOCAL_SCHEMA(log_level_schema, struct log_level, log_level_fields);

static int ask_for_level(struct ctl *ctl, struct cor_control_answer *ret)
{
	struct cor_control_question question = { .method = "GET", .path = "/log-level" };
	struct cor_buffer json = { 0 };

	if (ctl->level) {
		cor_buffer_literal(&json, "{\"level\":");
		cor_json_write_string(&json, cor_str(ctl->level));
		cor_buffer_byte(&json, '}');
		question.method = "PUT";
		question.json = (struct cor_str){ json.data, json.len };
	}
	int rc = cor_buffer_error(&json) < 0 ? COR_EXIT_SYSTEM : ask(ctl, question, ret);
	cor_buffer_finish(&json);
	return rc;
}

static int log_level(struct ctl *ctl)
{
	struct cor_control_answer answer;
	struct log_level now = { 0 };
	int rc = ask_for_level(ctl, &answer);

	if (rc != COR_EXIT_OK)
		return rc;
	if (ctl->is_json ||
		decode(&ctl->setup.arena, &log_level_schema.schema, answer.body, &now) < 0)
		return print(answer.body.data);
	return print(now.level);
}

/* --- the command line --- */

static const struct order {
	const char *word, *doc;
	int (*run)(struct ctl *ctl);
} orders[] = {
	{ "status", "Show the service, its workers and the requests in flight", show_status },
	{ "workers", "Show the workers only", show_workers },
	{ "reload", "Reload program and configuration; return when that is over", reload },
	{ "stop", "End the service as SIGTERM does; return when it has ended", stop },
	{ "log-level", "Show the log level, or set it: error, warning, info or debug", log_level },
};

static int print_usage(const struct ctl *ctl, FILE *out, int status)
{
	fprintf(out,
		"Usage: %s ctl ORDER [--json] [--control ADDR:PORT|unix:PATH] [OPTION ...]\n\n"
		"Talks to the control process of a running service.\n\n",
		ctl->setup.service->name);
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
		fprintf(out, "  %-18s  %s\n",
			orders[i].run == log_level ? "log-level [LEVEL]" : orders[i].word,
			orders[i].doc);
	fprintf(out, "\n--json prints what the control process answers. The address is that of "
		     "--control, given here or\nwherever the service has it from: environment, or "
		     "--config FILE.\n");
	return fflush(out) == 0 ? status : COR_EXIT_SYSTEM;
}

static const struct order *find_order(const char *word)
{
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
		if (strcmp(orders[i].word, word) == 0)
			return &orders[i];
	return NULL;
}

/*
 * Move what is ctl's own out of the arguments; the rest are settings, which only say where the
 * control process is. Returns how many are left.
 */
static int take_own(struct ctl *ctl, const struct order *order, int argc, char **argv)
{
	int to = 1;

	for (int from = 3; from < argc; from++)
		if (strcmp(argv[from], "--json") == 0)
			ctl->is_json = true;
		else if (order->run == log_level && !ctl->level && to == 1 && argv[from][0] != '-')
			ctl->level = argv[from];
		else
			argv[to++] = argv[from];
	argv[to] = NULL;
	return to;
}

bool cor_ctl_is_meant(int argc, char *const *argv)
{
	return argc > 1 && strcmp(argv[1], "ctl") == 0;
}

static bool wants_help(int argc, char *const *argv)
{
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "help") == 0)
			return true;
	return false;
}

static int obey(struct ctl *ctl, const struct order *order, int argc, char **argv)
{
	argc = take_own(ctl, order, argc, argv);
	enum cor_exit status = cor_setup_find_control(&ctl->setup, argc, argv, &ctl->address);
	return status == COR_EXIT_OK ? order->run(ctl) : (int)status;
}

int cor_ctl(int argc, char **argv, const struct cor_service *service)
{
	struct ctl ctl = { .setup.service = service };
	const struct order *order = argc > 2 ? find_order(argv[2]) : NULL;

	if (wants_help(argc, argv))
		return print_usage(&ctl, stdout, COR_EXIT_OK);
	if (!order && argc > 2)
		cor_setup_say(&ctl.setup, "ctl %s: is not an order", argv[2]);
	if (!order)
		return print_usage(&ctl, stderr, COR_EXIT_USAGE);
	int status = obey(&ctl, order, argc, argv);
	cor_setup_finish(&ctl.setup);
	return status;
}
