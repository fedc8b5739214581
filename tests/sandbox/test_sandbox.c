/* SPDX-License-Identifier: MIT */
/* Children that confine themselves, and then try what they may not. */
#include <dirent.h>
#include <errno.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../master/child.h"
#include "sandbox/calls.h"
#include "sandbox/files.h"

static char root[] = "sandbox-XXXXXX"; /* two folders, and a file in each */
static struct cor_start_failure failure;
static const char *const ours[] = { "ours" };

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* A program that fails, so that a child which executes it is noticed. */
static void copy_program(void)
{
	int from = open("/bin/false", O_RDONLY | O_CLOEXEC);
	int to = open("ours/program", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0777);
	struct stat program;

	assert_true(from >= 0 && to >= 0);
	assert_int_equal(fstat(from, &program), 0);
	assert_int_equal(sendfile(to, from, NULL, (size_t)program.st_size), program.st_size);
	close(from);
	close(to);
}

static int make_tree(void **state)
{
	(void)state;
	if (!mkdtemp(root) || chdir(root) < 0 || mkdir("ours", 0777) < 0 ||
		mkdir("ours/below", 0777) < 0 || mkdir("theirs", 0777) < 0)
		return -1;
	write_file("ours/file", "ours");
	copy_program();
	write_file("theirs/file", "theirs");
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	return unlink("ours/file") | unlink("ours/program") | unlink("theirs/file") |
	       rmdir("ours/below") | rmdir("ours") | rmdir("theirs") | chdir("..") | rmdir(root);
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0666);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int try_exec(const char *path)
{
	char *const arguments[] = { (char[]){ "program" }, NULL };

	execv(path, arguments);
	return -errno;
}

/* The version of the rules that hold from now on. */
static int confine(const char *const *paths, size_t len)
{
	int version = cor_sandbox_files(paths, len, false, &failure);

	if (version > 0)
		return version;
	fprintf(stderr, "%s\n", failure.text);
	_exit(1);
}

/* --- files --- */

static void use_what_is_ours(void)
{
	int version = confine(ours, 1);

	EXPECT(try_open("ours/file", O_RDWR) == 0);
	EXPECT(try_open("ours/file", O_WRONLY | O_TRUNC) == 0);
	EXPECT(truncate("ours/file", 3) == 0);
	EXPECT(try_open("ours/below/new", O_WRONLY | O_CREAT | O_EXCL) == 0);
	EXPECT(rename("ours/below/new", "ours/below/renamed") == 0);
	EXPECT(version < 2 || (rename("ours/below/renamed", "ours/moved") == 0 &&
				      rename("ours/moved", "ours/below/renamed") == 0));
	EXPECT(unlink("ours/below/renamed") == 0);
	EXPECT(mkdir("ours/folder", 0777) == 0);
	EXPECT(rmdir("ours/folder") == 0);
	EXPECT(symlink("file", "ours/link") == 0);
	EXPECT(unlink("ours/link") == 0);
	DIR *folder = opendir("ours");
	EXPECT(folder != NULL);
	closedir(folder);
}

static int open_of_parent(const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)getppid(), name);
	return try_open(path, O_RDONLY);
}

static void see_processes(void)
{
	EXPECT(cor_sandbox_files(ours, 1, true, &failure) > 0);
	EXPECT(open_of_parent("statm") == 0);
	EXPECT(geteuid() == 0 || open_of_parent("environ") < 0);
	EXPECT(open_of_parent("mem") < 0);
	EXPECT(try_open("theirs/file", O_RDONLY) == -EACCES);
}

static void leave_the_rest(void)
{
	int before = open("theirs/file", O_RDONLY | O_CLOEXEC);
	char text[16];
	int version = confine(ours, 1);

	EXPECT(read(before, text, sizeof text) == 6); /* what is open stays usable */
	EXPECT(try_open("theirs/file", O_RDONLY) == -EACCES);
	EXPECT(try_open("theirs/file", O_WRONLY) == -EACCES);
	EXPECT(try_open("ours/../theirs/file", O_RDONLY) == -EACCES);
	EXPECT(try_open("theirs/new", O_WRONLY | O_CREAT) == -EACCES);
	EXPECT(try_open("theirs", O_RDONLY | O_DIRECTORY) == -EACCES);
	EXPECT(try_open(".", O_RDONLY | O_DIRECTORY) == -EACCES);
	EXPECT(try_open("/", O_RDONLY | O_DIRECTORY) == -EACCES);
	EXPECT(try_open("/proc/1/status", O_RDONLY) == -EACCES);
	EXPECT(try_open("/etc/coracle-test", O_WRONLY | O_CREAT) == -EACCES);
	EXPECT(try_open("/etc/passwd", O_RDWR) == -EACCES);
	EXPECT(version < 3 || truncate("theirs/file", 0) < 0);
	EXPECT(unlink("theirs/file") < 0 && errno == EACCES);
	EXPECT(rename("theirs/file", "ours/stolen") < 0);
	EXPECT(link("theirs/file", "ours/stolen") < 0);
	EXPECT(rename("ours/file", "theirs/given") < 0);
	EXPECT(mkdir("theirs/folder", 0777) < 0 && errno == EACCES);
	EXPECT(symlink("../theirs/file", "ours/link") == 0);
	int through_link = try_open("ours/link", O_RDONLY);
	EXPECT(unlink("ours/link") == 0);
	EXPECT(through_link == -EACCES);
}

