/* SPDX-License-Identifier: MIT */
/**
 * How a JSON library is measured, ours and others: the same in C and in C++.
 *
 *     PROGRAM order|list|canada decode|encode FILE ROUNDS
 *
 * reads FILE (one order, a JSON array of orders, canada.json), and prints the nanoseconds of
 * decoding it, the best of several batches of ROUNDS; or of encoding what was decoded.
 */
#ifndef CORACLE_BENCH_JSON_TRIAL_H
#define CORACLE_BENCH_JSON_TRIAL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIAL_BATCHES 15
#define TRIAL_SPARE   64 /* bytes behind the text that may be read, as simdjson asks for */

struct trial_text {
	const char *data;
	size_t len;
};

/* One shape of document. Each returns 0, or -1 for a document that it refuses. */
struct trial_shape {
	const char *name;
	int (*decode)(struct trial_text text);
	int (*encode)(struct trial_text *ret); /* what was decoded last; NULL: it cannot */
};

static inline double trial_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static inline int trial_read(const char *path, struct trial_text *ret)
{
	FILE *file = fopen(path, "rb");

	if (!file)
		return -1;
	fseek(file, 0, SEEK_END);
	size_t len = (size_t)ftell(file);
	rewind(file);
	char *data = (char *)calloc(1, len + TRIAL_SPARE);
	int rc = data && fread(data, 1, len, file) == len ? 0 : -1;
	fclose(file);
	while (len > 0 && data[len - 1] == '\n')
		len--;
	ret->data = data;
	ret->len = len;
	return rc;
}

/* The best of several batches: what the machine does when undisturbed. */
static inline int trial_measure(
	const struct trial_shape *shape, struct trial_text text, int is_decode, long rounds)
{
	struct trial_text written = { NULL, 0 };
	double best = 0;

	for (int batch = 0; batch < TRIAL_BATCHES; batch++) {
		double since = trial_now_ns();
		for (long i = 0; i < rounds; i++)
			if ((is_decode ? shape->decode(text) : shape->encode(&written)) < 0)
				return -1;
		double ns = (trial_now_ns() - since) / (double)rounds;
		if (batch == 0 || ns < best)
			best = ns;
	}
	printf("%.1f\n", best);
	if (getenv("TRIAL_TEXT"))
		printf("%.*s\n", (int)written.len, written.data);
	return 0;
}

/* Returns the status for main(). The array ends with a shape that has no name. */
static inline int trial_main(int argc, char **argv, const struct trial_shape *shapes)
{
	const struct trial_shape *shape = shapes;
	struct trial_text text = { NULL, 0 };
	long rounds = argc == 5 ? strtol(argv[4], NULL, 10) : 0;

	if (rounds < 1) {
		fprintf(stderr, "usage: %s order|list|canada decode|encode FILE ROUNDS\n", argv[0]);
		return 64;
	}
	while (shape->name && strcmp(shape->name, argv[1]) != 0)
		shape++;
	int is_decode = strcmp(argv[2], "decode") == 0;
	if (!shape->name || (!is_decode && !shape->encode)) {
		fprintf(stderr, "%s: cannot do that\n", argv[0]);
		return 64;
	}
	if (trial_read(argv[3], &text) < 0 || shape->decode(text) < 0 ||
		trial_measure(shape, text, is_decode, rounds) < 0) {
		fprintf(stderr, "%s: %s is refused\n", argv[0], argv[3]);
		return 1;
	}
	return 0;
}

#endif
