/* SPDX-License-Identifier: MIT */
#include "master/legacy.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <coracle/schema.h>

#include "base/buffer.h"
#include "master/channel.h"
#include "schema/decode.h"
#include "schema/encode.h"

#define PACKET_BYTES 8192 /* with the longest path, all of it escaped but slashes */

/* --- a packet --- */

/* The segment comes last: it says that this is all. */
struct heritage {
	const char *kind;
	const char *name; /* an address, a path, or the name of a socket unit; NULL: none */
	uint64_t device;  /* of a unix socket's file */
	uint64_t inode;
	uint32_t generation; /* of the segment */
	uint32_t posts;
};

static const struct cor_field fields[] = {
	COR_FIELD(struct heritage, kind),
	COR_FIELD(struct heritage, name, .presence = COR_OPTIONAL),
	COR_FIELD(struct heritage, device, .fallback = "0"),
	COR_FIELD(struct heritage, inode, .fallback = "0"),
	COR_FIELD(struct heritage, generation, .fallback = "0"),
	COR_FIELD(struct heritage, posts, .fallback = "0"),
};
COR_LOCAL_SCHEMA(heritage_schema, struct heritage, fields, .unknown = COR_IGNORE);

static int make_codec(struct cor_arena *arena, struct cor_codec **ret)
{
	static const struct cor_schema *const schemas[] = { &heritage_schema.schema };
	struct cor_violations why = { 0 };

	return cor_codec_create(schemas, 1, ret, arena, &why);
}

/* --- giving --- */

struct giving {
	struct cor_codec *codec;
	int channel;
};

static int give(const struct giving *giving, const struct heritage *heritage, int fd)
{
	struct cor_buffer buffer = { 0 };

	cor_buffer_literal(&buffer, COR_WORD_HERITAGE);
	int rc = cor_encode_append(
		giving->codec, &heritage_schema.schema, COR_USE_WHOLE, heritage, &buffer, NULL);
	cor_buffer_byte(&buffer, '\0');
	if (rc == 0)
		rc = cor_buffer_error(&buffer);
	if (rc == 0)
		rc = cor_channel_give(giving->channel, buffer.data, fd);
	cor_buffer_finish(&buffer);
	return rc;
}

static int give_sockets(
	const struct giving *giving, const char *kind, const struct cor_listening_set *set)
{
	int rc = 0;

	for (size_t i = 0; i < set->len && rc == 0; i++) {
		const struct cor_listening *item = &set->items[i];
		const struct heritage heritage = {
			.kind = kind,
			.name = item->address,
			.device = item->file.device,
			.inode = item->file.inode,
		};
		if (!cor_activation_is_address(item->address))
			rc = give(giving, &heritage, item->fd);
	}
	return rc;
}

static int give_all(const struct giving *giving, const struct cor_legacy *legacy)
{
	int rc = give_sockets(giving, "listening", &legacy->listening);

	if (rc == 0)
		rc = give_sockets(giving, "control", &legacy->control);
	for (size_t i = 0; i < legacy->activation.len && rc == 0; i++) {
		const struct cor_activated *item = &legacy->activation.items[i];
		const struct heritage heritage = { .kind = "passed", .name = item->name };
		rc = give(giving, &heritage, item->fd);
	}
	if (rc == 0 && legacy->pid_file) {
		const struct heritage heritage = { .kind = "pid_file", .name = legacy->pid_file };
		rc = give(giving, &heritage, legacy->pid_file_fd);
	}
	const struct heritage segment = {
		.kind = "segment", .generation = legacy->generation, .posts = legacy->posts
	};
	return rc < 0 ? rc : give(giving, &segment, legacy->segment);
}

int cor_legacy_give(const struct cor_legacy *legacy, int channel)
{
	struct giving giving = { .channel = channel };
	struct cor_arena scratch;

	cor_arena_init(&scratch, NULL, 0, 0);
	int rc = make_codec(&scratch, &giving.codec);
	if (rc == 0)
		rc = give_all(&giving, legacy);
	cor_codec_destroy(giving.codec);
	cor_arena_finish(&scratch);
	return rc;
}

/* --- taking --- */

static int keep(struct cor_legacy *legacy, const struct heritage *heritage, int fd)
{
	const char *kind = heritage->kind;
	const struct cor_listening item = {
		.fd = fd,
		.address = heritage->name,
		.file = { .device = heritage->device, .inode = heritage->inode },
	};

	if (strcmp(kind, "segment") == 0) {
		legacy->segment = fd;
		legacy->generation = heritage->generation;
		legacy->posts = heritage->posts;
		return 0;
	}
	if (!heritage->name)
		return -EPROTO;
	if (strcmp(kind, "listening") == 0)
		return cor_listening_add(&legacy->listening, &item);
	if (strcmp(kind, "control") == 0)
		return cor_listening_add(&legacy->control, &item);
	if (strcmp(kind, "passed") == 0)
		return cor_activation_add(&legacy->activation, fd, heritage->name);
	if (strcmp(kind, "pid_file") != 0)
		return -EPROTO;
	legacy->pid_file = heritage->name;
	legacy->pid_file_fd = fd;
	return 0;
}

static int read_heritage(
	struct cor_codec *codec, struct cor_legacy *legacy, const char *text, int fd)
{
	const struct cor_decode_options options = { .use = COR_USE_WHOLE };
	struct cor_violations violations = { 0 };
	struct heritage heritage;
	size_t len = strlen(COR_WORD_HERITAGE);

	if (strncmp(text, COR_WORD_HERITAGE, len) != 0 ||
		cor_decode_text(codec, &legacy->arena, &heritage_schema.schema, &options, &heritage,
			cor_str(text + len), &violations) < 0)
		return -EPROTO;
	return keep(legacy, &heritage, fd);
}

static int take_all(struct cor_codec *codec, struct cor_legacy *legacy, int channel)
{
	char text[PACKET_BYTES];
	int rc = 0;

	while (legacy->segment < 0 && rc == 0) {
		int fd = -1;
		ssize_t n = cor_channel_take(channel, text, sizeof text, &fd);
		if (n <= 0)
			return -EPROTO;
		rc = read_heritage(codec, legacy, text, fd);
		if (rc < 0 && fd >= 0)
			close(fd); /* the new program does not know it, or has no room for it */
		rc = rc == -EPROTO ? 0 : rc;
	}
	return rc;
}

int cor_legacy_take(struct cor_legacy *legacy, int channel)
{
	struct cor_codec *codec = NULL;

	*legacy = (struct cor_legacy){ .pid_file_fd = -1, .segment = -1 };
	cor_arena_init(&legacy->arena, NULL, 0, 0);
	int rc = make_codec(&legacy->arena, &codec);
	if (rc == 0)
		rc = take_all(codec, legacy, channel);
	cor_codec_destroy(codec);
	return rc;
}

/* Without the files: they belong to those who have taken the sockets over. */
static void close_all(struct cor_listening_set *set)
{
	if (!set->items)
		return;
	cor_listening_disown(set);
	cor_listening_close(set);
}

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void cor_legacy_close(struct cor_legacy *legacy)
{
	if (legacy->generation == 0)
		return; /* there was none */
	close_all(&legacy->listening);
	close_all(&legacy->control);
	close_if_open(&legacy->pid_file_fd);
	close_if_open(&legacy->segment);
}

void cor_legacy_release(struct cor_legacy *legacy)
{
	cor_legacy_close(legacy);
	cor_activation_free(&legacy->activation);
	cor_arena_finish(&legacy->arena);
	*legacy = (struct cor_legacy){ 0 };
}
