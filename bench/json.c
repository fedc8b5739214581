/* SPDX-License-Identifier: MIT */
/*
 * How long reading and writing JSON takes: checking a text, reading every token of it, and writing
 * its numbers and strings. Usage: bench-json [FILE...]. Each figure is the best of several rounds,
 * on one thread.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <coracle/json.h>

#include "base/number.h"
#include "json/reader.h"
#include "json/writer.h"

#define ROUNDS      15
#define BATCH       4
#define ROUND_NS    30000000
#define DOUBLES_MAX 200000

struct job {
	struct cor_str text;
	struct cor_arena arena;
	struct cor_buffer out;
	double *doubles;
	size_t doubles_len;
	struct cor_str *strings;
	size_t strings_len;
	size_t tokens;
	size_t printed; /* bytes */
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void need(int rc)
{
	if (rc < 0) {
		fprintf(stderr, "refused: %d\n", rc);
		exit(1);
	}
}

static void take(struct job *job, const struct cor_json_number *number)
{
	if (job->doubles && number->type == COR_JSON_REAL && job->doubles_len < DOUBLES_MAX)
		job->doubles[job->doubles_len++] = number->real;
}

static void take_string(struct job *job, struct cor_str text)
{
	if (job->strings && job->strings_len < DOUBLES_MAX)
		job->strings[job->strings_len++] = text;
}

static void walk_value(struct job *job, struct cor_json_reader *reader);

static void walk_object(struct job *job, struct cor_json_reader *reader)
{
	struct cor_str key;
	int rc;

	need(cor_json_enter_object(reader));
	while ((rc = cor_json_next_member(reader, &key)) > 0) {
		job->tokens++;
		walk_value(job, reader);
	}
	need(rc);
}

static void walk_array(struct job *job, struct cor_json_reader *reader)
{
	int rc;

	need(cor_json_enter_array(reader));
	while ((rc = cor_json_next_item(reader)) > 0)
		walk_value(job, reader);
	need(rc);
}

static void walk_value(struct job *job, struct cor_json_reader *reader)
{
	struct cor_json_number number;
	struct cor_str text;
	bool flag;

	job->tokens++;
	switch (cor_json_peek(reader)) {
	case COR_JSON_OBJECT:
		walk_object(job, reader);
		break;
	case COR_JSON_ARRAY:
		walk_array(job, reader);
		break;
	case COR_JSON_STRING:
		need(cor_json_read_string(reader, &text));
		take_string(job, text);
		break;
	case COR_JSON_NUMBER:
		need(cor_json_read_number(reader, &number));
		take(job, &number);
		break;
	case COR_JSON_BOOL:
		need(cor_json_read_bool(reader, &flag));
		break;
	default:
		need(cor_json_read_null(reader));
	}
}

static void check(struct job *job)
{
	need(cor_json_check(job->text, 0, NULL));
}

static void walk(struct job *job)
{
	struct cor_json_reader reader;

	cor_arena_reset(&job->arena);
	cor_json_reader_init(&reader, job->text, &job->arena, 0);
	walk_value(job, &reader);
	need(cor_json_finish(&reader));
}

static void print_doubles(struct job *job)
{
	char text[COR_NUMBER_BYTES];

	for (size_t i = 0; i < job->doubles_len; i++)
		job->printed += cor_number_print_double(job->doubles[i], text);
}

static void print_strings(struct job *job)
{
	cor_buffer_clear(&job->out, SIZE_MAX);
	for (size_t i = 0; i < job->strings_len; i++)
		cor_json_write_string(&job->out, job->strings[i]);
	need(cor_buffer_error(&job->out));
}

/* The best time of one call, in ns. */
static double measure(struct job *job, void (*work)(struct job *))
{
	double best = HUGE_VAL;

	for (int round = 0; round < ROUNDS; round++) {
		long calls = 0;
		int64_t start = now_ns();
		int64_t spent;
		do {
			for (int i = 0; i < BATCH; i++)
				work(job);
			calls += BATCH;
			spent = now_ns() - start;
		} while (spent < ROUND_NS);
		if ((double)spent / (double)calls < best)
			best = (double)spent / (double)calls;
	}
	return best;
}

static struct cor_str read_whole(const char *path)
{
	FILE *file = fopen(path, "rb");

	if (!file) {
		perror(path);
		exit(1);
	}
	fseek(file, 0, SEEK_END);
	size_t len = (size_t)ftell(file);
	rewind(file);
	char *data = malloc(len);
	if (!data || fread(data, 1, len, file) != len) {
		perror(path);
		exit(1);
	}
	fclose(file);
	return (struct cor_str){ data, len };
}

static void measure_file(const char *path)
{
	struct job job = { .text = read_whole(path) };

	cor_arena_init(&job.arena, NULL, 0, 0);
	walk(&job);
	size_t tokens = job.tokens;
	double pass_ns = measure(&job, check);
	double walk_ns = measure(&job, walk);
	printf("%-40s %8zu bytes %7zu tokens  check %10.0f ns  read %10.0f ns (%.2f GB/s)\n", path,
		job.text.len, tokens, pass_ns, walk_ns, (double)job.text.len / walk_ns);

	job.doubles = calloc(DOUBLES_MAX, sizeof *job.doubles);
	job.strings = calloc(DOUBLES_MAX, sizeof *job.strings);
	if (!job.doubles || !job.strings)
		exit(1);
	walk(&job);
	if (job.doubles_len > 0)
		printf("%-40s %8zu doubles printed, %.1f ns each\n", "", job.doubles_len,
			measure(&job, print_doubles) / (double)job.doubles_len);
	if (job.strings_len > 0)
		printf("%-40s %8zu strings written, %.1f ns each\n", "", job.strings_len,
			measure(&job, print_strings) / (double)job.strings_len);
	free(job.doubles);
	free(job.strings);
	cor_arena_finish(&job.arena);
	cor_buffer_finish(&job.out);
	free((void *)(uintptr_t)job.text.data);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		measure_file(argv[i]);
	return argc < 2;
}