static void execute_nothing(void)
{
	confine(ours, 1);
	EXPECT(try_exec("/bin/false") == -EACCES);
	EXPECT(try_exec("/proc/self/exe") == -EACCES);
	EXPECT(try_exec("ours/program") == -EACCES);
}

static void *return_it(void *argument)
{
	return argument;
}

static void *load_module(void *argument)
{
	(void)argument;
	(void)getpwuid(12345); /* loads what nsswitch.conf names */
	return return_it(argument);
}

/* Where distributions keep certificates: each that can be read before can be read after. */
static void read_roots(void)
{
	static const char *const bundles[] = { "/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem", "/etc/resolv.conf",
		"/etc/hosts", "/etc/passwd", "/etc/localtime" };
	bool there[sizeof bundles / sizeof bundles[0]];

	for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
		there[i] = try_open(bundles[i], O_RDONLY) == 0;
	confine(NULL, 0);
	for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
		EXPECT(!there[i] || try_open(bundles[i], O_RDONLY) == 0);
}

static int resolve(void)
{
	struct addrinfo *found = NULL;
	int rc = getaddrinfo("localhost", "80", NULL, &found);

	if (rc == 0)
		freeaddrinfo(found);
	return rc;
}

static void do_the_work(void)
{
	int found = resolve();
	pthread_t thread;

	confine(ours, 1);
	EXPECT(resolve() == found);
	EXPECT(try_open("/proc/self/statm", O_RDONLY) == 0);
	EXPECT(try_open("/proc/sys/vm/max_map_count", O_RDONLY) == 0);
	EXPECT(try_open("/dev/null", O_RDWR) == 0);
	EXPECT(try_open("/dev/urandom", O_RDONLY) == 0);
	EXPECT(try_open("/dev/urandom", O_WRONLY) == -EACCES);
	EXPECT(pthread_create(&thread, NULL, load_module, NULL) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
}

static void pass_it_on(void)
{
	confine(ours, 1);
	pid_t pid = fork();
	EXPECT(pid >= 0);
	if (pid == 0)
		_exit(try_open("theirs/file", O_RDONLY) == -EACCES ? 0 : 1);
	int status;
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
}

static void allow_one_file(void)
{
	static const char *const file[] = { "ours/file" };

	confine(file, 1);
	EXPECT(try_open("ours/file", O_RDWR | O_TRUNC) == 0);
	EXPECT(try_open("ours/program", O_RDONLY) == -EACCES);
	EXPECT(try_open("ours/new", O_WRONLY | O_CREAT) == -EACCES);
}

static void name_what_is_missing(void)
{
	static const char *const paths[] = { "ours", "ours/missing" };

	EXPECT(cor_sandbox_files(paths, 2, false, &failure) == -ENOENT);
	EXPECT(strcmp(failure.text, "cannot allow ours/missing: No such file or directory: create "
				    "it, or take it off the list") == 0);
	EXPECT(try_open("theirs/file", O_RDONLY) == 0);
}

static void *wait_for_end(void *argument)
{
	pthread_mutex_lock(argument);
	pthread_mutex_unlock(argument);
	return argument;
}

static void refuse_threads(void)
{
	pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
	pthread_t thread;

	pthread_mutex_lock(&held);
	EXPECT(pthread_create(&thread, NULL, wait_for_end, &held) == 0);
	EXPECT(cor_sandbox_files(ours, 1, false, &failure) == -EBUSY);
	EXPECT(strncmp(failure.text, "cannot confine the files of a process", 37) == 0);
	EXPECT(cor_sandbox_calls(&failure) == -EBUSY);
	EXPECT(try_open("theirs/file", O_RDONLY) == 0);
	EXPECT(access("/bin/true", X_OK) == 0);
	pthread_mutex_unlock(&held);
	EXPECT(pthread_join(thread, NULL) == 0);
}

/* --- system calls --- */

static void confine_calls(void)
{
	if (cor_sandbox_calls(&failure) == 0)
		return;
	fprintf(stderr, "%s\n", failure.text);
	_exit(1);
}

static long call(long number, long a)
{
	long result = syscall(number, a, 0, 0, 0, 0, 0);

	return result < 0 ? -errno : result;
}

static void refuse_calls(void)
{
	static const long calls[] = { SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv,
		SYS_process_vm_writev, SYS_pidfd_getfd, SYS_mount, SYS_umount2, SYS_pivot_root,
		SYS_move_mount, SYS_open_tree, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
		SYS_mount_setattr, SYS_kexec_load, SYS_kexec_file_load, SYS_init_module,
		SYS_finit_module, SYS_delete_module, SYS_bpf, SYS_perf_event_open, SYS_setns,
		SYS_unshare, SYS_keyctl, SYS_add_key, SYS_request_key };

	EXPECT(call(SYS_execve, 0) == -EFAULT);
	EXPECT(call(SYS_setns, -1) == -EBADF);
	EXPECT(call(SYS_unshare, 0) == 0);
	confine_calls();
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (call(calls[i], -1) != -EPERM) {
			fprintf(stderr, "call %ld is not refused\n", calls[i]);
			_exit(1);
		}
	EXPECT(try_exec("/bin/true") == -EPERM);
	EXPECT(call(SYS_clone3, 0) == -ENOSYS);
	EXPECT(call(SYS_clone, CLONE_NEWUSER | SIGCHLD) == -EPERM);
	EXPECT(call(SYS_clone, CLONE_NEWNS | SIGCHLD) == -EPERM);
	EXPECT(call(SYS_clone, CLONE_NEWNET | CLONE_NEWPID | SIGCHLD) == -EPERM);
}

static void *find_nothing(void *argument)
{
	*(int *)argument = try_exec("/bin/true");
	return NULL;
}

static void do_the_rest(void)
{
	int status, result = 0, pair[2];
	pthread_t thread;

	confine_calls();
	EXPECT(try_open("theirs/file", O_RDONLY) == 0);
	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT(pthread_create(&thread, NULL, find_nothing, &result) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT(result == -EPERM);
	pid_t pid = fork();
	EXPECT(pid >= 0);
	if (pid == 0)
		_exit(try_exec("/bin/true") == -EPERM ? 7 : 1);
	EXPECT(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
	EXPECT(resolve() != EAI_SYSTEM);
}

static volatile sig_atomic_t received;

static void receive(int number)
{
	(void)number;
	received++;
}

static long call_with(long number, long a, long b, long c, long d)
{
	long result = syscall(number, a, b, c, d, 0, 0);

	return result < 0 ? -errno : result;
}

/* Signal 0 only asks, so that whoever runs the test lives if it fails. */
static void signal_nobody_else(void)
{
	pid_t parent = getppid();
	siginfo_t info = { .si_code = SI_QUEUE };
	struct rlimit limit;
	struct {
		int type;
		pid_t pid;
	} owner = { 1, parent };
	int pidfd = (int)call_with(SYS_pidfd_open, parent, 0, 0, 0), pair[2];

	EXPECT(pidfd >= 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT(kill(parent, 0) == 0 && call_with(SYS_pidfd_send_signal, pidfd, 0, 0, 0) == 0);
	confine_calls();
	EXPECT(call_with(SYS_kill, parent, 0, 0, 0) == -EPERM);
	EXPECT(call_with(SYS_kill, 0, 0, 0, 0) == -EPERM); /* the group: master and siblings */
	EXPECT(call_with(SYS_kill, -1, 0, 0, 0) == -EPERM);
	EXPECT(call_with(SYS_kill, -getpid(), 0, 0, 0) == -EPERM);
	EXPECT(call_with(SYS_tgkill, parent, parent, 0, 0) == -EPERM);
	EXPECT(call_with(SYS_rt_sigqueueinfo, parent, 0, (long)&info, 0) == -EPERM);
	EXPECT(call_with(SYS_rt_tgsigqueueinfo, parent, parent, 0, (long)&info) == -EPERM);
	EXPECT(call_with(SYS_pidfd_send_signal, pidfd, 0, 0, 0) == -EPERM);
#if defined(__GLIBC__)
	EXPECT(call_with(SYS_tkill, parent, 0, 0, 0) == -EPERM);
#endif
	EXPECT(fcntl(pair[0], F_SETOWN, parent) < 0 && errno == EPERM);
	EXPECT(fcntl(pair[0], F_SETOWN_EX, &owner) < 0 && errno == EPERM);
	EXPECT(ioctl(pair[0], FIOSETOWN, &parent) < 0 && errno == EPERM);
	EXPECT(ioctl(pair[0], SIOCSPGRP, &parent) < 0 && errno == EPERM);
	/* a limit of CPU time is a signal that comes later */
	EXPECT(call_with(SYS_prlimit64, parent, RLIMIT_CPU, 0, (long)&limit) == -EPERM);
}

static void signal_ourselves(void)
{
	pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
	union sigval value = { 0 };
	struct rlimit limit;
	pthread_t thread;

	signal(SIGUSR1, receive);
	confine_calls();
	EXPECT(raise(SIGUSR1) == 0 && received == 1);
	EXPECT(kill(getpid(), SIGUSR1) == 0 && received == 2);
	EXPECT(sigqueue(getpid(), SIGUSR1, value) == 0 && received == 3);
	EXPECT(pthread_sigqueue(pthread_self(), SIGUSR1, value) == 0 && received == 4);
	pthread_mutex_lock(&held);
	EXPECT(pthread_create(&thread, NULL, wait_for_end, &held) == 0);
	EXPECT(pthread_kill(thread, SIGUSR1) == 0);
	pthread_mutex_unlock(&held);
	EXPECT(pthread_join(thread, NULL) == 0 && received == 5);
	EXPECT(getrlimit(RLIMIT_NOFILE, &limit) == 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0);
	EXPECT(call_with(SYS_prlimit64, getpid(), RLIMIT_CPU, 0, (long)&limit) == 0);
	EXPECT(fcntl(0, F_GETFD) >= 0);
}

/* A child that is forked has a number that the filter does not know, and can end nevertheless. */
static void abort_in_child(void)
{
	int status;

	confine_calls();
	pid_t pid = fork();
	EXPECT(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL); /* cmocka has taken them */
		signal(SIGSEGV, SIG_DFL);
		EXPECT(kill(getppid(), 0) == 0); /* the filter's process */
		EXPECT(kill(getpid(), 0) < 0 && errno == EPERM);
		abort();
	}
	EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

#if defined(__x86_64__)

/* The same calls by the numbers of x32, and of i386 where the kernel knows it. */
static void refuse_other_numbers(void)
{
	int status;
	long result = 20; /* getpid */

	confine_calls();
	EXPECT(call(0x40000000 | SYS_getpid, 0) == -EPERM);
	EXPECT(call(0x40000000 | 520, 0) == -EPERM); /* execve */
	pid_t pid = fork();
	EXPECT(pid >= 0);
	if (pid == 0) {
		__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
		_exit(result == -EPERM ? 0 : 1);
	}
	EXPECT(waitpid(pid, &status, 0) == pid);
	EXPECT(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV));
}

#endif

static void confine_both(void)
{
	confine(ours, 1);
	confine_calls();
	EXPECT(try_open("ours/file", O_RDWR) == 0);
	EXPECT(try_open("theirs/file", O_RDONLY) == -EACCES);
	EXPECT(try_exec("/bin/true") == -EPERM);
	EXPECT(cor_sandbox_files(ours, 1, false, &failure) > 0); /* once more narrows it */
	EXPECT(try_open("ours/file", O_RDWR) == 0);
}

/* --- what this kernel has --- */

static void probe_files(void)
{
	int rc = cor_sandbox_files(NULL, 0, false, &failure);

	if (rc == -EOPNOTSUPP)
		_exit(77);
	EXPECT(rc > 0);
}

static void probe_calls(void)
{
	int rc = cor_sandbox_calls(&failure);

	if (rc == -EOPNOTSUPP)
		_exit(77);
	EXPECT(rc == 0);
}

static void skip_without(void (*probe)(void), const char *what)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		probe();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("# left out: this kernel has no %s\n", what);
		return;
	}
	assert_int_equal(status, 0);
}

static void test_files(void **state)
{
	static void (*const runs[])(void) = { use_what_is_ours, leave_the_rest, see_processes,
		execute_nothing, read_roots, do_the_work, pass_it_on, allow_one_file,
		name_what_is_missing };

	(void)state;
	skip_without(probe_files, "Landlock");
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
		in_child(runs[i]);
}

static void test_calls(void **state)
{
	(void)state;
	skip_without(probe_calls, "seccomp filters");
	in_child(refuse_calls);
	in_child(do_the_rest);
	in_child(signal_nobody_else);
	in_child(signal_ourselves);
	in_child(abort_in_child);
#if defined(__x86_64__)
	in_child(refuse_other_numbers);
#endif
}

static void test_both(void **state)
{
	(void)state;
	skip_without(probe_files, "Landlock");
	skip_without(probe_calls, "seccomp filters");
	in_child(confine_both);
	in_child(refuse_threads);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_both),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
