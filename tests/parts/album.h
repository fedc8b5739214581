/* SPDX-License-Identifier: MIT */
/** What the album takes and says: for the service, and for those who call it. */
#ifndef CORACLE_TESTS_PARTS_ALBUM_H
#define CORACLE_TESTS_PARTS_ALBUM_H

#include <coracle/coracle.h>

struct photo_form {
	const char *title;
	int32_t stars;
	cor_array(const char *) tags;
	struct cor_upload photo;
	cor_array(struct cor_upload) notes;
};
static const struct cor_field photo_form_fields[] = {
	COR_FIELD(struct photo_form, title, .max_length = 50, .doc = "What it shows"),
	COR_FIELD(struct photo_form, stars, .presence = COR_OPTIONAL, .range = COR_BETWEEN(0, 5)),
	COR_ARRAY(struct photo_form, tags, .presence = COR_OPTIONAL),
	COR_FIELD(struct photo_form, photo, .media_types = "image/png, text/plain",
		.max_bytes = 2000000000, .doc = "The photo itself"),
	COR_ARRAY(struct photo_form, notes, .presence = COR_OPTIONAL, .max_items = 3),
};
COR_LOCAL_SCHEMA(photo_form_schema, struct photo_form, photo_form_fields);

struct file {
	const char *name;
	const char *type;
	uint64_t bytes;
	uint32_t sum; /* FNV-1a */
	bool in_memory;
};
static const struct cor_field file_fields[] = {
	COR_FIELD(struct file, name),
	COR_FIELD(struct file, type),
	COR_FIELD(struct file, bytes),
	COR_FIELD(struct file, sum),
	COR_FIELD(struct file, in_memory),
};
COR_LOCAL_SCHEMA(file_schema, struct file, file_fields, .doc = "A file that came");

struct photo {
	const char *title;
	int32_t stars;
	cor_array(const char *) tags;
	struct file photo;
	cor_array(struct file) notes;
};
static const struct cor_field photo_fields[] = {
	COR_FIELD(struct photo, title),
	COR_FIELD(struct photo, stars),
	COR_ARRAY(struct photo, tags),
	COR_OBJECT(struct photo, photo, file_schema),
	COR_OBJECT_ARRAY(struct photo, notes, file_schema),
};
COR_LOCAL_SCHEMA(photo_schema, struct photo, photo_fields, .doc = "What came in a form");

#endif
