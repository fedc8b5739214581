/* SPDX-License-Identifier: MIT */
#include "sandbox/call_filter.h"

#include <linux/audit.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <coracle/error.h>

#include "sandbox/begin.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

#if defined(__x86_64__)
#define ARCHITECTURE  AUDIT_ARCH_X86_64
#define FIRST_FOREIGN 0x40000000u /* x32: the same architecture, other numbers */
#elif defined(__aarch64__)
#define ARCHITECTURE  AUDIT_ARCH_AARCH64
#define FIRST_FOREIGN 0x80000000u
#endif

#define RETURN(value)      BPF_STMT(BPF_RET | BPF_K, (value))
#define LOAD(member)       BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define SKIP_UNLESS(op, k) BPF_JUMP(BPF_JMP | (op) | BPF_K, (k), 0, 1)

void cor_call_filter_append(
	struct cor_call_filter *filter, const struct sock_filter *code, size_t len)
{
	for (size_t i = 0; i < len && filter->len < COR_CALL_FILTER_LENGTH; i++)
		filter->code[filter->len++] = code[i];
}

void cor_call_filter_begin(struct cor_call_filter *filter, uint32_t foreign)
{
	const struct sock_filter code[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
		RETURN(foreign),
		LOAD(nr),
		SKIP_UNLESS(BPF_JGE, FIRST_FOREIGN),
		RETURN(foreign),
	};

	cor_call_filter_append(filter, code, LENGTH(code));
}

/*
 * So the kernel remembers what is always allowed, and does not run the filter for it.
 */
void cor_call_filter_judge(
	struct cor_call_filter *filter, const uint32_t *calls, size_t len, uint32_t verdict)
{
	for (size_t i = 0; i < len; i++) {
		const struct sock_filter code[] = {
			SKIP_UNLESS(BPF_JEQ, calls[i]),
			RETURN(verdict),
		};
		cor_call_filter_append(filter, code, LENGTH(code));
	}
}

static uint32_t meaning_of(uint32_t value)
{
	return value == COR_CALL_OURSELVES ? (uint32_t)getpid() : value;
}

static void look(struct cor_call_filter *filter, const struct cor_call_condition *condition)
{
	const uint32_t *values = condition->values;
	bool is_allowed = condition->is_allowed;
	uint32_t offset = offsetof(struct seccomp_data, args) +
			  condition->argument * (uint32_t)sizeof(uint64_t);
	const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, condition->call, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, meaning_of(values[0]), 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, meaning_of(values[1]), 1, 0),
		RETURN(is_allowed ? condition->refusal : SECCOMP_RET_ALLOW),
		RETURN(is_allowed ? SECCOMP_RET_ALLOW : condition->refusal),
	};

	cor_call_filter_append(filter, code, LENGTH(code));
}

void cor_call_filter_look(
	struct cor_call_filter *filter, const struct cor_call_condition *conditions, size_t len)
{
	for (size_t i = 0; i < len; i++)
		look(filter, &conditions[i]);
}

/* One that has no room for its end would be refused by the kernel, too. */
static int install(struct cor_call_filter *filter, uint32_t rest)
{
	const struct sock_filter end = RETURN(rest);
	const struct sock_fprog program = { .len = (unsigned short)(filter->len + 1),
		.filter = filter->code };

	if (filter->len == COR_CALL_FILTER_LENGTH)
		return -ENOMEM;
	cor_call_filter_append(filter, &end, 1);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 ? -errno : 0;
}

int cor_call_filter_fail(int rc, struct cor_start_failure *ret_failure)
{
	if (rc == -EINVAL || rc == -ENOSYS || rc == -EOPNOTSUPP)
		return cor_failure_set(ret_failure, -EOPNOTSUPP,
			"this kernel cannot confine system calls: it needs CONFIG_SECCOMP_FILTER");
	return cor_failure_set(ret_failure, rc, "the kernel refuses the filter of system calls: %s",
		cor_strerror(rc));
}

int cor_call_filter_install(
	struct cor_call_filter *filter, uint32_t rest, struct cor_start_failure *ret_failure)
{
	int rc = cor_sandbox_begin("the system calls", ret_failure);

	if (rc < 0)
		return rc;
	rc = install(filter, rest);
	return rc < 0 ? cor_call_filter_fail(rc, ret_failure) : 0;
}
