/* SPDX-License-Identifier: MIT */
#include "contract/file_example.h"

#include <string.h>

/* Images of one pixel, a page without a word, archives of an empty file. */
/* clang-format off */
static const char jpeg[] = 
	"\377\330\377\340\000\020JFIF\000\001\001\000\000\001\000\001\000\000\377\333\000"
	"C\000\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001"
	"\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001"
	"\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001\001"
	"\001\001\001\001\001\001\377\300\000\013\010\000\001\000\001\001\001\021\000\377"
	"\304\000\024\000\001\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
	"\000\377\304\000\024\020\001\000\000\000\000\000\000\000\000\000\000\000\000\000"
	"\000\000\000\377\332\000\010\001\001\000\000\077\000\077\377\331";
static const char png[] = 
	"\211PNG\015\n\032\n\000\000\000\015IHDR\000\000\000\001\000\000\000\001\010\000"
	"\000\000\000:~\233U\000\000\000\nIDATx\332c`\000\000\000\002\000\001\345'\336"
	"\374\000\000\000\000IEND\256B`\202";
static const char gif[] = 
	"GIF89a\001\000\001\000\200\000\000\000\000\000\377\377\377,\000\000\000\000\001"
	"\000\001\000\000\002\002D\001\000;";
static const char webp[] = 
	"RIFF\032\000\000\000WEBPVP8L\015\000\000\000/\000\000\000\020\007\020\021\021"
	"\210\210\376\007\000";
static const char pdf[] = 
	"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj<</Type/Pages/Kids"
	"[3 0 R]/Count 1>> endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Res"
	"ources<<>>>> endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n000000"
	"0053 00000 n \n0000000103 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n17"
	"7\n%%EOF\n";
static const char zip[] = 
	"PK\003\004\024\000\000\000\000\000\000\000!\000\000\000\000\000\000\000\000\000"
	"\000\000\000\000\001\000\000\000aPK\001\002\024\003\024\000\000\000\000\000\000"
	"\000!\000\000\000\000\000\000\000\000\000\000\000\000\000\001\000\000\000\000"
	"\000\000\000\000\000\000\000\200\001\000\000\000\000aPK\005\006\000\000\000\000"
	"\001\000\001\000/\000\000\000\037\000\000\000\000\000";
static const char gzip[] = 
	"\037\213\010\000\000\000\000\000\002\003\003\000\000\000\000\000\000\000\000\000";
/* clang-format on */

#define BYTES(array)                                                                               \
	{                                                                                          \
		(array), sizeof(array) - 1                                                         \
	}

static const struct cor_file_example known[] = {
	{ { "image/jpeg", 10 }, "file.jpg", BYTES(jpeg) },
	{ { "image/png", 9 }, "file.png", BYTES(png) },
	{ { "image/gif", 9 }, "file.gif", BYTES(gif) },
	{ { "image/webp", 10 }, "file.webp", BYTES(webp) },
	{ { "application/pdf", 15 }, "file.pdf", BYTES(pdf) },
	{ { "application/zip", 15 }, "file.zip", BYTES(zip) },
	{ { "application/gzip", 16 }, "file.gz", BYTES(gzip) },
};

/* The next of a list, without blanks; empty: there is no more. */
static struct cor_str next_type(struct cor_str *list)
{
	while (list->len && strchr(", ", list->data[0])) {
		list->data++;
		list->len--;
	}
	const char *comma = list->len ? memchr(list->data, ',', list->len) : NULL;
	struct cor_str type = { list->data, comma ? (size_t)(comma - list->data) : list->len };
	list->data += type.len;
	list->len -= type.len;
	while (type.len && type.data[type.len - 1] == ' ')
		type.len--;
	return type;
}

static bool is_range(struct cor_str type)
{
	return type.len && type.data[type.len - 1] == '*';
}

/* A range of all types is none that tells one. */
static const struct cor_file_example *known_of(struct cor_str type)
{
	size_t len = is_range(type) ? type.len - 1 : type.len;

	for (size_t i = 0; i < sizeof known / sizeof known[0] && type.data[0] != '*'; i++) {
		struct cor_str its = known[i].type;
		if (its.len >= len && (is_range(type) || its.len == len) &&
			memcmp(its.data, type.data, len) == 0)
			return &known[i];
	}
	return NULL;
}

struct cor_file_example cor_file_example(struct cor_str types)
{
	struct cor_file_example plain = { COR_STR("application/octet-stream"), "file.bin",
		{ "", 0 } };
	bool has_type = false;

	for (struct cor_str type = next_type(&types); type.len; type = next_type(&types)) {
		const struct cor_file_example *found = known_of(type);
		if (found)
			return *found;
		if (!has_type && !is_range(type)) {
			plain.type = type;
			has_type = true;
		}
	}
	return plain;
}
