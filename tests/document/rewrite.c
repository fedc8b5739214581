/* SPDX-License-Identifier: MIT */
/* JSON Lines in, the same out: each value as a tree, printed. For test_python.py. */
#include <stdio.h>

#include <coracle/json_lines.h>
#include <coracle/json_node.h>

static int rewrite(struct cor_str value)
{
	struct cor_arena arena = { 0 };
	struct cor_node *node = NULL;
	struct cor_str text;
	int rc = cor_node_parse(&arena, value, NULL, &node, NULL);

	if (rc == 0)
		rc = cor_node_print(&arena, node, &text);
	if (rc == 0)
		printf("%.*s\n", (int)text.len, text.data);
	cor_arena_finish(&arena);
	return rc;
}

static int take_all(struct cor_json_lines *lines)
{
	struct cor_str value;
	int rc;

	while ((rc = cor_lines_next(lines, &value)) > 0) {
		rc = rewrite(value);
		if (rc < 0)
			fprintf(stderr, "value %llu: %d\n",
				(unsigned long long)cor_lines_count(lines), rc);
	}
	if (rc < 0)
		fprintf(stderr, "%s\n", cor_lines_complaint(lines));
	return rc;
}

int main(void)
{
	struct cor_arena arena = { 0 };
	struct cor_json_lines *lines = cor_lines_begin(&arena, NULL);
	char piece[1000];
	size_t len;
	int rc = 0;

	if (!lines)
		return 1;
	while (rc == 0 && (len = fread(piece, 1, sizeof piece, stdin)) > 0) {
		cor_lines_feed(lines, piece, len);
		rc = take_all(lines);
	}
	cor_lines_feed_end(lines);
	if (rc == 0)
		rc = take_all(lines);
	cor_arena_finish(&arena);
	return rc < 0;
}
