/* SPDX-License-Identifier: MIT */
#include "cli/bench_server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/net.h>

#include "cli/process.h"
#include "cli/service.h"

#define START_NS 30000000000 /* for a service to listen */
#define LOOK_MS  20
#define STOP_MS  10000

/* --- start --- */

static int free_port(const struct cor_cli *cli, uint16_t *ret)
{
	struct cor_socket *socket;
	int rc = cor_socket_listen("127.0.0.1:0", 1, &socket);

	if (rc < 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "127.0.0.1: %s", cor_strerror(rc));
	*ret = cor_socket_port(socket);
	cor_socket_close(socket);
	return COR_CLI_OK;
}

/* Addresses of the settings that are not the one which is measured. */
static const struct {
	const char *key, *option; /* as --print-config has it, and the command line */
} others[COR_BENCH_OTHERS] = {
	{ "https", "--https" },
	{ "https_h1", "--https-h1" },
	{ "h2c", "--h2c" },
	{ "uwsgi", "--uwsgi" },
};

static const char **arguments(
	const struct cor_cli *cli, const struct cor_bench_server *server, const char *last)
{
	const char **argv = cor_cli_alloc(
		cli, (cli->rest_len + 7 + 2 * COR_BENCH_OTHERS) * sizeof *argv);
	size_t len = 0;

	argv[len++] = server->program;
	argv[len++] = "--http";
	argv[len++] = server->address;
	if (server->control) {
		argv[len++] = "--control";
		argv[len++] = server->control;
	}
	for (size_t i = 0; i < COR_BENCH_OTHERS; i++) {
		if (!server->is_closed[i])
			continue;
		argv[len++] = others[i].option;
		argv[len++] = "";
	}
	for (size_t i = 0; i < cli->rest_len; i++)
		argv[len++] = cli->rest[i];
	argv[len] = last;
	return argv;
}

/* Whether what follows -- has an option, "--h2c" or "--h2c=...". */
static bool is_given(const struct cor_cli *cli, const char *option)
{
	size_t len = strlen(option);

	for (size_t i = 0; i < cli->rest_len; i++)
		if (strncmp(cli->rest[i], option, len) == 0 &&
			(!cli->rest[i][len] || cli->rest[i][len] == '='))
			return true;
	return false;
}

static const struct cor_node *value_of(const struct cor_node *config, const char *key)
{
	return cor_node_get(cor_node_get(config, key), "value");
}

/*
 * Where .env has other addresses, one that runs is there already, or the other of two: nothing
 * listens there, and the control process does elsewhere.
 */
static int move_others(const struct cor_cli *cli, struct cor_bench_server *server)
{
	struct cor_str said, address;
	struct cor_node *config;
	uint16_t port = 0;

	int rc = cor_cli_ask(cli, arguments(cli, server, "--print-config"), &said);
	if (rc != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "%s --print-config failed with status %d",
			server->program, rc);
	rc = cor_cli_parse(cli, "--print-config", said, &config);
	if (rc != COR_CLI_OK)
		return rc;
	for (size_t i = 0; i < COR_BENCH_OTHERS; i++)
		server->is_closed[i] = cor_node_len(value_of(config, others[i].key)) > 0 &&
				       !is_given(cli, others[i].option);
	if (cor_node_to_text(value_of(config, "control"), &address) < 0 ||
		is_given(cli, "--control"))
		return COR_CLI_OK;
	do {
		rc = free_port(cli, &port);
		server->control = cor_cli_text(cli, "127.0.0.1:%u", (unsigned)port);
	} while (rc == COR_CLI_OK && strcmp(server->control, server->address) == 0);
	return rc;
}

/* It ends when the command does, however that ends. */
static _Noreturn void be_service(const struct cor_cli *cli, const char *const *argv, pid_t parent)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(COR_CLI_TOOL);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		(void)dup2(nothing, fd);
	_exit(cor_cli_become(cli, argv));
}

static bool has_ended(const struct cor_bench_server *server)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)server->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

static int await(const struct cor_cli *cli, struct cor_bench_server *server)
{
	int64_t until_ns = cor_monotonic_ns() + START_NS;
	struct cor_socket *socket;

	while (cor_monotonic_ns() < until_ns && !has_ended(server)) {
		if (cor_socket_connect(server->address, &socket) == 0) {
			cor_socket_close(socket);
			return COR_CLI_OK;
		}
		cor_ignore(cor_sleep_ms(LOOK_MS));
	}
	bool is_dead = has_ended(server);
	cor_ignore(cor_bench_stop(cli, server));
	return cor_cli_fail(cli, COR_CLI_TOOL, "%s %s: run it by itself to see why",
		server->program, is_dead ? "has ended" : "does not listen");
}

