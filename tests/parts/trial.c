/* SPDX-License-Identifier: MIT */
/* Forms of every kind, for clients that people use: bound, and pulled part by part. */
#include <coracle/coracle.h>

#include <inttypes.h>
#include <string.h>

#include "album.h"

#define SUM_FIRST 2166136261u

static uint32_t sum_more(uint32_t sum, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)bytes[i]) * 16777619u;
	return sum;
}

/* Of large files only what comes first. */
static int sum_of(const struct cor_upload *upload, uint32_t *ret)
{
	char buffer[8192];
	uint64_t offset = 0;
	ssize_t n;

	*ret = SUM_FIRST;
	while (offset < 4000000 &&
		(n = cor_upload_read(upload, offset, buffer, sizeof buffer)) != 0) {
		if (n < 0)
			return (int)n;
		*ret = sum_more(*ret, buffer, (size_t)n);
		offset += (uint64_t)n;
	}
	return 0;
}

static int describe(const struct cor_upload *upload, struct file *ret)
{
	*ret = (struct file){
		.name = upload->name,
		.type = upload->type,
		.bytes = upload->size,
		.in_memory = upload->bytes != NULL,
	};
	return sum_of(upload, &ret->sum);
}

static int add_photo(struct cor_ctx *ctx, const struct photo_form *form, struct photo *photo)
{
	struct file *notes = cor_alloc(ctx, (form->notes.len + 1) * sizeof *notes);
	int rc = notes ? describe(&form->photo, &photo->photo) : -ENOMEM;

	photo->title = form->title;
	photo->stars = form->stars;
	photo->tags.items = form->tags.items;
	photo->tags.len = form->tags.len;
	photo->notes.items = notes;
	photo->notes.len = form->notes.len;
	for (size_t i = 0; rc == 0 && i < form->notes.len; i++)
		rc = describe(&form->notes.items[i], &notes[i]);
	return rc;
}
COR_OPERATION(add_photo_operation, add_photo, photo_form_schema, photo_schema, .status = 201,
	.summary = "Add a photo", .tag = "photos", .body_limit_bytes = 2000000000);

struct words {
	const char *title;
	int32_t stars;
};
static const struct cor_field words_fields[] = {
	COR_FIELD(struct words, title),
	COR_FIELD(struct words, stars, .presence = COR_OPTIONAL, .fallback = "0"),
};
COR_DECLARE_SCHEMA(words_schema, struct words);
COR_SCHEMA(words_schema, words_fields, .doc = "A form of text");

static int add_words(struct cor_ctx *ctx, const struct words *in, struct words *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(add_words_operation, add_words, words_schema, words_schema, .summary = "Add words",
	.tag = "photos");

struct import_form {
	cor_array(struct cor_upload) volume;
	const char *label;
};
static const struct cor_field import_form_fields[] = {
	COR_ARRAY(struct import_form, volume, .media_types = "application/octet-stream",
		.min_items = 1),
	COR_FIELD(struct import_form, label, .presence = COR_OPTIONAL),
};
COR_DECLARE_SCHEMA(import_form_schema, struct import_form);
COR_SCHEMA(import_form_schema, import_form_fields);

static int import_part(struct cor_ctx *ctx, struct cor_parts *parts, const struct cor_part *part,
	const char **told)
{
	const char *name = part->file_name ? part->file_name : "-";
	uint32_t sum = SUM_FIRST;
	char buffer[16384];
	uint64_t bytes = 0;
	ssize_t n;

	*told = cor_printf(ctx, "%s%s %s %s", *told, part->name, name, part->type);
	while ((n = cor_part_read(parts, buffer, sizeof buffer)) > 0) {
		if (bytes < 4000000)
			sum = sum_more(sum, buffer, (size_t)n);
		bytes += (uint64_t)n;
	}
	*told = cor_printf(ctx, "%s %" PRIu64 " %" PRIu32 "\n", *told, bytes, sum);
	return (int)n;
}

static int import(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	const struct cor_part *part;
	struct cor_parts *parts;
	const char *told = "";
	int rc = cor_parts_open(body, &parts);

	(void)in;
	while (rc == 0 && (rc = cor_part_next(parts, &part)) > 0)
		rc = import_part(ctx, parts, part, &told);
	if (rc == 0)
		rc = cor_reply_start(reply, 0, NULL);
	return rc < 0 ? rc : cor_reply_write(reply, told, strlen(told));
}
COR_STREAM_OPERATION(import_operation, import, COR_NONE, .parts = COR_PARTS(import_form_schema),
	.summary = "Import volumes", .tag = "photos", .content_type = "text/plain",
	.body_limit_bytes = 4000000000, .timeout_ms = 120000);

static int show_page(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *page)
{
	(void)ctx;
	(void)in;
	*page = COR_STR("<!DOCTYPE html><meta charset=utf-8><title>Album</title>\n"
			"<form method=post action=photos enctype=multipart/form-data>\n"
			"<input type=hidden name=_charset_>\n"
			"<input name=title> <input name=stars type=number>\n"
			"<input name=photo type=file> <input name=notes type=file multiple>\n"
			"<button>Send</button></form>\n");
	return 0;
}
COR_OPERATION(show_page_operation, show_page, COR_NONE, COR_TEXT,
	.content_type = "text/html; charset=utf-8", .hidden = true);

static const struct cor_resource photos = { .path = "/photos", .post = &add_photo_operation };
static const struct cor_resource words = { .path = "/words", .post = &add_words_operation };
static const struct cor_resource imports = { .path = "/imports", .post = &import_operation };
static const struct cor_resource page = { .path = "/", .get = &show_page_operation };
static const struct cor_service album = {
	.name = "album",
	.version = "1.0.0",
	.doc = "Photos in forms.",
	.resources = COR_RESOURCES(&photos, &words, &imports, &page),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &album);
}
