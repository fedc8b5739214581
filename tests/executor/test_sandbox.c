/* SPDX-License-Identifier: MIT */
/* Executors whose processes may only compute. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <coracle/error.h>
#include <coracle/log.h>

#include "errors.h"
#include "processes.h"
#include "sandbox/call_filter.h"
#include "sandbox/compute.h"

static char what_start_read[64];

static int read_file(struct cor_ctx *ctx, void **ret)
{
	FILE *file = fopen("/proc/self/comm", "re");

	(void)ctx;
	if (!file || !fgets(what_start_read, sizeof what_start_read, file))
		return -EIO;
	*ret = file; /* stays open */
	return 0;
}

static void close_file(struct cor_ctx *ctx, void *file)
{
	(void)ctx;
	fclose(file);
}

static const struct cor_executor boxed = {
	.name = "boxed",
	.kind = COR_PROCESSES,
	.size = 2,
	.isolation = COR_SANDBOX,
	.job_timeout_ms = 1000,
	.job_cpu_ms = 50,
	.start = read_file,
	.stop = close_file,
};

enum what {
	COMPUTE,
	THREADS,
	LOG,
	FILES,
	SOCKETS,
	RESOLVE,
	FORK,
	EXEC,
	KILL,
	TRACE,
	READ,
	LIMITS,
	BLOCKED,
	CRASH,
	LOOP,
	WHAT_START_READ,
};

struct deed {
	enum what what;
	int out;
	char text[64];
};

static void *add_up(void *arg)
{
	struct deed *deed = arg;
	int *numbers = malloc(100000 * sizeof *numbers);

	for (int i = 0; numbers && i < 100000; i++)
		numbers[i] = i;
	for (int i = 0; numbers && i < 100000; i++)
		deed->out += numbers[i] % 2;
	free(numbers);
	return NULL;
}

static void add_up_in_thread(struct deed *deed)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, add_up, deed) == 0)
		pthread_join(thread, NULL);
}

static void spin(void)
{
	for (volatile bool ever = true; ever;)
		;
}

