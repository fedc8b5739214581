/* SPDX-License-Identifier: MIT */
/*
 * What a client needs to be let in: the schemes of .security, and a certificate, where the service
 * is started so. An operation without .security may have a row for the header Authorization: since
 * OpenAPI ignores parameters of that name, it is a security scheme. The table does not say which
 * scheme the value follows (Bearer, Basic), so the document says what the service takes: the whole
 * value.
 */
#include <errno.h>
#include <strings.h>

#include "openapi/parts.h"
#include "schema/bind.h"
#include "security/credential.h"
#include "security/scope.h"

bool cor_row_is_authorization(const struct cor_field *field, enum cor_from from)
{
	return from == COR_FROM_HEADER && strcasecmp(cor_row_key(field), "authorization") == 0;
}

/*
 * Whether the operation has the row; *ret, of the caller, is a copy of it: rows that are embedded
 * last as long as a step.
 */
static bool find_row(const struct cor_documented *it, struct cor_field *ret)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, it->operation->in); field;
		field = cor_rows_next(&rows)) {
		if (field->access == COR_READ_ONLY ||
			!cor_row_is_authorization(field, cor_row_source(field, it->default_from)))
			continue;
		*ret = *field;
		return true;
	}
	return false;
}

/* Scopes have a place here since OpenAPI 3.1, whatever the scheme's type is. */
static void write_scopes(const char *scopes, struct cor_buffer *buffer)
{
	struct cor_str rest = cor_str(scopes ? scopes : "");
	struct cor_members list = cor_array_open(buffer);
	struct cor_str scope;

	while (cor_scopes_next(&rest, &scope)) {
		cor_item(&list);
		cor_json_write_string(buffer, scope);
	}
	cor_array_close(&list);
}

static void write_ways(const struct cor_security *way, bool is_mutual, struct cor_buffer *buffer)
{
	struct cor_members list = cor_array_open(buffer);

	for (; way->scheme; way++) {
		cor_item(&list);
		struct cor_members needed = cor_object_open(buffer);
		if (is_mutual)
			cor_member_raw(&needed, "clientCertificate", "[]");
		if (way->scheme != &cor_anonymous) {
			cor_member(&needed, cor_scheme_name(way->scheme));
			write_scopes(way->scopes, buffer);
		}
		cor_object_close(&needed);
	}
	cor_array_close(&list);
}

/* Of one way to be let in, all is needed; of several, any will do. */
static void write_row(const struct cor_documented *it, bool is_mutual, struct cor_members *object)
{
	struct cor_field row;

	if (!find_row(it, &row))
		return;
	if (cor_row_is_required(&row))
		cor_member_raw(object, "security",
			is_mutual ? "[{\"clientCertificate\":[],\"Authorization\":[]}]"
				  : "[{\"Authorization\":[]}]");
	else
		cor_member_raw(object, "security",
			is_mutual ? "[{\"clientCertificate\":[],\"Authorization\":[]},"
				    "{\"clientCertificate\":[]}]"
				  : "[{\"Authorization\":[]},{}]");
}

void cor_document_security(const struct cor_document *document, const struct cor_documented *it,
	struct cor_members *object)
{
	bool is_mutual = document->access.needs_certificate;

	if (!it->security) {
		write_row(it, is_mutual, object);
		return;
	}
	cor_member(object, "security");
	write_ways(it->security, is_mutual, object->buffer);
}

void cor_document_default_security(const struct cor_document *document, struct cor_members *root)
{
	cor_member_raw(root, "security",
		document->access.needs_certificate ? "[{\"clientCertificate\":[]}]" : "[]");
}

/* What the operations ask for. */
struct search {
	struct cor_arena *arena;
	bool is_found; /* a row for Authorization */
	const char *doc;
	const struct cor_security_scheme **schemes;
	size_t schemes_len;
	size_t capacity;
};

static bool is_listed(const struct search *found, const struct cor_security_scheme *scheme)
{
	for (size_t i = 0; i < found->schemes_len; i++)
		if (found->schemes[i] == scheme)
			return true;
	return scheme == &cor_anonymous;
}

static int list(struct search *found, const struct cor_security_scheme *scheme)
{
	if (is_listed(found, scheme))
		return 0;
	if (found->schemes_len == found->capacity) {
		size_t capacity = found->capacity ? 2 * found->capacity : 8;
		const struct cor_security_scheme **schemes = cor_arena_alloc(
			found->arena, capacity * sizeof *schemes);
		if (!schemes)
			return -ENOMEM;
		for (size_t i = 0; i < found->schemes_len; i++)
			schemes[i] = found->schemes[i];
		found->schemes = schemes;
		found->capacity = capacity;
	}
	found->schemes[found->schemes_len++] = scheme;
	return 0;
}

static int search(void *self, const struct cor_documented *it)
{
	struct search *found = self;
	struct cor_field row;
	int rc = 0;

	for (const struct cor_security *way = it->security; way && way->scheme && rc == 0; way++)
		rc = list(found, way->scheme);
	if (it->security || !find_row(it, &row))
		return rc;
	found->is_found = true;
	if (!found->doc)
		found->doc = row.doc;
	return rc;
}

static void write_authorization(const struct search *found, struct cor_members *schemes)
{
	cor_member(schemes, "Authorization");
	struct cor_members scheme = cor_object_open(schemes->buffer);
	cor_member_text(&scheme, "type", "apiKey");
	cor_member_text(&scheme, "in", "header");
	cor_member_text(&scheme, "name", "Authorization");
	cor_member_text(&scheme, "description",
		found->doc ? found->doc : "The whole value of the header, its scheme included");
	cor_object_close(&scheme);
}

static void write_certificate(struct cor_members *schemes)
{
	cor_member(schemes, "clientCertificate");
	struct cor_members scheme = cor_object_open(schemes->buffer);
	cor_member_text(&scheme, "type", "mutualTLS");
	cor_member_text(&scheme, "description", "A certificate that the service's operator trusts");
	cor_object_close(&scheme);
}

void cor_document_security_schemes(struct cor_document *document, struct cor_members *components)
{
	struct search found = { .arena = document->arena };

	if (cor_documented_each(document, search, &found) < 0)
		cor_buffer_fail(document->buffer, -ENOMEM);
	if (!found.is_found && !document->access.needs_certificate && !found.schemes_len)
		return;
	cor_member(components, "securitySchemes");
	struct cor_members schemes = cor_object_open(document->buffer);
	for (size_t i = 0; i < found.schemes_len; i++) {
		cor_member(&schemes, cor_scheme_name(found.schemes[i]));
		cor_document_scheme(found.schemes[i], document->buffer);
	}
	if (found.is_found)
		write_authorization(&found, &schemes);
	if (document->access.needs_certificate)
		write_certificate(&schemes);
	cor_object_close(&schemes);
}
