/* SPDX-License-Identifier: MIT */
/* Children that may only compute, and try the rest. */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "../master/child.h"
#include "sandbox/call_filter.h"
#include "sandbox/call_names.h"
#include "sandbox/compute.h"

#define FORBIDDEN 42

static struct cor_start_failure failure;

static void confine(void)
{
	EXPECT(cor_sandbox_compute(-1, &failure) == 0);
}

/* --- what goes on --- */

static void *use_memory(void *arg)
{
	char *memory = malloc(1 << 20);

	EXPECT(memory);
	memset(memory, 1, 1 << 20);
	*(int *)arg = memory[1000];
	free(memory);
	return NULL;
}

static void compute(void)
{
	const struct timespec moment = { 0, 1000000 };
	struct timespec now;
	pthread_t thread;
	int seen = 0;

	confine();
	use_memory(&seen);
	EXPECT(seen == 1);
	seen = 0;
	EXPECT(pthread_create(&thread, NULL, use_memory, &seen) == 0);
	EXPECT(pthread_join(thread, NULL) == 0 && seen == 1);
	EXPECT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	EXPECT(nanosleep(&moment, NULL) == 0);
	EXPECT(poll(NULL, 0, 1) == 0);
	EXPECT(getpid() > 1);
	void *large = mmap(
		NULL, 1 << 24, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(large != MAP_FAILED && munmap(large, 1 << 24) == 0);
}

static void print(void)
{
	confine();
	EXPECT(fprintf(stderr, "# %s, it says\n", "in its sandbox") > 0);
	EXPECT(printf("# %d\n", 7) > 0 && fflush(stdout) == 0);
}

static void questions_have_no_answer(void)
{
	confine();
	EXPECT(access("/", F_OK) < 0 && errno == EPERM);
	EXPECT(!isatty(0) && errno == EPERM);
	EXPECT(prctl(PR_SET_NAME, "other") < 0 && errno == EPERM);
	EXPECT(signal(SIGSYS, SIG_IGN) == SIG_ERR && errno == EPERM);
}

static void abort_well(void)
{
	int status;
	pid_t pid = fork();

	EXPECT(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL); /* cmocka has taken it */
		confine();
		abort();
	}
	EXPECT(waitpid(pid, &status, 0) == pid);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

/* --- what is forbidden --- */

static long number;

static void on_sys(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	_exit(info->si_syscall == number ? FORBIDDEN : 3);
}

static void try_it(const long arguments[6])
{
	struct sigaction action = { .sa_sigaction = on_sys, .sa_flags = SA_SIGINFO };

	EXPECT(sigaction(SIGSYS, &action, NULL) == 0);
	confine();
	(void)syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
		arguments[5]);
	_exit(4);
}

static void assert_forbidden(long call, const long arguments[6])
{
	int status;
	pid_t pid = fork();

	number = call;
	if (pid == 0)
		try_it(arguments);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != FORBIDDEN)
		fail_msg("call %ld (%s): status 0x%x", call, cor_call_name((int)call), status);
	assert_non_null(cor_call_name((int)call));
}

static void test_the_rest(void **state)
{
	static const struct {
		long call;
		long arguments[6];
	} calls[] = {
		{ SYS_openat, { -100, (long)"/etc/passwd", 0 } },
		{ SYS_read, { 0, 0, 0 } },
		{ SYS_pread64, { 0, 0, 0, 0 } },
		{ SYS_write, { 3, (long)"x", 1 } },
		{ SYS_sendto, { 1, (long)"x", 1 } },
		{ SYS_sendmsg, { 2, 0, 0 } },
		{ SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, 0, 0 } },
		{ SYS_memfd_create, { (long)"x", 0 } },
		{ SYS_socket, { AF_INET, SOCK_STREAM, 0 } },
		{ SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, 0 } },
		{ SYS_connect, { 0, 0, 0 } },
		{ SYS_recvmsg, { 0, 0, 0 } },
		{ SYS_clone, { SIGCHLD } },
		{ SYS_execve, { (long)"/bin/true", 0, 0 } },
		{ SYS_execveat, { -100, (long)"/bin/true", 0, 0, 0 } },
		{ SYS_ptrace, { 0, 0, 0, 0 } },
		{ SYS_process_vm_readv, { 1, 0, 0, 0, 0, 0 } },
		{ SYS_process_vm_writev, { 1, 0, 0, 0, 0, 0 } },
		{ SYS_kill, { 1, 0 } },
		{ SYS_kill, { 0, 0 } },
		{ SYS_kill, { -1, 0 } },
		{ SYS_tgkill, { 1, 1, 0 } },
		{ SYS_tkill, { 1, 0 } },
		{ SYS_rt_sigqueueinfo, { 1, 0, 0 } },
		{ SYS_pidfd_open, { 1, 0 } },
		{ SYS_pidfd_send_signal, { 0, 0, 0, 0 } },
		{ SYS_io_uring_setup, { 1, 0 } },
		{ SYS_io_uring_enter, { 0, 0, 0, 0, 0, 0 } },
		{ SYS_bpf, { 0, 0, 0 } },
		{ SYS_perf_event_open, { 0, 0, 0, 0, 0 } },
		{ SYS_userfaultfd, { 0 } },
		{ SYS_unshare, { 0 } },
		{ SYS_setns, { 0, 0 } },
		{ SYS_seccomp, { 0, 0, 0 } },
		{ SYS_mount, { 0, 0, 0, 0, 0 } },
		{ SYS_setitimer, { 0, 0, 0 } },
		{ SYS_timer_create, { 0, 0, 0 } },
		{ SYS_setpgid, { 0, 0 } },
		{ SYS_setsid, { 0 } },
		{ SYS_umask, { 0 } },
		{ SYS_chdir, { (long)"/" } },
		{ SYS_unlinkat, { -100, (long)"no-such-file", 0 } },
		{ SYS_shmget, { 0, 4096, 0 } },
		{ SYS_keyctl, { 0 } },
		{ SYS_epoll_create1, { 0 } },
		{ SYS_wait4, { -1, 0, 0, 0 } },
		{ SYS_dup, { 0 } },
