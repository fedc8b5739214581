/* SPDX-License-Identifier: MIT */
/* A file that a handler has chosen. */
#include <coracle/reply_file.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "exchange/exchange.h"
#include "files/answer.h"
#include "http/disposition.h"
#include "http/media_type.h"

/* A defect of the handler: if it returns the code, the log says what was wrong. */
static COR_COLD int misused(struct cor_reply *reply, int rc, const char *what)
{
	return cor_ctx_fail(&reply->exchange->ctx, 500, rc, what);
}

static int check(struct cor_reply *reply)
{
	if (reply->exchange->reply_state != COR_REPLY_NONE)
		return -EALREADY;
	return reply->sends_file
		       ? 0
		       : misused(reply, -EINVAL,
				 "cor_reply_file() needs .sends_file = true in the operation");
}

static int take_type(struct cor_file_answer *answer, struct cor_reply *reply, const char *type)
{
	struct cor_str text = type ? cor_str(type) : reply->content_type;
	struct cor_media_type media;

	if (cor_media_type_parse(text, &media) < 0 ||
		memchr(media.essence.data, '*', media.essence.len))
		return misused(reply, -EINVAL,
			"cor_reply_file() needs a media type without *, of its options or of .content_type");
	answer->has_own_type = type != NULL;
	answer->selected.media_type = text;
	if (!type)
		return 0;
	answer->selected.media_type.data = cor_arena_copy(
		&answer->x->ctx.arena, text.data, text.len);
	return answer->selected.media_type.data ? 0 : -ENOMEM;
}

static int take_name(struct cor_file_answer *answer, const struct cor_file_options *options)
{
	char *out;

	if (!options->name)
		return 0;
	out = cor_arena_alloc(&answer->x->ctx.arena, COR_DISPOSITION_BYTES);
	if (!out)
		return -ENOMEM;
	answer->disposition = cor_disposition_print(out,
		options->disposition == COR_FILE_SHOWN ? "inline" : "attachment",
		cor_str(options->name));
	return 0;
}

static int look_at(struct cor_reply *reply, int fd, struct cor_file *ret)
{
	int rc = fd < 0 ? -EBADF : cor_file_look_at(fd, ret);

	if (rc == -ENOENT || rc == -EISDIR)
		rc = misused(reply, -EINVAL, "cor_reply_file() was given no regular file");
	return rc;
}

static int prepare(struct cor_file_answer *answer, struct cor_reply *reply, int fd,
	const struct cor_file_options *options)
{
	answer->selected = (struct cor_selected_file){ 0 };
	answer->forbids_sniffing = true;
	int rc = look_at(reply, fd, &answer->selected.file);

	if (rc == 0)
		rc = take_type(answer, reply, options->media_type);
	if (rc == 0)
		rc = take_name(answer, options);
	return rc;
}

int cor_reply_file(struct cor_reply *reply, int fd, const struct cor_file_options *options)
{
	static const struct cor_file_options none = { 0 };
	struct cor_file_answer *answer = NULL;
	int rc = check(reply);

	if (rc == 0) {
		answer = cor_file_answer_begin(reply->exchange);
		rc = answer ? prepare(answer, reply, fd, options ? options : &none) : -ENOMEM;
	}
	if (rc == 0)
		return cor_file_answer_send(answer);
	if (fd >= 0)
		close(fd);
	return rc;
}
