/* SPDX-License-Identifier: MIT */
/* Print the links of each line: target, a tab, and each parameter that test_link.py asks for. */
#include <stdio.h>

#include <coracle/http_link.h>

int main(void)
{
	static const char *const names[] = { "rel", "title", "type" };
	char line[4096];

	while (fgets(line, sizeof line, stdin)) {
		struct cor_str rest = { line, strcspn(line, "\n") };
		struct cor_http_link link;
		while (cor_http_link_next(&rest, &link)) {
			printf("<%.*s>", (int)link.target.len, link.target.data);
			for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
				struct cor_str value = cor_http_link_parameter(&link, names[i]);
				if (value.data)
					printf("\t%s=%.*s", names[i], (int)value.len, value.data);
			}
			putchar('\n');
		}
		puts("--");
	}
	return 0;
}
