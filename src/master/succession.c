/* SPDX-License-Identifier: MIT */
#include "master/succession.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "master/channel.h"
#include "master/roster.h"
#include "runtime/scheduler.h"

#define WORD_BYTES 64

void cor_succession_close(struct cor_succession *succession)
{
	if (succession->watch.fd < 0)
		return;
	cor_reactor_remove(succession->crew->scheduler, &succession->watch);
	close(succession->watch.fd);
	succession->watch.fd = -1;
}

static void take_rule(struct cor_succession *succession)
{
	if (succession->rules)
		return;
	succession->rules = true;
	succession->on_rule(succession);
}

/* It may have given the rule, and died before it could say so. */
static void lose(struct cor_succession *succession)
{
	bool is_given = succession->crew->roster->master == getpid();

	cor_succession_close(succession);
	if (is_given)
		take_rule(succession);
	else if (!succession->rules)
		succession->on_orphaned(succession);
	succession->on_alone(succession);
}

bool cor_succession_is_shared(const struct cor_succession *succession)
{
	return succession->rules && succession->watch.fd >= 0;
}

static void heard(struct cor_watch *watch, uint32_t events)
{
	struct cor_succession *succession = cor_container_of(watch, struct cor_succession, watch);
	char word[WORD_BYTES];
	ssize_t n;

	(void)events;
	while (watch->fd >= 0 && (n = cor_channel_hear(watch->fd, word, sizeof word)) != -EAGAIN)
		if (n <= 0)
			lose(succession);
		else if (strcmp(word, COR_WORD_RULE) == 0)
			take_rule(succession);
}

int cor_succession_begin(struct cor_succession *succession, int channel)
{
	succession->watch = (struct cor_watch){ .fd = channel, .ready = heard };
	succession->rules = channel < 0;
	return channel < 0
		       ? 0
		       : cor_reactor_add(succession->crew->scheduler, &succession->watch, EPOLLIN);
}

void cor_succession_ready(struct cor_succession *succession)
{
	if (succession->is_ready || succession->watch.fd < 0)
		return;
	succession->is_ready = true;
	cor_ignore(cor_channel_say(succession->watch.fd, COR_WORD_READY));
}

void cor_succession_done(struct cor_succession *succession, bool has_left_addresses)
{
	if (succession->watch.fd >= 0)
		cor_ignore(cor_channel_say(succession->watch.fd,
			has_left_addresses ? COR_WORD_RULES_LESS : COR_WORD_RULES));
}
