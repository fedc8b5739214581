/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "openapi/parts.h"

/* Without a summary, "get_book" gives "Get book". */
static void write_derived_summary(struct cor_members *object, const char *handler)
{
	char text[64];
	size_t len = 0;

	for (; len < sizeof text - 1 && handler[len]; len++)
		text[len] = handler[len] == '_' ? ' ' : handler[len];
	text[len] = '\0';
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] -= 'a' - 'A';
	cor_member_text(object, "summary", text);
}

static void write_tags(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object)
{
	const char *tag = it->operation->tag ? it->operation->tag : it->resource->tag;

	if (!tag)
		return;
	cor_member(object, "tags");
	cor_buffer_byte(document->buffer, '[');
	cor_json_write_string(document->buffer, cor_str(tag));
	cor_buffer_byte(document->buffer, ']');
}

void cor_document_operation(struct cor_document *document, const struct cor_documented *it)
{
	const struct cor_operation *operation = it->operation;
	struct cor_members object = cor_object_open(document->buffer);

	cor_member_text(&object, "operationId", cor_operation_id(&document->ids, it));
	if (operation->summary)
		cor_member_text(&object, "summary", operation->summary);
	else
		write_derived_summary(&object, operation->handler);
	cor_member_text(&object, "description", operation->doc);
	cor_document_external_docs(&object, operation->external_docs);
	write_tags(document, it, &object);
	cor_member_flag(&object, "deprecated", operation->lifecycle == COR_DEPRECATED);
	cor_document_security(document, it, &object);
	cor_document_input(document, it, &object);
	cor_document_responses(document, it, &object);
	cor_document_callbacks(document, it, &object);
	cor_document_websocket(document, it, &object);
	cor_object_close(&object);
}
