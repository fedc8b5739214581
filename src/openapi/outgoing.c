/* SPDX-License-Identifier: MIT */
/* Requests that the service sends: webhooks, and callbacks of operations. */
#include "openapi/parts.h"

static void write_body(
	struct cor_document *document, const struct cor_outgoing *it, struct cor_members *operation)
{
	if (!it->sends)
		return;
	cor_member(operation, "requestBody");
	cor_buffer_literal(document->buffer,
		"{\"required\":true,\"content\":{\"application/json\":{\"schema\":");
	cor_describe_ref(it->sends, COR_USE_ANSWER, &document->names, document->buffer);
	cor_buffer_literal(document->buffer, "}}}");
}

/* A Path Item Object with the one operation. */
static void write_item(struct cor_document *document, const struct cor_outgoing *it)
{
	struct cor_members item = cor_object_open(document->buffer);

	cor_member(&item, "post");
	struct cor_members operation = cor_object_open(document->buffer);
	cor_member_text(&operation, "summary", it->summary);
	cor_member_text(&operation, "description", it->doc);
	write_body(document, it, &operation);
	cor_member_raw(&operation, "responses", "{\"2XX\":{\"description\":\"It was taken\"}}");
	cor_object_close(&operation);
	cor_object_close(&item);
}

void cor_document_webhooks(struct cor_document *document, struct cor_members *root)
{
	const struct cor_about *about = document->service->about;
	const struct cor_outgoing *it = about ? about->webhooks : NULL;

	if (!it || !it->name)
		return;
	cor_member(root, "webhooks");
	struct cor_members webhooks = cor_object_open(document->buffer);
	for (; it->name; it++) {
		cor_member(&webhooks, it->name);
		write_item(document, it);
	}
	cor_object_close(&webhooks);
}

void cor_document_callbacks(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object)
{
	const struct cor_outgoing *at = it->operation->callbacks;

	if (!at || !at->name)
		return;
	cor_member(object, "callbacks");
	struct cor_members callbacks = cor_object_open(document->buffer);
	for (; at->name; at++) {
		cor_member(&callbacks, at->name);
		struct cor_members callback = cor_object_open(document->buffer);
		cor_member(&callback, at->url);
		write_item(document, at);
		cor_object_close(&callback);
	}
	cor_object_close(&callbacks);
}
