/* SPDX-License-Identifier: MIT */
/*
 * The six numbers of examples/primes in plain C: as many forked processes as are asked for, each of
 * which takes the next number as long as there is one.
 *
 *     primes PROCESSES
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t numbers[] = { 112272535095293, 112582705942171, 112272535095293,
	115280095190773, 115797848077099, 1099726899285419 };
#define LEN ((int)(sizeof numbers / sizeof numbers[0]))

static struct {
	_Atomic int next;
	bool are_prime[LEN];
} * shared;

/* The largest number whose square is not larger. */
static int64_t root_of(int64_t number)
{
	int64_t root = 0;

	for (int64_t bit = INT64_C(1) << 31; bit != 0; bit >>= 1)
		if ((root + bit) <= number / (root + bit))
			root += bit;
	return root;
}

static bool is_prime(int64_t number)
{
	if (number < 2)
		return false;
	if (number % 2 == 0)
		return number == 2;
	const int64_t root = root_of(number);
	for (int64_t i = 3; i <= root; i += 2)
		if (number % i == 0)
			return false;
	return true;
}

static void judge_some(void)
{
	int at;

	while ((at = atomic_fetch_add(&shared->next, 1)) < LEN)
		shared->are_prime[at] = is_prime(numbers[at]);
}

int main(int argc, char **argv)
{
	long processes = argc == 2 ? strtol(argv[1], NULL, 10) : 0;

	shared = mmap(
		NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (processes < 1 || shared == MAP_FAILED)
		return 64;
	for (long i = 0; i < processes; i++) {
		pid_t pid = fork();
		if (pid < 0)
			return 71;
		if (pid == 0) {
			judge_some();
			_exit(0);
		}
	}
	for (long i = 0; i < processes; i++)
		(void)wait(NULL);
	for (int i = 0; i < LEN; i++)
		printf("%" PRId64 " is prime: %s\n", numbers[i],
			shared->are_prime[i] ? "true" : "false");
	return 0;
}
