/* SPDX-License-Identifier: MIT */
/* What a service, a resource or an operation says of content codings. */
#include <coracle/compression.h>

#include <string.h>

#include "coding/media.h"
#include "coding/plan.h"
#include "compress/coding.h"
#include "service/check.h"

static bool is_before(const struct cor_coding *const *codings, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (codings[i] == codings[at])
			return true;
	return false;
}

static void check_coding(const struct cor_check *check, const char *where, const char *option,
	const struct cor_coding *coding)
{
	if (coding->interface != COR_CODING_INTERFACE)
		cor_contradict_once(check, where,
			"libcoracle-compress and libcoracle are of different versions: install the same");
	else if (coding->missing)
		cor_contradict_once(check, where,
			"%s: libcoracle-compress was built without %s: install %s and build it again, or leave &%s out",
			option, coding->name, coding->missing, coding->symbol);
}

static void check_codings(const struct cor_check *check, const char *where, const char *option,
	const struct cor_coding *const *codings)
{
	size_t len = cor_codings_len(codings);

	if (len > COR_ACCEPT_CODINGS_MAX)
		cor_contradict(check, where, "%s has %zu codings, more than %d", option, len,
			COR_ACCEPT_CODINGS_MAX);
	for (size_t i = 0; i < len; i++)
		if (is_before(codings, i))
			cor_contradict(
				check, where, "%s has &%s twice", option, codings[i]->symbol);
		else
			check_coding(check, where, option, codings[i]);
}

static void check_level(const struct cor_check *check, const char *where, const char *name,
	uint8_t level, uint8_t most)
{
	if (level > most)
		cor_contradict(check, where, ".%s is %u, more than %u", name, level, most);
}

void cor_check_compression(
	const struct cor_check *check, const char *where, const struct cor_compression *compression)
{
	if (!compression)
		return;
	check_codings(check, where, ".compression", compression->codings);
	check_level(check, where, "gzip_level", compression->gzip_level, COR_GZIP_LEVEL_MAX);
	check_level(check, where, "brotli_level", compression->brotli_level, COR_BROTLI_LEVEL_MAX);
	check_level(check, where, "zstd_level", compression->zstd_level, COR_ZSTD_LEVEL_MAX);
	for (const char *const *at = compression->media_types; at && *at; at++)
		if (!cor_coding_media_valid(*at))
			cor_contradict(check, where,
				"\"%s\" in .media_types is neither like \"text/csv\" nor like \"text\" or \"+json\"",
				*at);
}

void cor_check_operation_codings(const struct cor_check *check,
	const struct cor_operation *operation, bool takes_body, const char *where)
{
	bool accepts = cor_codings_len(operation->accepts_encoded) != 0;

	cor_check_compression(check, where, operation->compression);
	check_codings(check, where, ".accepts_encoded", operation->accepts_encoded);
	if (accepts && !takes_body)
		cor_contradict(check, where,
			".accepts_encoded is for bodies of requests: the operation takes none");
	if (operation->body_ratio_limit && !accepts)
		cor_contradict(check, where,
			".body_ratio_limit is for encoded bodies: say .accepts_encoded, too");
	if (operation->converse && operation->compression)
		cor_contradict(check, where,
			".compression is for answers: a WebSocket has .websocket.compression");
}
