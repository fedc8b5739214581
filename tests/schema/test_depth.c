/* SPDX-License-Identifier: MIT */
/*
 * Input that was accepted can be wrapped in an answer; anything deeper is an error; neither comes
 * near the end of a stack.
 */
#include <pthread.h>

#include <coracle/fiber.h>

#include "runtime/annotate.h"

#include "trial.h"

struct tree {
	struct tree *one;
	cor_array(struct tree) many;
	struct cor_json raw;
};
COR_DECLARE_SCHEMA(tree_schema, struct tree);
static const struct cor_field tree_fields[] = {
	COR_OBJECT(struct tree, one, tree_schema, .presence = COR_OPTIONAL),
	COR_OBJECT_ARRAY(struct tree, many, tree_schema, .presence = COR_OPTIONAL),
	COR_FIELD(struct tree, raw, .presence = COR_OPTIONAL),
};
COR_SCHEMA(tree_schema, tree_fields);

static char *nested(struct trial *trial, const char *open, const char *close, unsigned times)
{
	char *json = cor_arena_strdup(&trial->arena, "");

	for (unsigned i = 0; json && i < times; i++)
		json = cor_arena_printf(&trial->arena, "%s%s%s", open, json, close);
	return json;
}

/* The deepest text that is accepted, in each form: objects, arrays of objects, raw JSON. */
static const struct form {
	const char *before, *open, *close, *after;
	unsigned times; /* to get COR_JSON_DEPTH_MAX levels */
} forms[] = {
	{ "{\"one\":", "{\"one\":", "}", "{}}", COR_JSON_DEPTH_MAX - 2 },
	{ "{\"many\":[", "{\"many\":[", "]}", "]}", COR_JSON_DEPTH_MAX / 2 - 1 },
	{ "{\"raw\":", "[", "]", "}", COR_JSON_DEPTH_MAX - 1 },
};

static const char *deepest(struct trial *trial, const struct form *form, unsigned more)
{
	struct cor_str inner = cor_str(nested(trial, form->open, form->close, form->times + more));
	size_t half = inner.len / (strlen(form->open) + strlen(form->close)) * strlen(form->open);

	if (form->after[0] != '{') /* the innermost is empty */
		return cor_arena_printf(
			&trial->arena, "%s%s%s", form->before, inner.data, form->after);
	return cor_arena_printf(&trial->arena, "%s%.*s{}%s}", form->before, (int)half, inner.data,
		inner.data + half);
}

static void what_is_accepted_can_be_wrapped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct tree tree, outer = { .many = { &tree, 1 } }, outermost = { .one = &outer };
		struct trial trial;
		assert_int_equal(trial_begin(&trial, &tree_schema.schema), 0);
		const char *json = deepest(&trial, &forms[i], 0);
		assert_int_equal(trial_decode(&trial, &tree_schema.schema, &tree, json), 0);
		const char *report = trial_encode(&trial, &tree_schema.schema, &outermost);
		assert_non_null(report);
		assert_string_equal(
			report, cor_arena_printf(&trial.arena, "{\"one\":{\"many\":[%s]}}", json));
		json = deepest(&trial, &forms[i], 1);
		assert_int_equal(
			trial_decode(&trial, &tree_schema.schema, &tree, json), -COR_ETOOLARGE);
		trial_end(&trial);
	}
}

/* Levels of typed members and of raw JSON count the same. */
static void output_has_its_limit(void **state)
{
	static struct tree chain[COR_JSON_OUTPUT_DEPTH_MAX + 1];
	struct cor_encode_fault fault;
	struct cor_buffer buffer = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &tree_schema.schema), 0);
	for (size_t i = 0; i < COR_JSON_OUTPUT_DEPTH_MAX; i++)
		chain[i].one = &chain[i + 1];
	const struct tree *root = &chain[1]; /* of as many levels as are allowed */
	struct tree *last = &chain[COR_JSON_OUTPUT_DEPTH_MAX];
	assert_non_null(trial_encode(&trial, &tree_schema.schema, root));
	last->raw.text = COR_STR("5");
	assert_non_null(trial_encode(&trial, &tree_schema.schema, root));
	last->raw.text = COR_STR("[]");
	assert_int_equal(cor_encode_append(trial.codec, &tree_schema.schema, COR_USE_ANSWER, root,
				 &buffer, &fault),
		-COR_ETOOLARGE);
	assert_non_null(strstr(fault.text, "tree_schema: /one/one"));
	last->raw.text.len = 0;
	last->raw.text.data = NULL;
	assert_int_equal(cor_encode_append(trial.codec, &tree_schema.schema, COR_USE_ANSWER,
				 &chain[0], &buffer, &fault),
		-COR_ETOOLARGE);
	assert_non_null(strstr(fault.text, "is nested deeper than 128 levels, or in a circle"));
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

/* ThreadSanitizer keeps hundreds of KiB of its own on each thread's stack. */
#ifndef COR_TSAN
#define PAINT 0xa5

struct measured {
	struct trial *trial;
	const struct tree *tree;
	const char *json;
};

static void *encode_all(void *arg)
{
	struct measured *measured = arg;
	struct cor_buffer buffer = { 0 };
	struct cor_encode_fault fault;
	struct tree tree;

	(void)!trial_decode(measured->trial, &tree_schema.schema, &tree, measured->json);
	(void)!cor_encode_append(measured->trial->codec, &tree_schema.schema, COR_USE_ANSWER,
		measured->tree, &buffer, &fault);
	cor_buffer_finish(&buffer);
	return NULL;
}

/*
 * How much stack the deepest output takes, including its error message: half of a fiber's stack is
 * the caller's.
 */
static size_t stack_used(struct measured *measured)
{
	size_t bytes = (size_t)4 * COR_STACK_BYTES, untouched = 0;
	unsigned char *stack = aligned_alloc(4096, bytes);
	pthread_attr_t attributes;
	pthread_t thread;

	assert_non_null(stack);
	memset(stack, PAINT, bytes);
	assert_int_equal(pthread_attr_init(&attributes), 0);
	assert_int_equal(pthread_attr_setstack(&attributes, stack, bytes), 0);
	assert_int_equal(pthread_create(&thread, &attributes, encode_all, measured), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	pthread_attr_destroy(&attributes);
	while (untouched < bytes && stack[untouched] == PAINT)
		untouched++;
	free(stack);
	return bytes - untouched;
}

static void stack_of_the_deepest(void **state)
{
	struct tree circle = { 0 }, item = { .one = &circle };
	struct trial trial;

	(void)state;
	circle.many.items = &item;
	circle.many.len = 1;
	assert_int_equal(trial_begin(&trial, &tree_schema.schema), 0);
	struct measured by_array = { &trial, &circle, deepest(&trial, &forms[1], 0) };
	size_t array_bytes = stack_used(&by_array);
	circle = (struct tree){ .one = &circle };
	struct measured by_pointer = { &trial, &circle, deepest(&trial, &forms[0], 0) };
	size_t pointer_bytes = stack_used(&by_pointer);
	printf("# figure: stack of the deepest output and input: %zu KiB by pointers, %zu KiB by arrays\n",
		pointer_bytes / 1024, array_bytes / 1024);
	assert_true(pointer_bytes < COR_STACK_BYTES * 3 / 4);
	assert_true(array_bytes < COR_STACK_BYTES * 3 / 4);
	trial_end(&trial);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_accepted_can_be_wrapped),
		cmocka_unit_test(output_has_its_limit),
#ifndef COR_TSAN
		cmocka_unit_test(stack_of_the_deepest),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
