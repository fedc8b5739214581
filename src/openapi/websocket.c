/* SPDX-License-Identifier: MIT */
/*
 * What a client and a WebSocket say to each other. OpenAPI has no words for it, so it is an
 * extension of the operation, whose schemas are those of the document:
 *
 *     "x-websocket": {"protocols": [...], "receives": {"$ref": ...}, "sends": {"$ref": ...},
 *             "maxMessageBytes": 65536}
 */
#include "openapi/parts.h"

static void write_protocols(struct cor_members *object, const char *const *protocols)
{
	struct cor_buffer *buffer = object->buffer;

	cor_member(object, "protocols");
	cor_buffer_byte(buffer, '[');
	for (size_t i = 0; protocols[i]; i++) {
		if (i != 0)
			cor_buffer_byte(buffer, ',');
		cor_json_write_string(buffer, cor_str(protocols[i]));
	}
	cor_buffer_byte(buffer, ']');
}

static void write_schema(struct cor_document *document, struct cor_members *object,
	const char *name, const struct cor_schema *schema, enum cor_use use)
{
	if (!schema)
		return;
	cor_member(object, name);
	cor_describe_ref(schema, use, &document->names, document->buffer);
}

void cor_document_websocket(
	struct cor_document *document, const struct cor_documented *it, struct cor_members *object)
{
	const struct cor_websocket_options *options = &it->operation->websocket;
	uint32_t most = options->message_bytes;

	if (!it->operation->converse)
		return;
	cor_member(object, "x-websocket");
	struct cor_members websocket = cor_object_open(document->buffer);
	if (options->protocols)
		write_protocols(&websocket, options->protocols);
	write_schema(document, &websocket, "receives", options->receives, COR_USE_REQUEST);
	write_schema(document, &websocket, "sends", options->sends, COR_USE_ANSWER);
	cor_member(&websocket, "maxMessageBytes");
	cor_buffer_printf(document->buffer, "%u", most ? most : COR_WEBSOCKET_MESSAGE_BYTES);
	cor_object_close(&websocket);
}
