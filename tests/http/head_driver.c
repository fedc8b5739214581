/* SPDX-License-Identifier: MIT */
/*
 * Reads heads from stdin, each as its length in decimal, a line feed, and its bytes; writes what
 * the parser makes of each as a line. For reference.py.
 */
#include <stdio.h>
#include <stdlib.h>

#include "describe.h"
#include "http/head_parser.h"

int main(void)
{
	static char text[200000];
	size_t len;

	while (scanf("%zu", &len) == 1 && getchar() == '\n') {
		struct cor_head_parser parser;
		char *bytes = malloc(len ? len : 1);

		if (!bytes || fread(bytes, 1, len, stdin) != len)
			return 1;
		cor_head_parser_init(&parser, NULL);
		ssize_t n = cor_head_parse(&parser, bytes, len);
		describe_head(text, sizeof text, &parser, bytes, n);
		puts(text);
		free(bytes);
	}
	return 0;
}