#if defined(__x86_64__)
		{ SYS_open, { (long)"/etc/passwd", 0 } },
		{ SYS_fork, { 0 } },
		{ SYS_vfork, { 0 } },
		{ SYS_alarm, { 1 } },
#endif
	};

	(void)state;
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		assert_forbidden(calls[i].call, calls[i].arguments);
}

static void test_computing(void **state)
{
	(void)state;
	in_child(compute);
	in_child(print);
	in_child(questions_have_no_answer);
	in_child(abort_well);
}

#if defined(__x86_64__)

/* By the numbers of x32, and of i386 where the kernel knows it. */
static void test_other_numbers(void **state)
{
	int status;

	(void)state;
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			long result = 20; /* getpid */
			signal(SIGSEGV, SIG_DFL);
			confine();
			if (i == 0)
				(void)syscall(0x40000000 | SYS_getpid);
			else
				__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_true(WTERMSIG(status) == SIGSYS || (i == 1 && WTERMSIG(status) == SIGSEGV));
	}
}

#endif

/* --- where it cannot be --- */

static void *wait_for_end(void *held)
{
	pthread_mutex_lock(held);
	return NULL;
}

static void with_threads(void)
{
	pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
	pthread_t thread;

	pthread_mutex_lock(&held);
	EXPECT(pthread_create(&thread, NULL, wait_for_end, &held) == 0);
	EXPECT(cor_sandbox_compute(-1, &failure) == -EBUSY);
	EXPECT(strstr(failure.text, "of a process that has threads"));
	pthread_mutex_unlock(&held);
	EXPECT(pthread_join(thread, NULL) == 0);
}

/* A kernel that has no filters, made by a filter. */
static void without_filters(void)
{
	static const uint32_t gone[] = { SYS_seccomp };
	static const struct cor_call_condition no_filter = { SYS_prctl, 0,
		{ PR_SET_SECCOMP, PR_SET_SECCOMP }, false, COR_CALL_REFUSE(EINVAL) };
	struct cor_call_filter filter = { .len = 0 };

	EXPECT(cor_sandbox_can_compute(&failure) == 0);
	cor_call_filter_begin(&filter, COR_CALL_REFUSE(EPERM));
	cor_call_filter_judge(&filter, gone, 1, COR_CALL_REFUSE(ENOSYS));
	cor_call_filter_look(&filter, &no_filter, 1);
	EXPECT(cor_call_filter_install(&filter, SECCOMP_RET_ALLOW, &failure) == 0);
	EXPECT(cor_sandbox_can_compute(&failure) == -EOPNOTSUPP);
	EXPECT(strstr(failure.text, "it needs CONFIG_SECCOMP_FILTER"));
	EXPECT(cor_sandbox_compute(-1, &failure) == -EOPNOTSUPP);
}

static void test_where_it_cannot_be(void **state)
{
	(void)state;
	in_child(with_threads);
	in_child(without_filters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_computing),
		cmocka_unit_test(test_the_rest),
#if defined(__x86_64__)
		cmocka_unit_test(test_other_numbers),
#endif
		cmocka_unit_test(test_where_it_cannot_be),
	};

	if (cor_sandbox_can_compute(&failure) < 0) {
		printf("1..0 # SKIP %s\n", failure.text);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
