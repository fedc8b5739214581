/* SPDX-License-Identifier: MIT */
#include "app/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/background.h"
#include "base/number.h"
#include "runtime/address.h"
#include "runtime/crash.h"
#include "server/server.h"

#define URL_BYTES (sizeof "http://" + COR_ADDRESS_TEXT_BYTES)

/* --- what the system allows --- */

static void raise_open_files(const struct cor_program *program)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == files.rlim_max)
		return;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		cor_logger_log(cor_program_logger(program), COR_LOG_WARNING, NULL,
			"cannot raise the limit on open files: %s", cor_strerror(errno));
}

/* The number in a file of /proc; 0 where it cannot be read. */
static uint64_t kernel_number(const char *path)
{
	char text[32];
	uint64_t value = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	ssize_t len = read(fd, text, sizeof text);
	close(fd);
	while (len > 0 && text[len - 1] == '\n')
		len--;
	if (len <= 0 || cor_number_parse_uint64((struct cor_str){ text, (size_t)len }, &value) < 0)
		return 0;
	return value;
}

static void check_backlog(const struct cor_program *program)
{
	uint64_t somaxconn = kernel_number("/proc/sys/net/core/somaxconn");
	uint32_t backlog = program->setup->server.backlog;

	if (somaxconn != 0 && backlog > somaxconn)
		cor_logger_log(cor_program_logger(program), COR_LOG_WARNING, NULL,
			"the kernel cuts backlog %" PRIu32 " to %" PRIu64
			": raise net.core.somaxconn or lower --backlog",
			backlog, somaxconn);
}

void cor_program_prepare(const struct cor_program *program)
{
	raise_open_files(program);
	check_backlog(program);
	int rc = cor_crash_report_install();
	if (rc < 0)
		cor_logger_log(cor_program_logger(program), COR_LOG_WARNING, NULL,
			"crashes will not be reported: %s", cor_strerror(rc));
}

/* --- why it does not listen --- */

static const char *remedy_for(const struct cor_address *address, int code)
{
	bool local = address->bytes != 0 && address->any.sa_family == AF_UNIX;

	switch (-code) {
	case EADDRINUSE:
		return "is in use: stop the program that listens there, or choose another with --http";
	case EISDIR:
		return "is a directory: name a file in it, as unix:DIRECTORY/NAME.sock";
	case ELOOP:
		return "is a symbolic link: remove it, or name the path that it leads to";
	case ENOTSOCK:
		return "is a file that is not a socket: remove it if nobody needs it, or choose another path";
	case EACCES:
		return local ? "cannot be created: the user may not write in its folder"
			     : "cannot be bound: a port below 1024 needs CAP_NET_BIND_SERVICE; "
			       "choose a higher one with --http";
	case EPERM:
		return "cannot be given to that group: the user is not one of its members; choose another "
		       "with --unix-group";
	case EADDRNOTAVAIL:
		return "is not an address of this machine: choose one of its own, or 0.0.0.0 or [::] for all";
	case ENOENT:
		return "cannot be created: its folder does not exist";
	case EAFNOSUPPORT:
		return "cannot be bound: this machine does not support that kind of address";
	case EINVAL:
		return "is not an address: write ADDRESS:PORT, [IPV6]:PORT or unix:PATH";
	default:
		return NULL;
	}
}

static enum cor_exit explain(const struct cor_program *program, const char *text, int code)
{
	struct cor_logger *logger = cor_program_logger(program);
	struct cor_address address = { 0 };

	if (!text) {
		cor_logger_log(logger, COR_LOG_ERROR, NULL, "the server cannot start: %s",
			cor_strerror(code));
		return COR_EXIT_SYSTEM;
	}
	if (cor_address_parse(text, &address) < 0)
		address.bytes = 0;
	const char *remedy = remedy_for(&address, code);
	if (remedy)
		cor_logger_log(logger, COR_LOG_ERROR, NULL, "%s %s", text, remedy);
	else
		cor_logger_log(logger, COR_LOG_ERROR, NULL, "cannot listen on %s: %s", text,
			cor_strerror(code));
	return COR_EXIT_SYSTEM;
}