static void block_and_open(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	(void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int act(struct cor_ctx *ctx, struct deed *deed)
{
	struct addrinfo *found;

	switch (deed->what) {
	case COMPUTE:
		(void)add_up(deed);
		break;
	case THREADS:
		add_up_in_thread(deed);
		break;
	case LOG:
		cor_log_info(ctx, "from within");
		fprintf(stderr, "and by %s\n", "stdio");
		break;
	case FILES:
		deed->out = fopen("/etc/passwd", "re") != NULL;
		break;
	case SOCKETS:
		(void)socket(AF_INET, SOCK_STREAM, 0);
		break;
	case RESOLVE:
		(void)getaddrinfo("localhost", "80", NULL, &found);
		break;
	case FORK:
		(void)fork();
		break;
	case EXEC:
		(void)execl("/bin/true", "true", NULL);
		break;
	case KILL:
		(void)kill(getppid(), SIGKILL);
		break;
	case TRACE:
		(void)syscall(SYS_ptrace, 16, getppid(), 0, 0);
		break;
	case READ:
		(void)!fread(deed->text, 1, sizeof deed->text, cor_thread_state(ctx));
		(void)!read(0, deed->text, sizeof deed->text);
		break;
	case LIMITS:
		(void)syscall(SYS_io_uring_setup, 1, NULL);
		break;
	case BLOCKED:
		block_and_open();
		break;
	case CRASH:
		*(volatile int *)((uintptr_t)getpid() & ~(uintptr_t)7) = 1;
		break;
	case LOOP:
		spin();
		break;
	case WHAT_START_READ:
		memcpy(deed->text, what_start_read, sizeof deed->text);
		break;
	}
	return 0;
}

static void it_computes(void **state)
{
	struct cor_pool *pool = pool_of(&boxed);
	struct deed deed = { COMPUTE };
	struct errors errors;

	(void)state;
	assert_int_equal(RUN(pool, act, &deed), 0);
	assert_int_equal(deed.out, 50000);
	deed = (struct deed){ THREADS };
	assert_int_equal(RUN(pool, act, &deed), 0);
	assert_int_equal(deed.out, 50000);
	deed.what = WHAT_START_READ;
	assert_int_equal(RUN(pool, act, &deed), 0);
	assert_string_equal(deed.text, "boxed:pool\n");
	cor_pool_destroy(pool);
	errors_begin(&errors);
	pool = pool_of(&boxed);
	deed.what = LOG;
	int rc = RUN(pool, act, &deed);
	cor_pool_destroy(pool);
	const char *text = errors_end(&errors);
	assert_int_equal(rc, 0);
	assert_says(text, "info: from within\n");
	assert_says(text, "and by stdio\n");
}

static void assert_dies(struct cor_pool *pool, enum what what, int rc, const char *why)
{
	struct deed deed = { what }, good = { COMPUTE };
	struct cor_future *future;

	assert_int_equal(cor_pool_submit(pool, act, &deed, &future), 0);
	assert_int_equal(cor_future_wait(future), 0);
	assert_non_null(cor_future_problem(future));
	assert_string_equal(cor_future_problem(future)->detail, why);
	assert_int_equal(END_OF(future, &deed), rc);
	assert_int_equal(RUN(pool, act, &good), 0);
	assert_int_equal(good.out, 50000);
}

static void what_breaks_out_dies(void **state)
{
	static const struct {
		enum what what;
		const char *call;
	} rows[] = {
		{ FILES, "openat" },
		{ SOCKETS, "socket" },
		{ FORK, "clone" },
		{ EXEC, "execve" },
		{ KILL, "kill" },
		{ TRACE, "ptrace" },
		{ READ, "read" },
		{ LIMITS, "io_uring_setup" },
	};
	struct cor_pool *pool = pool_of(&boxed);
	char why[128];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(why, sizeof why,
			"the job called %s(), which its sandbox forbids: its process was killed",
			rows[i].call);
		assert_dies(pool, rows[i].what, -COR_EDIED, why);
	}
	assert_dies(pool, BLOCKED, -COR_EDIED,
		"the job made a system call that its sandbox forbids: its process was killed");
	assert_dies(pool, CRASH, -COR_EDIED, "the process died of SIGSEGV in a job");
	assert_dies(pool, LOOP, -ETIMEDOUT,
		"the job took more CPU time than the 50 ms of .job_cpu_ms: its process was killed");
	cor_pool_destroy(pool);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void the_log_says_where(void **state)
{
	struct cor_pool *pool = pool_of(&boxed);
	struct deed deed = { RESOLVE };
	struct errors errors;

	(void)state;
	errors_begin(&errors);
	int rc = RUN(pool, act, &deed);
	const char *text = errors_end(&errors);
	assert_int_equal(rc, -COR_EDIED);
	assert_says(text, "executor boxed: the job called ");
	assert_says(text, "(), which its sandbox forbids: its process was killed, at ");
	assert_says(text, "act test-executor-sandbox+0x");
	cor_pool_destroy(pool);
}

/* --- where it cannot be --- */

static void *stay(void *arg)
{
	(void)poll(NULL, 0, -1);
	return arg;
}

static int leave_thread(struct cor_ctx *ctx, void **ret)
{
	pthread_t thread;

	(void)ctx, (void)ret;
	return -pthread_create(&thread, NULL, stay, NULL);
}

static void a_start_that_leaves_threads_breaks_the_pool(void **state)
{
	static const struct cor_executor executor = { .name = "threads",
		.kind = COR_PROCESSES,
		.size = 1,
		.isolation = COR_SANDBOX,
		.start = leave_thread };
	struct deed deed = { COMPUTE };
	struct errors errors;

	(void)state;
	errors_begin(&errors);
	struct cor_pool *pool = pool_of(&executor);
	int rc = RUN(pool, act, &deed);
	cor_pool_destroy(pool);
	const char *text = errors_end(&errors);
	assert_int_equal(rc, -COR_EBROKEN);
	assert_says(text, "executor threads cannot start a process: cannot confine ");
	assert_says(text, " of a process that has threads: nothing may start one before");
}

/* A kernel that has no filters, made by a filter. */
static void lose_filters(void)
{
	static const uint32_t gone[] = { SYS_seccomp };
	static const struct cor_call_condition no_filter = { SYS_prctl, 0,
		{ PR_SET_SECCOMP, PR_SET_SECCOMP }, false, COR_CALL_REFUSE(EINVAL) };
	struct cor_call_filter filter = { .len = 0 };
	struct cor_start_failure failure;

	cor_call_filter_begin(&filter, COR_CALL_REFUSE(EPERM));
	cor_call_filter_judge(&filter, gone, 1, COR_CALL_REFUSE(ENOSYS));
	cor_call_filter_look(&filter, &no_filter, 1);
	if (cor_call_filter_install(&filter, SECCOMP_RET_ALLOW, &failure) < 0)
		_exit(2);
}

static void without_filters_there_is_no_pool(void **state)
{
	struct cor_pool *pool = NULL;
	struct errors errors;
	int status;

	(void)state;
	errors_begin(&errors);
	pid_t pid = fork();
	if (pid == 0) {
		lose_filters();
		_exit(cor_pool_create(&boxed, &pool) == -EOPNOTSUPP && !pool ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	const char *text = errors_end(&errors);
	assert_int_equal(status, 0);
	assert_says(text, "COR_SANDBOX: this kernel cannot confine system calls: it needs "
			  "CONFIG_SECCOMP_FILTER");
}

static void only_processes_have_one(void **state)
{
	static const struct cor_executor wrong = { .name = "threads", .isolation = COR_SANDBOX };
	struct cor_pool *pool = NULL;

	(void)state;
	assert_int_equal(cor_pool_create(&wrong, &pool), -COR_ETABLE);
	assert_null(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_computes),
		cmocka_unit_test(what_breaks_out_dies),
		cmocka_unit_test(the_log_says_where),
		cmocka_unit_test(a_start_that_leaves_threads_breaks_the_pool),
		cmocka_unit_test(without_filters_there_is_no_pool),
		cmocka_unit_test(only_processes_have_one),
	};
	struct cor_start_failure failure;

	if (cor_sandbox_can_compute(&failure) < 0) {
		printf("1..0 # SKIP %s\n", failure.text);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
