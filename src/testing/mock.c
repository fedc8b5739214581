/* SPDX-License-Identifier: MIT */
#include "testing/mock.h"

#include <stdlib.h>
#include <string.h>

#include "testing/run.h"

/* --- notes --- */

struct cor_str cor_mock_text(const struct cor_mock_argument *argument, const char *bytes)
{
	struct cor_str text = { NULL, 0 };
	const char *string;

	if (argument->kind == COR_MOCK_STR) {
		memcpy(&text, bytes, sizeof text);
	} else {
		memcpy(&string, bytes, sizeof string);
		text = cor_str(string);
	}
	return text;
}

/* The copy of a text takes the place of the caller's. False: no memory, and its place is NULL. */
static bool keep_text(const struct cor_mock_argument *argument, char *bytes)
{
	struct cor_str text = cor_mock_text(argument, bytes);
	char *copy = text.data ? malloc(text.len + 1) : NULL;
	bool is_kept = copy || !text.data;

	if (copy) {
		memcpy(copy, text.data, text.len);
		copy[text.len] = '\0';
	}
	text.data = copy;
	text.len = copy ? text.len : 0;
	if (argument->kind == COR_MOCK_STR)
		memcpy(bytes, &text, sizeof text);
	else
		memcpy(bytes, &copy, sizeof copy);
	return is_kept;
}

static bool is_text(const struct cor_mock_argument *argument)
{
	return argument->kind == COR_MOCK_TEXT || argument->kind == COR_MOCK_STR;
}

static void free_record(const struct cor_mock *mock, struct cor_mock_record *record)
{
	for (const struct cor_mock_argument *a = mock->arguments(); a->name; a++)
		if (is_text(a))
			free((void *)(uintptr_t)cor_mock_text(a, record->arguments + a->at).data);
	free(record->arguments);
}

static bool make_room(struct cor_mock *mock)
{
	size_t room = mock->room ? 2 * mock->room : 8;

	if (mock->len < mock->room)
		return true;
	if (mock->len >= COR_MOCK_CALLS_MAX)
		return false;
	struct cor_mock_record *records = realloc(mock->records, room * sizeof *records);
	if (!records)
		return false;
	mock->records = records;
	mock->room = room;
	return true;
}

static bool note(struct cor_mock *mock, const void *call)
{
	struct cor_mock_record record = { .arguments = malloc(mock->call_bytes) };
	bool is_kept = record.arguments && make_room(mock);

	if (!is_kept) {
		free(record.arguments);
		return false;
	}
	memcpy(record.arguments, call, mock->call_bytes);
	for (const struct cor_mock_argument *a = mock->arguments(); a->name; a++)
		if (is_text(a))
			is_kept = keep_text(a, record.arguments + a->at) && is_kept;
	record.at = mock->test->run->mock_calls++;
	mock->records[mock->len++] = record;
	return is_kept; /* NOLINT(analyzer-malloc-leak): the mock has it */
}

static void forget(struct cor_mock *mock)
{
	while (mock->len > 0)
		free_record(mock, &mock->records[--mock->len]);
	free(mock->records);
	mock->records = NULL;
	mock->room = 0;
}

/* --- calls --- */

/* False: none is left. */
static bool take_result(struct cor_mock *mock, void *result)
{
	if (mock->turn != COR_MOCK_TO_RESULT)
		return true;
	if (mock->results_at == mock->results_len)
		return false;
	memcpy(result, mock->results + mock->results_at * mock->result_bytes, mock->result_bytes);
	mock->results_at += !mock->is_constant;
	return true;
}

static _Noreturn void fail(struct cor_mock *mock, const char *why)
{
	struct cor_test *t = mock->test;

	cor_run_note(t->run, mock->file, mock->line);
	cor_outcome_say(t->run->outcome, "%s(): %s", mock->name, why);
	cor_run_noted(t->run);
	cor_test_end(t);
}

enum cor_mock_turn cor_mock_enter(struct cor_mock *mock, const void *call, void *result)
{
	struct cor_test *t = mock->test;

	if (!t)
		return COR_MOCK_TO_REAL;
	pthread_mutex_lock(&t->run->lock);
	bool is_noted = note(mock, call);
	bool has_result = take_result(mock, result);
	pthread_mutex_unlock(&t->run->lock);
	if (!is_noted)
		fail(mock, "no memory for its call, or too many of them");
	if (!has_result)
		fail(mock, "is called once more than cor_mock_returns() has values for");
	return mock->turn;
}

/* --- what it does --- */

static void release(void *arg)
{
	struct cor_mock *mock = arg;

	forget(mock);
	free(mock->results);
	mock->results = NULL;
	mock->results_len = mock->results_at = 0;
	mock->is_constant = false;
	mock->other = NULL;
	mock->test = NULL;
}

static void begin(struct cor_test *t, struct cor_mock *mock, enum cor_mock_turn turn)
{
	if (t->run->is_level) {
		cor_test_fail_at(t, mock->file, mock->line,
			"%s: mocks are for tests and for before_each, not for what runs once",
			mock->name);
		cor_test_end(t);
	}
	if (!mock->test)
		cor_test_defer(t, release, mock);
	free(mock->results);
	mock->results = NULL;
	mock->results_len = mock->results_at = 0;
	mock->is_constant = false;
	mock->turn = turn;
	mock->test = t;
}

static void set_results(
	struct cor_test *t, struct cor_mock *mock, const void *results, size_t len, bool constant)
{
	begin(t, mock, COR_MOCK_TO_RESULT);
	mock->results = malloc(len * mock->result_bytes);
	if (!mock->results)
		fail(mock, "no memory for its values");
	memcpy(mock->results, results, len * mock->result_bytes);
	mock->results_len = len;
	mock->is_constant = constant;
}

void cor_mock_queue(struct cor_test *t, struct cor_mock *mock, const void *results, size_t len)
{
	set_results(t, mock, results, len, false);
}

void cor_mock_constant(struct cor_test *t, struct cor_mock *mock, const void *result)
{
	set_results(t, mock, result, 1, true);
}

void cor_mock_call_other(struct cor_test *t, struct cor_mock *mock, void (*other)(void))
{
	begin(t, mock, COR_MOCK_TO_OTHER);
	mock->other = other;
}

void cor_mock_watch(struct cor_test *t, struct cor_mock *mock)
{
	begin(t, mock, COR_MOCK_TO_REAL);
}

void cor_mock_forget_calls(struct cor_test *t, struct cor_mock *mock)
{
	pthread_mutex_lock(&t->run->lock);
	forget(mock);
	pthread_mutex_unlock(&t->run->lock);
}

/* What is deferred finds nothing then. */
void cor_mock_release(struct cor_test *t, struct cor_mock *mock)
{
	(void)t;
	release(mock);
}

/* --- what was called --- */

size_t cor_mock_calls(const struct cor_mock *mock)
{
	return mock->len;
}

const void *cor_mock_arguments(const struct cor_mock *mock, size_t at)
{
	return at < mock->len ? mock->records[at].arguments : NULL;
}
