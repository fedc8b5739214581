/* SPDX-License-Identifier: MIT */
/*
 * The context switch keeps what the calling convention says is kept. Sanitizers do not know about
 * these bare switches and cannot check assembler: their builds leave these tests out.
 */
#include <string.h>

#include "runtime/switch.h"

#include "loop.h"

#if defined(COR_ASAN) || defined(COR_TSAN)
#include <stdio.h>

int main(void)
{
	puts("1..0 # SKIP sanitized");
	return 0;
}
#else

#define STACK_BYTES (128 * 1024)

struct side {
	void *own;
	void *other;
	int turns;
	bool broken;
};

/*
 * Many values live across the switch: more than there are registers, so that each is in use.
 */
static __attribute__((noinline)) bool keeps_values(void **save, void **load, uint64_t seed)
{
	volatile uint64_t source = seed;
	uint64_t a = source + 1, b = source + 2, c = source + 3, d = source + 4, e = source + 5,
		 f = source + 6;
	uint64_t g = source + 7, h = source + 8, i = source + 9, j = source + 10, k = source + 11,
		 l = source + 12;
	double p = (double)source + 0.25, q = p * 2, r = p * 3, s = p * 4, t = p * 5, u = p * 6,
	       v = p * 7, w = p * 8;

	cor_switch(save, *load);
	return a == source + 1 && b == source + 2 && c == source + 3 && d == source + 4 &&
	       e == source + 5 && f == source + 6 && g == source + 7 && h == source + 8 &&
	       i == source + 9 && j == source + 10 && k == source + 11 && l == source + 12 &&
	       p == (double)source + 0.25 && q == p * 2 && r == p * 3 && s == p * 4 && t == p * 5 &&
	       u == p * 6 && v == p * 7 && w == p * 8;
}

static struct side side;

static void partner(void *arg)
{
	uint64_t turn = 0;

	if (arg != &side)
		side.broken = true;
	for (;;) {
		side.turns++;
		if (!keeps_values(&side.other, &side.own, 1000000 + turn++))
			side.broken = true;
	}
}

static void test_values_stay(void **state)
{
	static char stack[STACK_BYTES] __attribute__((aligned(64)));

	(void)state;
	side = (struct side){ .turns = 0 };
	side.other = cor_switch_prepare(stack + sizeof stack, partner, &side);
	for (int i = 0; i < 1000; i++)
		assert_true(keeps_values(&side.own, &side.other, (uint64_t)i));
	assert_int_equal(side.turns, 1000);
	assert_false(side.broken);
}

/* The registers the compiler may not touch, loaded and checked by hand. */
#ifdef __x86_64__
static __attribute__((noinline)) bool keeps_registers(void **save, void **load)
{
	uint64_t seen[5];
	register void **rdi __asm__("rdi") = save;
	register void *rsi __asm__("rsi") = *load;

	__asm__ volatile(
		"mov $11, %%rbx\n\tmov $12, %%r12\n\tmov $13, %%r13\n\t"
		"mov $14, %%r14\n\tmov $15, %%r15\n\t"
		"sub $256, %%rsp\n\tcall cor_switch\n\tendbr64\n\tadd $256, %%rsp\n\t"
		"mov %%rbx, %2\n\tmov %%r12, %3\n\tmov %%r13, %4\n\tmov %%r14, %5\n\tmov %%r15, %6"
		: "+r"(rdi), "+r"(rsi), "=m"(seen[0]), "=m"(seen[1]), "=m"(seen[2]), "=m"(seen[3]),
		"=m"(seen[4])
		:
		: "rax", "rcx", "rdx", "rbx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
		"memory", "cc");
	return seen[0] == 11 && seen[1] == 12 && seen[2] == 13 && seen[3] == 14 && seen[4] == 15;
}

static void test_registers_stay(void **state)
{
	static char stack[STACK_BYTES] __attribute__((aligned(64)));

	(void)state;
	side = (struct side){ .turns = 0 };
	side.other = cor_switch_prepare(stack + sizeof stack, partner, &side);
	for (int i = 0; i < 10; i++)
		assert_true(keeps_registers(&side.own, &side.other));
	assert_int_equal(side.turns, 10);
	assert_false(side.broken);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_stay),
#ifdef __x86_64__
		cmocka_unit_test(test_registers_stay),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