int cor_bench_start(const struct cor_cli *cli, const char *program, struct cor_bench_server *ret)
{
	struct cor_bench_server server = { .program = program, .prefix = "" };
	struct cor_cli quiet = *cli;
	struct cor_str said;
	uint16_t port = 0;
	int rc = free_port(cli, &port);

	if (rc != COR_CLI_OK)
		return rc;
	server.address = server.host = cor_cli_text(cli, "127.0.0.1:%u", (unsigned)port);
	rc = cor_cli_capture(cli, arguments(cli, &server, "--check"), &said);
	if (rc != 0)
		rc = cor_cli_run_aside(cli, arguments(cli, &server, "--check"));
	if (rc != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL,
			"%s --check failed with status %d: see above", program, rc);
	rc = move_others(cli, &server);
	if (rc != COR_CLI_OK)
		return rc;
	const char **argv = arguments(cli, &server, NULL);
	cor_cli_show(cli, argv);
	quiet.is_verbose = false;
	pid_t parent = getpid();
	fflush(NULL);
	server.pid = fork();
	if (server.pid == 0)
		be_service(&quiet, argv, parent);
	if (server.pid < 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "%s: %s", program, strerror(errno));
	rc = await(cli, &server);
	if (rc == COR_CLI_OK)
		*ret = server;
	return rc;
}

/* --- one that runs --- */

int cor_bench_find(const struct cor_cli *cli, const char *url, struct cor_bench_server *ret)
{
	static const char scheme[] = "http://";
	const char *host = url + sizeof scheme - 1;

	if (strncmp(url, "unix:", 5) == 0) {
		*ret = (struct cor_bench_server){
			.address = url, .host = "localhost", .prefix = ""
		};
		return COR_CLI_OK;
	}
	if (strncmp(url, scheme, sizeof scheme - 1) != 0)
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"--url %s: must be http://ADDRESS:PORT or unix:PATH; TLS is not measured",
			url);
	size_t len = strcspn(host, "/"), path = strlen(host + len);
	while (path && host[len + path - 1] == '/')
		path--;
	const char *address = cor_cli_text(cli, "%.*s", (int)len, host);
	if (strncmp(address, "localhost", 9) == 0 && (!address[9] || address[9] == ':'))
		address = cor_cli_text(cli, "127.0.0.1%s", address + 9);
	const char *end = strrchr(address, ']');
	if (!strchr(end ? end : address, ':'))
		address = cor_cli_text(cli, "%s:80", address);
	*ret = (struct cor_bench_server){ .address = address,
		.host = cor_cli_text(cli, "%.*s", (int)len, host),
		.prefix = cor_cli_text(cli, "%.*s", (int)path, host + len) };
	return COR_CLI_OK;
}

bool cor_bench_stop(const struct cor_cli *cli, struct cor_bench_server *server)
{
	int status = 0;

	if (server->pid <= 0)
		return true;
	bool was_there = !has_ended(server);
	kill(server->pid, SIGTERM);
	for (int waited = 0; waited < STOP_MS && !has_ended(server); waited += LOOK_MS)
		cor_ignore(cor_sleep_ms(LOOK_MS));
	if (!has_ended(server))
		kill(server->pid, SIGKILL);
	while (waitpid(server->pid, &status, 0) < 0 && errno == EINTR)
		;
	server->pid = 0;
	if (!was_there)
		cor_cli_say(cli, "%s has ended by itself, with %s %d: run it by itself to see why",
			server->program, WIFSIGNALED(status) ? "signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return was_there;
}

/* --- how much it computes --- */

static int64_t first_number(const char *path)
{
	char text[128];
	FILE *file = fopen(path, "re");
	int64_t number = 0;

	if (file && fgets(text, sizeof text, file))
		number = strtoll(text, NULL, 10);
	if (file)
		fclose(file);
	return number;
}

/* Of all threads of a process. */
static int64_t process_ns(pid_t pid)
{
	char path[320];
	const struct dirent *entry;
	int64_t sum_ns = 0;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/%d/task/%.16s/schedstat", (int)pid,
			entry->d_name);
		sum_ns += first_number(path);
	}
	if (folder)
		closedir(folder);
	return sum_ns;
}

static pid_t parent_of(pid_t pid)
{
	char path[64], text[512];
	int parent = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (file && fgets(text, sizeof text, file) && strrchr(text, ')'))
		parent = (int)strtol(strrchr(text, ')') + 4, NULL, 10);
	if (file)
		fclose(file);
	return parent;
}

static bool is_of(pid_t pid, pid_t ancestor)
{
	for (int i = 0; i < 8 && pid > 1; i++) {
		if (pid == ancestor)
			return true;
		pid = parent_of(pid);
	}
	return false;
}

int64_t cor_bench_cpu_ns(const struct cor_bench_server *server)
{
	const struct dirent *entry;
	int64_t sum_ns = 0;

	if (server->pid <= 0)
		return -1;
	DIR *folder = opendir("/proc");
	while (folder && (entry = readdir(folder))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 1 && is_of(pid, server->pid))
			sum_ns += process_ns(pid);
	}
	if (folder)
		closedir(folder);
	return sum_ns > 0 ? sum_ns : -1;
}
