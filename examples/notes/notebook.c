/* SPDX-License-Identifier: MIT */
#include "notebook.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static const struct cor_field note_fields[] = {
	COR_FIELD(struct note, id, .access = COR_READ_ONLY),
	COR_FIELD(struct note, version, .access = COR_READ_ONLY, .doc = "As the ETag has it"),
	COR_FIELD(struct note, changed, .access = COR_READ_ONLY),
	COR_FIELD(struct note, title, .min_length = 1),
	COR_FIELD(struct note, text, .presence = COR_OPTIONAL),
	COR_FIELD(struct note, attachment, .access = COR_READ_ONLY, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(note_schema, struct note, note_fields);

#define ID_ROW(struct_)                                                                            \
	COR_FIELD(struct_, id, .from = COR_FROM_PATH, .range = COR_BETWEEN(1, NOTES_MAX))

struct note_ref {
	int64_t id;
};
static const struct cor_field note_ref_fields[] = { ID_ROW(struct note_ref) };
COR_LOCAL_SCHEMA(note_ref_schema, struct note_ref, note_ref_fields);

struct edit {
	int64_t id;
	char title[101];
	char text[4001];
};
static const struct cor_field edit_fields[] = {
	ID_ROW(struct edit),
	COR_FIELD(struct edit, title, .min_length = 1),
	COR_FIELD(struct edit, text, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(edit_schema, struct edit, edit_fields);

struct list {
	cor_array(struct note) items;
};
static const struct cor_field list_fields[] = {
	COR_OBJECT_ARRAY(struct list, items, note_schema),
};
COR_LOCAL_SCHEMA(list_schema, struct list, list_fields);

/* --- the notebook: each function locks it for a moment, or until a file is saved --- */

static int lock(struct cor_ctx *ctx)
{
	return cor_mutex_lock(&notebook_of(ctx)->mutex);
}

static int unlock(struct cor_ctx *ctx, int rc)
{
	cor_mutex_unlock(&notebook_of(ctx)->mutex);
	return rc;
}

static bool is_mine(struct cor_ctx *ctx, const struct kept *kept)
{
	const struct caller *caller = cor_principal(ctx, caller_schema);

	return kept->note.version != 0 && strcmp(kept->owner, caller->sub) == 0;
}

/* Somebody else's note looks as one that is not there. */
static int find(struct cor_ctx *ctx, int64_t id, struct kept **ret)
{
	struct notebook *book = notebook_of(ctx);

	*ret = &book->items[id - 1];
	return is_mine(ctx, *ret) ? 0 : cor_problem(ctx, 404, 0, "you have no note %" PRId64, id);
}

/* The note, if it is still what the client has seen. */
static int find_to_change(struct cor_ctx *ctx, int64_t id, struct kept **ret)
{
	int rc = find(ctx, id, ret);

	if (rc == 0)
		rc = cor_check_version_number(ctx, (*ret)->note.version);
	return rc;
}

static void touch(struct note *note)
{
	note->version++;
	note->changed = cor_now();
}

/* --- /notes --- */

static int list_notes(struct cor_ctx *ctx, const struct cor_none *in, struct list *list)
{
	const struct notebook *book = notebook_of(ctx);
	int rc = lock(ctx);

	(void)in;
	if (rc < 0)
		return rc;
	list->items.items = cor_alloc(ctx, (book->len + 1) * sizeof(struct note));
	for (size_t i = 0; list->items.items && i < book->len; i++)
		if (is_mine(ctx, &book->items[i]))
			list->items.items[list->items.len++] = book->items[i].note;
	return unlock(ctx, list->items.items ? 0 : -ENOMEM);
}
COR_OPERATION(list_notes_operation, list_notes, COR_NONE, list_schema, .summary = "List my notes",
	.caching = &(const struct cor_caching){ .control = "private, no-cache", .etag = true });

static int add_locked(struct cor_ctx *ctx, const struct note *in, struct note *out)
{
	const struct caller *caller = cor_principal(ctx, caller_schema);
	struct notebook *book = notebook_of(ctx);
	struct kept *kept = &book->items[book->len];

	if (book->len == NOTES_MAX)
		return cor_problem(ctx, 507, 0, "%d notes are all that there may be", NOTES_MAX);
	kept->note = *in;
	kept->note.id = (int64_t)++book->len;
	snprintf(kept->owner, sizeof kept->owner, "%s", caller->sub);
	touch(&kept->note);
	*out = kept->note;
	return cor_reply_header(ctx, "Location", cor_printf(ctx, "/notes/%" PRId64, out->id));
}

static int add_note(struct cor_ctx *ctx, const struct note *in, struct note *out)
{
	int rc = lock(ctx);

	return rc < 0 ? rc : unlock(ctx, add_locked(ctx, in, out));
}
COR_OPERATION(add_note_operation, add_note, note_schema, note_schema, .status = 201,
	.summary = "Write a note", .problems = { 507 },
	.caching = &(const struct cor_caching){ .version = "version" });

/* --- /notes/{id} --- */

static int get_note(struct cor_ctx *ctx, const struct note_ref *ref, struct note *out)
{
	struct kept *kept;
	int rc = lock(ctx);

	if (rc < 0)
		return rc;
	rc = find(ctx, ref->id, &kept);
	if (rc == 0)
		*out = kept->note;
	return unlock(ctx, rc);
}
COR_OPERATION(get_note_operation, get_note, note_ref_schema, note_schema, .problems = { 404 },
	.caching = &(const struct cor_caching){
		.control = "private, no-cache", .version = "version", .modified = "changed" });

static int put_note(struct cor_ctx *ctx, const struct edit *edit, struct note *out)
{
	struct kept *kept;
	int rc = lock(ctx);

	if (rc < 0)
		return rc;
	rc = find_to_change(ctx, edit->id, &kept);
	if (rc < 0)
		return unlock(ctx, rc);
	memcpy(kept->note.title, edit->title, sizeof edit->title);
	memcpy(kept->note.text, edit->text, sizeof edit->text);
	touch(&kept->note);
	*out = kept->note;
	return unlock(ctx, 0);
}
COR_OPERATION(put_note_operation, put_note, edit_schema, note_schema, .problems = { 404 },
	.caching = &(const struct cor_caching){ .version = "version", .needs_condition = true });

static int delete_note(struct cor_ctx *ctx, const struct note_ref *ref, struct cor_none *out)
{
	struct kept *kept;
	int rc = lock(ctx);

	(void)out;
	if (rc < 0)
		return rc;
	rc = find_to_change(ctx, ref->id, &kept);
	if (rc == 0)
		kept->note.version = 0;
	return unlock(ctx, rc);
}
COR_OPERATION(delete_note_operation, delete_note, note_ref_schema, COR_NONE, .problems = { 404 },
	.caching = &(const struct cor_caching){ .needs_condition = true });

/* --- /notes/{id}/attachment --- */

#define ATTACHMENT_BYTES 10000000

struct attach {
	int64_t id;
	struct cor_upload file;
};
static const struct cor_field attach_fields[] = {
	ID_ROW(struct attach),
	COR_FIELD(struct attach, file, .max_bytes = ATTACHMENT_BYTES),
};
COR_LOCAL_SCHEMA(attach_schema, struct attach, attach_fields);

static const char *path_of(struct cor_ctx *ctx, int64_t id)
{
	return cor_printf(ctx, "%s/%" PRId64, notebook_of(ctx)->folder, id);
}

static int put_attachment(struct cor_ctx *ctx, const struct attach *in, struct note *out)
{
	const char *name = in->file.name, *path = path_of(ctx, in->id);
	struct kept *kept;
	int rc = path ? lock(ctx) : -ENOMEM;

	if (rc < 0)
		return rc;
	rc = find_to_change(ctx, in->id, &kept);
	if (rc == 0)
		rc = cor_upload_save(ctx, &in->file, path);
	if (rc < 0)
		return unlock(ctx, rc);
	snprintf(kept->note.attachment, sizeof kept->note.attachment, "%s",
		name[0] && strlen(name) < sizeof kept->note.attachment ? name : "attachment");
	touch(&kept->note);
	*out = kept->note;
	return unlock(ctx, 0);
}
COR_OPERATION(put_attachment_operation, put_attachment, attach_schema, note_schema,
	.body_limit_bytes = ATTACHMENT_BYTES + 10000, .problems = { 404 },
	.caching = &(const struct cor_caching){ .version = "version", .needs_condition = true });

static int get_attachment(struct cor_ctx *ctx, const struct note_ref *ref, struct cor_body *body,
	struct cor_reply *reply)
{
	const char *path = path_of(ctx, ref->id);
	struct kept *kept;
	struct note note;
	int rc = path ? lock(ctx) : -ENOMEM;

	(void)body;
	if (rc < 0)
		return rc;
	rc = find(ctx, ref->id, &kept);
	if (rc == 0)
		note = kept->note;
	if (unlock(ctx, rc) < 0)
		return rc;
	int fd = note.attachment[0] ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return cor_problem(ctx, 404, 0, "the note has no attachment");
	return cor_reply_file(reply, fd, &(struct cor_file_options){ .name = note.attachment });
}
/* Saved, never shown: a page of somebody else's would run here. */
COR_STREAM_OPERATION(get_attachment_operation, get_attachment, note_ref_schema,
	.content_type = "application/octet-stream", .sends_file = true, .problems = { 404 });

static const struct cor_limit per_user = {
	.name = "notes", .count = 600, .per_s = 60, .by = COR_BY_PRINCIPAL
};

const struct cor_resource notes = { .path = "/notes",
	.get = &list_notes_operation,
	.post = &add_note_operation,
	.limits = COR_LIMITS(&per_user),
	.tag = "notes" };
const struct cor_resource one_note = { .path = "/notes/{id}",
	.get = &get_note_operation,
	.put = &put_note_operation,
	.delete = &delete_note_operation,
	.limits = COR_LIMITS(&per_user),
	.tag = "notes" };
const struct cor_resource attachment = { .path = "/notes/{id}/attachment",
	.get = &get_attachment_operation,
	.put = &put_attachment_operation,
	.limits = COR_LIMITS(&per_user),
	.tag = "notes" };
