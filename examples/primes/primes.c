/* SPDX-License-Identifier: MIT */
/*
 * Tells of some numbers whether they are prime, on a pool of processes:
 *
 *     build/examples/primes [--workers N]
 *
 * One of them is there twice: each has its answer, in the order of the list.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/executor.h>

struct candidate {
	int64_t number;
	bool is_prime;
};

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

/* In a process of the pool: the candidate is a copy, and travels back. */
static int judge(struct cor_ctx *ctx, struct candidate *candidate)
{
	(void)ctx;
	candidate->is_prime = is_prime(candidate->number);
	return 0;
}

static int print_all(struct cor_pool *pool)
{
	struct candidate candidates[] = {
		{ .number = 112272535095293 },
		{ .number = 112582705942171 },
		{ .number = 112272535095293 },
		{ .number = 115280095190773 },
		{ .number = 115797848077099 },
		{ .number = 1099726899285419 },
	};
	const size_t len = sizeof candidates / sizeof candidates[0];
	int rc = cor_pool_map(pool, judge, candidates, len, NULL);

	for (size_t i = 0; rc == 0 && i < len; i++)
		printf("%" PRId64 " is prime: %s\n", candidates[i].number,
			candidates[i].is_prime ? "true" : "false");
	return rc;
}

/* 0, as many as CPUs, without the flag; -1: the command line is wrong. */
static long workers_of(int argc, char **argv)
{
	char *end;

	if (argc == 1)
		return 0;
	if (argc != 3 || strcmp(argv[1], "--workers") != 0)
		return -1;
	long workers = strtol(argv[2], &end, 10);
	return *argv[2] != '\0' && *end == '\0' && workers >= 1 && workers <= 64 ? workers : -1;
}

int main(int argc, char **argv)
{
	long workers = workers_of(argc, argv);
	struct cor_pool *pool;

	if (workers < 0) {
		fprintf(stderr, "usage: %s [--workers N], with N from 1 to 64\n", argv[0]);
		return 2;
	}
	const struct cor_executor executor = {
		.name = "primes", .kind = COR_PROCESSES, .size = (uint32_t)workers
	};
	int rc = cor_pool_create(&executor, &pool);
	if (rc == 0) {
		rc = print_all(pool);
		cor_pool_destroy(pool);
	}
	if (rc < 0)
		fprintf(stderr, "primes: %s\n", cor_strerror(rc));
	return rc < 0;
}
