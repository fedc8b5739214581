/* SPDX-License-Identifier: MIT */
#include "runtime/backtrace.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <ucontext.h>
#include <unwind.h>

#include "runtime/symbols.h"

/* --- taking --- */

static void *interrupted_at(const void *context)
{
#if defined(__x86_64__)
	return (void *)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
	return (void *)((const ucontext_t *)context)->uc_mcontext.pc;
#else
	(void)context;
	return NULL;
#endif
}

struct walk {
	struct cor_backtrace *ret;
	void *from;
	bool has_begun; /* behind the frames of the signal handler */
};

static _Unwind_Reason_Code take_frame(struct _Unwind_Context *context, void *arg)
{
	struct walk *walk = arg;
	struct cor_backtrace *ret = walk->ret;
	void *at = (void *)_Unwind_GetIP(context); // NOLINT(performance-no-int-to-ptr)

	walk->has_begun = walk->has_begun || at == walk->from;
	if (walk->has_begun && at)
		ret->frames[ret->len++] = at;
	return ret->len < COR_BACKTRACE_FRAMES ? _URC_NO_REASON : _URC_END_OF_STACK;
}

void cor_backtrace_prepare(void)
{
	struct cor_backtrace ignored = { .len = 0 };
	struct walk walk = { .ret = &ignored, .has_begun = true };

	_Unwind_Backtrace(take_frame, &walk);
}

/*
 * ThreadSanitizer calls the handler later, from elsewhere: then all frames are told, and its own.
 * A call of nowhere has no frame but the one that is not there.
 */
void cor_backtrace_take(struct cor_backtrace *ret, const void *context)
{
	struct walk walk = { .ret = ret, .from = interrupted_at(context) };

	ret->len = 0;
	_Unwind_Backtrace(take_frame, &walk);
	if (walk.has_begun)
		return;
	walk.has_begun = true;
	_Unwind_Backtrace(take_frame, &walk);
	if (ret->len == 0)
		ret->frames[ret->len++] = walk.from;
}

/* --- printing --- */

static void print_frame(FILE *out, struct cor_symbols *symbols, const void *address)
{
	struct cor_symbol symbol;

	cor_symbols_find(symbols, address, &symbol);
	if (symbol.function[0])
		fprintf(out, "%s ", symbol.function);
	fprintf(out, symbol.file[0] ? "%s+0x%zx" : "%s0x%zx", symbol.file, (size_t)symbol.at);
}

/* Of a return address: the call stands before it. */
void cor_backtrace_print(const struct cor_backtrace *backtrace, char ret[COR_BACKTRACE_BYTES])
{
	struct cor_symbols symbols = { .len = 0 };
	FILE *out = fmemopen(ret, COR_BACKTRACE_BYTES, "w");

	ret[0] = '\0';
	if (!out)
		return;
	for (size_t i = 0; i < backtrace->len; i++) {
		fputs(i == 0 ? "" : " < ", out);
		print_frame(out, &symbols, (const char *)backtrace->frames[i] - (i == 0 ? 0 : 1));
	}
	fclose(out);
	cor_symbols_close(&symbols);
	ret[COR_BACKTRACE_BYTES - 1] = '\0';
}
