/* SPDX-License-Identifier: MIT */
/* Offers of Sec-WebSocket-Extensions: what is agreed on is what was offered, and can be kept. */
#include <stdlib.h>
#include <string.h>

#include "target.h"
#include "websocket/extension.h"

static void check_bits(uint8_t bits, uint8_t least)
{
	if (bits < least || bits > 15)
		abort();
}

/* What the answer says is among the terms, and the other way round. */
static void check(const struct cor_deflate_terms *terms, const char *answer)
{
	static const char begins[] = "permessage-deflate";

	if (!memchr(answer, '\0', COR_EXTENSION_BYTES) ||
		strncmp(answer, begins, sizeof begins - 1) != 0)
		abort();
	check_bits(terms->server_bits, 9);
	check_bits(terms->client_bits, 8);
	if (!strstr(answer, "server_no_context_takeover") != terms->server_takeover ||
		!strstr(answer, "client_no_context_takeover") != terms->client_takeover)
		abort();
}

static void agree(struct cor_str offers, bool takes_over)
{
	char answer[COR_EXTENSION_BYTES];
	struct cor_deflate_terms terms = { 0 };
	struct cor_deflater *deflater = NULL;

	if (!cor_deflate_agree(offers, takes_over, &terms, answer))
		return;
	check(&terms, answer);
	if (!takes_over && (terms.server_takeover || terms.client_takeover))
		abort();
	if (cor_deflater_create(terms.server_bits, terms.server_takeover, &deflater) < 0)
		abort();
	cor_deflater_destroy(deflater);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	agree((struct cor_str){ copy, size }, false);
	agree((struct cor_str){ copy, size }, true);
	free(copy);
	return 0;
}
