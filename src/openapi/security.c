/* SPDX-License-Identifier: MIT */
/*
 * What a client needs to be let in: a certificate, where the service is started so, and a row for
 * the header Authorization: OpenAPI ignores parameters of that name, so it is a security
 * scheme. The table does not say which scheme the value follows (Bearer, Basic), so the document
 * says what the service takes: the whole value.
 */
#include <strings.h>

#include "openapi/parts.h"
#include "schema/bind.h"

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

/* Of one way to be let in, all is needed; of several, any will do. */
void cor_document_security(const struct cor_document *document, const struct cor_documented *it,
	struct cor_members *object)
{
	bool is_mutual = document->access.needs_certificate;
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

void cor_document_default_security(const struct cor_document *document, struct cor_members *root)
{
	cor_member_raw(root, "security",
		document->access.needs_certificate ? "[{\"clientCertificate\":[]}]" : "[]");
}

/* The first operation that has the row, and the first that says what it is. */
struct search {
	bool is_found;
	const char *doc;
};

static int search(void *self, const struct cor_documented *it)
{
	struct search *found = self;
	struct cor_field row;

	if (!find_row(it, &row))
		return 0;
	found->is_found = true;
	if (!found->doc)
		found->doc = row.doc;
	return 0;
}

static void write_authorization(
	struct cor_document *document, const struct search *found, struct cor_members *schemes)
{
	cor_member(schemes, "Authorization");
	struct cor_members scheme = cor_object_open(document->buffer);
	cor_member_text(&scheme, "type", "apiKey");
	cor_member_text(&scheme, "in", "header");
	cor_member_text(&scheme, "name", "Authorization");
	cor_member_text(&scheme, "description",
		found->doc ? found->doc : "The whole value of the header, its scheme included");
	cor_object_close(&scheme);
}

static void write_certificate(struct cor_document *document, struct cor_members *schemes)
{
	cor_member(schemes, "clientCertificate");
	struct cor_members scheme = cor_object_open(document->buffer);
	cor_member_text(&scheme, "type", "mutualTLS");
	cor_member_text(&scheme, "description", "A certificate that the service's operator trusts");
	cor_object_close(&scheme);
}

void cor_document_security_schemes(struct cor_document *document, struct cor_members *components)
{
	struct search found = { 0 };

	(void)cor_documented_each(document->service, search, &found);
	if (!found.is_found && !document->access.needs_certificate)
		return;
	cor_member(components, "securitySchemes");
	struct cor_members schemes = cor_object_open(document->buffer);
	if (found.is_found)
		write_authorization(document, &found, &schemes);
	if (document->access.needs_certificate)
		write_certificate(document, &schemes);
	cor_object_close(&schemes);
}
