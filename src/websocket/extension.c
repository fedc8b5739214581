/* SPDX-License-Identifier: MIT */
#include "websocket/extension.h"

#include <stdio.h>
#include <string.h>

#include "http/parameter.h"

#define LEAST_BITS    9 /* zlib writes no window of 8 */
#define MOST_BITS     15
#define KEPT_BITS     12 /* of a window that is kept from message to message */
#define NOT_MENTIONED 0

/* What one offer says; 0: nothing of that. */
struct offer {
	bool is_ours; /* permessage-deflate, with parameters that it has */
	bool no_server_takeover, no_client_takeover;
	bool may_limit_client; /* client_max_window_bits stands there */
	uint8_t server_bits, client_bits;
};

/* Section 7.1.2: a decimal without leading zeros, 8 to 15. Returns 0 for anything else. */
static uint8_t read_bits(struct cor_str value)
{
	if (value.len == 1 && (value.data[0] == '8' || value.data[0] == '9'))
		return (uint8_t)(value.data[0] - '0');
	if (value.len == 2 && value.data[0] == '1' && value.data[1] >= '0' && value.data[1] <= '5')
		return (uint8_t)(10 + value.data[1] - '0');
	return 0;
}

/* Each once at most; those of the takeover have no value. */
static bool take_flag(bool *flag, struct cor_str value)
{
	bool is_right = !*flag && value.data == NULL;

	*flag = true;
	return is_right;
}

static bool take_bits(uint8_t *bits, struct cor_str value)
{
	bool is_first = *bits == NOT_MENTIONED;

	*bits = read_bits(value);
	return is_first && *bits != 0;
}

static bool take_client_bits(struct offer *offer, struct cor_str value)
{
	bool is_first = !offer->may_limit_client;

	offer->may_limit_client = true;
	return is_first && (value.data == NULL || take_bits(&offer->client_bits, value));
}

static bool take(struct offer *offer, struct cor_str name, struct cor_str value)
{
	if (cor_str_equal(name, COR_STR("server_no_context_takeover")))
		return take_flag(&offer->no_server_takeover, value);
	if (cor_str_equal(name, COR_STR("client_no_context_takeover")))
		return take_flag(&offer->no_client_takeover, value);
	if (cor_str_equal(name, COR_STR("server_max_window_bits")))
		return take_bits(&offer->server_bits, value);
	if (cor_str_equal(name, COR_STR("client_max_window_bits")))
		return take_client_bits(offer, value);
	return false;
}

/* name [ "=" ( token / quoted-string ) ]; a value that is not there has data NULL. */
static bool read_parameter(
	struct cor_str *rest, struct cor_str *ret_name, struct cor_str *ret_value)
{
	*ret_value = (struct cor_str){ NULL, 0 };
	cor_take_blanks(rest);
	if (!cor_take_token(rest, ret_name))
		return false;
	cor_take_blanks(rest);
	if (!cor_take_byte(rest, '='))
		return true;
	cor_take_blanks(rest);
	if (cor_take_token(rest, ret_value))
		return true;
	if (!cor_take_byte(rest, '"') || !cor_take_token(rest, ret_value))
		return false; /* what is in quotes must be a token, too */
	return cor_take_byte(rest, '"');
}

/* Returns false if the list is malformed. */
static bool read_offer(struct cor_str *rest, struct offer *ret)
{
	struct cor_str name, value;

	*ret = (struct offer){ 0 };
	cor_take_blanks(rest);
	if (!cor_take_token(rest, &name))
		return false;
	ret->is_ours = cor_str_equal(name, COR_STR("permessage-deflate"));
	for (;;) {
		cor_take_blanks(rest);
		if (!cor_take_byte(rest, ';'))
			break;
		if (!read_parameter(rest, &name, &value))
			return false;
		ret->is_ours = ret->is_ours && take(ret, name, value);
	}
	return rest->len == 0 || cor_take_byte(rest, ',');
}

static uint8_t least(uint8_t bits, uint8_t most)
{
	return bits == NOT_MENTIONED || bits > most ? most : bits;
}

static struct cor_deflate_terms settle(const struct offer *offer, bool takes_over)
{
	uint8_t most = takes_over ? KEPT_BITS : MOST_BITS;

	return (struct cor_deflate_terms){
		.is_on = true,
		.server_takeover = takes_over && !offer->no_server_takeover,
		.client_takeover = takes_over && !offer->no_client_takeover,
		.server_bits = least(offer->server_bits, most),
		.client_bits = offer->may_limit_client ? least(offer->client_bits, most)
						       : MOST_BITS,
	};
}

static void write_answer(
	const struct offer *offer, const struct cor_deflate_terms *terms, char *answer)
{
	int len = snprintf(answer, COR_EXTENSION_BYTES, "permessage-deflate%s%s",
		terms->server_takeover ? "" : "; server_no_context_takeover",
		terms->client_takeover ? "" : "; client_no_context_takeover");

	if (terms->server_bits < MOST_BITS || offer->server_bits != NOT_MENTIONED)
		len += snprintf(answer + len, COR_EXTENSION_BYTES - (size_t)len,
			"; server_max_window_bits=%u", terms->server_bits);
	if (offer->may_limit_client && terms->client_bits < MOST_BITS)
		snprintf(answer + len, COR_EXTENSION_BYTES - (size_t)len,
			"; client_max_window_bits=%u", terms->client_bits);
}

bool cor_deflate_agree(struct cor_str offers, bool takes_over, struct cor_deflate_terms *ret,
	char ret_answer[COR_EXTENSION_BYTES])
{
	struct offer offer, chosen = { 0 };

	while (offers.len != 0) {
		if (!read_offer(&offers, &offer))
			return false;
		/* zlib's inflater reads any window that a client may have chosen */
		bool can_be_met = offer.is_ours && (offer.server_bits == NOT_MENTIONED ||
							   offer.server_bits >= LEAST_BITS);
		if (can_be_met && !chosen.is_ours)
			chosen = offer;
	}
	if (!chosen.is_ours)
		return false;
	*ret = settle(&chosen, takes_over);
	write_answer(&chosen, ret, ret_answer);
	return true;
}
