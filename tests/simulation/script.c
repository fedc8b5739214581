/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/date.h"

#define HEARD_ROOM 512
#define EPOCH_S    INT64_C(1767225600) /* of a world, at second 1 */
#define ABSENT     (-1)

struct play {
	struct stage *stage;
	int64_t at_ns;
	int sockets[PEERS_MAX]; /* ABSENT: not connected */
	bool deaf[PEERS_MAX];
	int peers_len;
};

char *script_date(const char *text, int64_t at_ns)
{
	static const char place[] = "{date}";
	char date[COR_IMF_DATE_BYTES + 1] = "";
	char *ret = malloc(strlen(text) * 6 + 1), *out = ret;

	assert_non_null(ret);
	cor_imf_date_format(date, EPOCH_S + at_ns / COR_NS_PER_S - 1);
	for (const char *at; (at = strstr(text, place)); text = at + strlen(place)) {
		memcpy(out, text, (size_t)(at - text));
		out = stpcpy(out + (at - text), date);
	}
	*stpcpy(out, text) = '\0';
	return ret;
}

static int64_t after_start(const struct play *play)
{
	return play->at_ns - COR_NS_PER_S;
}

struct heard {
	char *text;
	size_t len;
	size_t size;
};

/* Receive once, with room left for more. */
static ssize_t hear_more(struct play *play, int peer, struct heard *heard)
{
	if (heard->size - heard->len < HEARD_ROOM) {
		heard->size = 2 * heard->size + 2 * HEARD_ROOM;
		heard->text = realloc(heard->text, heard->size);
		assert_non_null(heard->text);
	}
	ssize_t n = cor_world_receive(play->stage->world, play->sockets[peer],
		heard->text + heard->len, heard->size - heard->len - 1);
	if (n > 0)
		heard->len += (size_t)n;
	heard->text[heard->len] = '\0';
	return n;
}

/* Receive until nothing more comes; *ret_rc is how the last receive ended. */
static char *listen_to(struct play *play, int peer, ssize_t *ret_rc)
{
	struct heard heard = { 0 };
	size_t before;

	do {
		before = heard.len;
		do
			*ret_rc = hear_more(play, peer, &heard);
		while (*ret_rc > 0);
		stage_run_until(play->stage, play->at_ns); /* now there is room for more */
	} while (heard.len != before);
	return heard.text;
}

static void expect_silence(struct play *play, const char *when)
{
	struct cor_world *world = play->stage->world;
	char byte;

	for (int i = 0; i < play->peers_len; i++) {
		if (play->sockets[i] == ABSENT)
			continue;
		if (cor_world_has_ended(world, play->sockets[i]))
			fail_msg("%s %" PRId64 " ns the connection of peer %d has ended", when,
				after_start(play), i);
		if (!play->deaf[i] &&
			cor_world_receive(world, play->sockets[i], &byte, 1) != -EAGAIN)
			fail_msg("%s %" PRId64 " ns peer %d hears what the script does not say",
				when, after_start(play), i);
	}
}

static void send_all(struct play *play, int peer, const char *text)
{
	while (*text) {
		ssize_t n = cor_world_send(play->stage->world, play->sockets[peer], text);
		if (n <= 0)
			fail_msg("at %" PRId64 " ns peer %d cannot send: %zd", after_start(play),
				peer, n);
		text += n;
	}
}

static void leave(struct play *play, int peer)
{
	cor_world_close(play->stage->world, play->sockets[peer]);
	play->sockets[peer] = ABSENT;
}

static void sip(struct play *play, int peer, const char *text)
{
	char piece[HEARD_ROOM] = "";

	assert_true(strlen(text) < sizeof piece);
	assert_int_equal(
		cor_world_receive(play->stage->world, play->sockets[peer], piece, strlen(text)),
		strlen(text));
	assert_string_equal(piece, text);
}

static void do_act(struct play *play, const struct act *act)
{
	struct cor_world *world = play->stage->world;
	int *socket = &play->sockets[act->peer];

	switch (act->kind) {
	case CONNECT:
		*socket = cor_world_connect(world, STAGE_ADDRESS);
		assert_true(*socket > 0);
		if (act->peer >= play->peers_len)
			play->peers_len = act->peer + 1;
		break;
	case SEND:
		send_all(play, act->peer, act->text);
		break;
	case HALF_CLOSE:
		cor_world_shutdown(world, *socket);
		break;
	case CLOSE:
		leave(play, act->peer);
		break;
	case RESET:
		cor_world_reset(world, *socket);
		*socket = ABSENT;
		break;
	case DEAFEN:
	case UNPLUG:
		play->deaf[act->peer] = act->kind == DEAFEN;
		break;
	case SIP:
		sip(play, act->peer, act->text);
		break;
	case DRAIN:
		cor_server_drain(play->stage->server, COR_DRAIN_CLOSE);
		break;
	default:
		break; /* heard when all is done */
	}
}

static void hear_text(struct play *play, const struct act *act)
{
	ssize_t rc;
	char *heard = listen_to(play, act->peer, &rc);
	char *expected = script_date(act->text ? act->text : heard, play->at_ns);

	if (strcmp(heard, expected) != 0)
		fail_msg("at %" PRId64 " ns peer %d hears:\n%s\ninstead of:\n%s", after_start(play),
			act->peer, heard, expected);
	free(expected);
	free(heard);
}

static void hear_end(struct play *play, const struct act *act)
{
	ssize_t expected = act->kind == HEAR_END ? 0 : -ECONNRESET;
	ssize_t rc;
	char *heard = listen_to(play, act->peer, &rc);

	if (rc != expected || heard[0] != '\0')
		fail_msg("at %" PRId64 " ns the connection of peer %d ended otherwise: %zd '%s'",
			after_start(play), act->peer, rc, heard);
	free(heard);
	leave(play, act->peer);
}

static void hear(struct play *play, const struct act *act)
{
	if (act->kind == HEAR)
		hear_text(play, act);
	else if (act->kind == HEAR_END || act->kind == HEAR_RESET)
		hear_end(play, act);
}

/* Do all acts of one instant. Returns their number. */
static size_t play_instant(struct play *play, const struct act *acts, size_t len)
{
	size_t count = 0;

	play->at_ns = acts[0].at_ns;
	stage_run_until(play->stage, play->at_ns - 1);
	expect_silence(play, "a nanosecond before");
	stage_run_until(play->stage, play->at_ns);
	for (; count < len && acts[count].at_ns == play->at_ns; count++)
		do_act(play, &acts[count]);
	stage_run_until(play->stage, play->at_ns);
	for (size_t i = 0; i < count; i++)
		hear(play, &acts[i]);
	expect_silence(play, "at");
	return count;
}

void script_play(struct stage *stage, const struct act *acts, size_t len)
{
	struct play *play = calloc(1, sizeof *play);

	assert_non_null(play);
	play->stage = stage;
	for (int i = 0; i < PEERS_MAX; i++)
		play->sockets[i] = ABSENT;
	for (size_t at = 0; at < len;)
		at += play_instant(play, acts + at, len - at);
	free(play);
}
