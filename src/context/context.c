/* SPDX-License-Identifier: MIT */
#include "context/context.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/random.h>

#include "runtime/fiber.h"

struct cor_arena *cor_ctx_arena(struct cor_ctx *ctx)
{
	return &ctx->arena;
}

void *cor_alloc(struct cor_ctx *ctx, size_t bytes)
{
	return cor_arena_zalloc(&ctx->arena, bytes);
}

char *cor_strdup(struct cor_ctx *ctx, const char *text)
{
	return cor_arena_strdup(&ctx->arena, text);
}

char *cor_printf(struct cor_ctx *ctx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = cor_arena_vprintf(&ctx->arena, format, args);
	va_end(args);
	return text;
}

int64_t cor_remaining_ms(struct cor_ctx *ctx)
{
	(void)ctx; /* the ctx belongs to the running fiber, whose scope counts */
	return cor_scope_remaining_ms();
}

void *cor_state(struct cor_ctx *ctx)
{
	return ctx->environment ? ctx->environment->state : NULL;
}

void *cor_thread_state(struct cor_ctx *ctx)
{
	return ctx->environment ? ctx->environment->thread_state : NULL;
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* Eight bytes from 0 to 15 as digits, in parallel. */
static uint64_t hex_digits(uint64_t nibbles)
{
	uint64_t letters = (nibbles + EACH_BYTE(6)) >> 4 & EACH_BYTE(1);

	return nibbles + EACH_BYTE('0') + letters * ('a' - '0' - 10);
}

static void make_request_id(char *id)
{
	uint64_t random;

	cor_random_fill(&random, sizeof random);
	uint64_t low = hex_digits(random & EACH_BYTE(15));
	uint64_t high = hex_digits(random >> 4 & EACH_BYTE(15));
	memcpy(id, &low, sizeof low);
	memcpy(id + sizeof low, &high, sizeof high);
	id[sizeof low + sizeof high] = '\0';
}

const char *cor_request_id(struct cor_ctx *ctx)
{
	if (ctx->request_id[0] == '\0') {
		make_request_id(ctx->request_id);
		if (ctx->request)
			cor_fiber_serves(cor_fiber_current(), ctx->request_id);
	}
	return ctx->request_id;
}
