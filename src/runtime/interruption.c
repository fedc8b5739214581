/* SPDX-License-Identifier: MIT */
#include "runtime/interruption.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#define LINE_BYTES 256

/* "35 0x7ffd... 0x0 ... sp pc": number, six arguments, two registers; "running" otherwise. */
void cor_interruption_read(pid_t thread, struct cor_interruption *ret)
{
	char line[LINE_BYTES], path[64];
	unsigned long *arguments = ret->arguments;

	ret->is_known = false;
	snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)thread);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t len = read(fd, line, sizeof line - 1);
	close(fd);
	if (len <= 0)
		return;
	line[len] = '\0';
	ret->is_known = sscanf(line, "%ld %lx %lx %lx %lx %lx %lx %lx %lx", &ret->number,
				&arguments[0], &arguments[1], &arguments[2], &arguments[3],
				&arguments[4], &arguments[5], &ret->stack, &ret->at) == 9 &&
			ret->number >= 0;
}

bool cor_interruption_is_same(const struct cor_interruption *a, const struct cor_interruption *b)
{
	return a->is_known && b->is_known && a->number == b->number && a->stack == b->stack &&
	       a->at == b->at && memcmp(a->arguments, b->arguments, sizeof a->arguments) == 0;
}

#if defined(__x86_64__)

/* All as the call left it: the arguments are still in their registers. */
void cor_interruption_undo(const struct cor_interruption *interruption, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	static const int places[6] = { REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9 };
	const unsigned char call[2] = { 0x0f, 0x05 }; /* syscall */

	if (!interruption->is_known || registers[REG_RAX] != -EINTR ||
		(unsigned long)registers[REG_RIP] != interruption->at)
		return;
	for (int i = 0; i < 6; i++)
		if ((unsigned long)registers[places[i]] != interruption->arguments[i])
			return;
	// NOLINTNEXTLINE(performance-no-int-to-ptr)
	const void *before = (const void *)(uintptr_t)(interruption->at - sizeof call);
	if (memcmp(before, call, sizeof call) != 0)
		return;
	registers[REG_RAX] = interruption->number;
	registers[REG_RIP] -= (greg_t)sizeof call;
}

#elif defined(__aarch64__)

/* The number stays in x8; the result has taken the place of the first argument. */
void cor_interruption_undo(const struct cor_interruption *interruption, void *context)
{
	mcontext_t *machine = &((ucontext_t *)context)->uc_mcontext;
	const uint32_t call = 0xd4000001; /* svc #0 */

	if (!interruption->is_known || (long)machine->regs[0] != -EINTR ||
		machine->pc != interruption->at || (long)machine->regs[8] != interruption->number)
		return;
	for (int i = 1; i < 6; i++)
		if (machine->regs[i] != interruption->arguments[i])
			return;
	// NOLINTNEXTLINE(performance-no-int-to-ptr)
	const void *before = (const void *)(uintptr_t)(interruption->at - sizeof call);
	if (memcmp(before, &call, sizeof call) != 0)
		return;
	machine->regs[0] = interruption->arguments[0];
	machine->pc -= sizeof call;
}

#else

void cor_interruption_undo(const struct cor_interruption *interruption, void *context)
{
	(void)interruption;
	(void)context;
}

#endif
