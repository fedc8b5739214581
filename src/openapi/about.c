/* SPDX-License-Identifier: MIT */
/* What is said of the service as a whole. */
#include <string.h>

#include "openapi/parts.h"

static void write_contact(const struct cor_about *about, struct cor_members *info)
{
	if (!about->contact_name && !about->contact_url && !about->contact_email)
		return;
	cor_member(info, "contact");
	struct cor_members contact = cor_object_open(info->buffer);
	cor_member_text(&contact, "name", about->contact_name);
	cor_member_text(&contact, "url", about->contact_url);
	cor_member_text(&contact, "email", about->contact_email);
	cor_object_close(&contact);
}

static void write_licence(const struct cor_about *about, struct cor_members *info)
{
	if (!about->license_name)
		return;
	cor_member(info, "license");
	struct cor_members licence = cor_object_open(info->buffer);
	cor_member_text(&licence, "name", about->license_name);
	cor_member_text(&licence, "identifier", about->license_identifier);
	cor_member_text(&licence, "url", about->license_url);
	cor_object_close(&licence);
}

void cor_document_external_docs(struct cor_members *object, const struct cor_external_docs *docs)
{
	if (!docs)
		return;
	cor_member(object, "externalDocs");
	struct cor_members external = cor_object_open(object->buffer);
	cor_member_text(&external, "url", docs->url);
	cor_member_text(&external, "description", docs->doc);
	cor_object_close(&external);
}

void cor_document_info(const struct cor_document *document, struct cor_members *root)
{
	const struct cor_service *service = document->service;

	cor_member(root, "info");
	struct cor_members info = cor_object_open(document->buffer);
	cor_member_text(&info, "title", service->title ? service->title : service->name);
	cor_member_text(&info, "version", service->version ? service->version : "0");
	cor_member_text(&info, "description", service->doc);
	if (service->about) {
		cor_member_text(&info, "termsOfService", service->about->terms_url);
		write_contact(service->about, &info);
		write_licence(service->about, &info);
	}
	cor_object_close(&info);
	if (service->about)
		cor_document_external_docs(root, service->about->external_docs);
}

/*
 * The first is relative to the document, which is next to the paths: right behind any proxy's
 * prefix.
 */
void cor_document_servers(const struct cor_document *document, struct cor_members *root)
{
	const struct cor_about *about = document->service->about;

	cor_member(root, "servers");
	cor_buffer_literal(document->buffer, "[{\"url\":\".\"}");
	for (const struct cor_server *at = about ? about->servers : NULL; at && at->url; at++) {
		cor_buffer_byte(document->buffer, ',');
		struct cor_members server = cor_object_open(document->buffer);
		cor_member_text(&server, "url", at->url);
		cor_member_text(&server, "description", at->doc);
		cor_object_close(&server);
	}
	cor_buffer_byte(document->buffer, ']');
}

/* What is mounted in the unit may have written it, unless one around that has. */
void cor_document_tags(const struct cor_document *document, struct cor_members *list)
{
	for (size_t i = 0; i < document->composition.len; i++) {
		const struct cor_unit *unit = &document->composition.units[i];
		const struct cor_about *about = unit->written->about;
		if (!about || !cor_document_shows(document, unit))
			continue;
		for (const struct cor_tag *at = about->tags; at && at->name; at++) {
			if (cor_about_tag(document, at->name) != at)
				continue;
			cor_item(list);
			struct cor_members tag = cor_object_open(document->buffer);
			cor_member_text(&tag, "name", at->name);
			cor_member_text(&tag, "description", at->doc);
			cor_document_external_docs(&tag, at->external_docs);
			cor_object_close(&tag);
		}
	}
}

static const struct cor_tag *find_tag(const struct cor_about *about, const char *name)
{
	const struct cor_tag *tag = about ? about->tags : NULL;

	while (tag && tag->name && strcmp(tag->name, name) != 0)
		tag++;
	return tag && tag->name ? tag : NULL;
}

const struct cor_tag *cor_about_tag(const struct cor_document *document, const char *name)
{
	const struct cor_tag *tag = NULL;

	for (size_t i = 0; i < document->composition.len && !tag; i++) {
		const struct cor_unit *unit = &document->composition.units[i];
		if (cor_document_shows(document, unit))
			tag = find_tag(unit->written->about, name);
	}
	return tag;
}