/* --- where it listens --- */

/* "http://127.0.0.1:8080", with the port that the kernel chose for 0. */
static void print_url(const struct cor_listening_set *listening, size_t index, char url[URL_BYTES])
{
	const char *text = listening->items[index].address;
	const char *colon = strrchr(text, ':');

	if (strncmp(text, "unix:", 5) == 0 || !colon)
		snprintf(url, URL_BYTES, "%s", text);
	else
		snprintf(url, URL_BYTES, "http://%.*s:%u", (int)(colon - text), text,
			cor_listening_port(listening, index));
}

/* One line each. It needs no memory: a service that runs must say so. */
static void announce(const struct cor_program *program, const struct cor_listening_set *listening)
{
	struct cor_logger *logger = cor_program_logger(program);
	bool is_withheld = !program->docs && program->setup->app.docs == COR_DOCS_AUTO;
	char url[URL_BYTES];

	for (size_t i = 0; i < listening->len; i++) {
		print_url(listening, i, url);
		if (program->docs && strncmp(url, "http:", 5) == 0)
			cor_logger_log(logger, COR_LOG_INFO, NULL,
				"listening on %s, documentation at %s/docs", url, url);
		else
			cor_logger_log(logger, COR_LOG_INFO, NULL, "listening on %s%s", url,
				is_withheld ? ", without documentation (--docs on)" : "");
	}
}

/* --- serving --- */

static enum cor_exit wait_for_end(
	struct cor_program *program, struct cor_server *server, struct cor_signals *signals)
{
	cor_signals_serve(signals, server);
	int rc = cor_server_wait(server);
	cor_signals_serve(signals, NULL);
	if (rc < 0) {
		cor_logger_log(cor_program_logger(program), COR_LOG_ERROR, NULL,
			"a thread of the server ended: %s", cor_strerror(rc));
		return COR_EXIT_SYSTEM;
	}
	bool cut = cor_server_was_cut(server);
	cor_logger_log(cor_program_logger(program), COR_LOG_INFO, NULL, "stopped%s",
		cut ? "; requests in progress were cut" : "");
	return cut ? COR_EXIT_CUT : COR_EXIT_OK;
}

/* A server that was started must be ended, too. */
static int start_background(struct cor_program *program, struct cor_server *server)
{
	int rc = cor_background_start(program, server);

	if (rc < 0) {
		cor_server_stop(server);
		cor_ignore(cor_server_wait(server));
	}
	return rc;
}

static enum cor_exit serve_at(struct cor_program *program, struct cor_signals *signals,
	struct cor_listening_set *listening)
{
	const struct cor_server_options options = {
		.settings = &program->setup->server,
		.handlers = program->handlers,
		.listening = listening,
	};
	struct cor_server *server = NULL;
	enum cor_exit status;
	int rc = cor_server_create(&options, &server);

	if (rc == 0)
		rc = cor_server_start(server);
	if (rc == 0)
		rc = start_background(program, server);
	if (rc == 0) {
		announce(program, listening);
		status = wait_for_end(program, server, signals);
	} else {
		status = explain(program, NULL, rc);
	}
	cor_server_destroy(server);
	return status;
}

enum cor_exit cor_program_serve(struct cor_program *program, struct cor_signals *signals)
{
	const struct cor_server_settings *settings = &program->setup->server;
	struct cor_listening_set listening;
	const char *failed = NULL;
	struct cor_listening_options options = {
		.addresses = settings->http.items,
		.len = settings->http.len,
		.each = program->setup->listen,
	};

	options.each.backlog = (int)settings->backlog;
	int rc = cor_listening_open(&listening, &options, &failed);
	if (rc < 0)
		return explain(program, failed, rc);
	enum cor_exit status = serve_at(program, signals, &listening);
	cor_listening_close(&listening);
	return status;
}
