/* SPDX-License-Identifier: MIT */
#include "dialect/postman_auth.h"

#include "dialect/security.h"

/* Postman's ways, and the variables that stand in them for what is secret. */
struct way {
	const char *type;
	const char *variables[2];
};
static const struct way bearer = { "bearer", { "token" } };
static const struct way basic = { "basic", { "username", "password" } };
static const struct way api_key = { "apikey", { "apiKey" } };

/* NULL: it has none. What an operation reads from Authorization by itself stands there as text. */
static const struct way *way_of(const struct cor_node *scheme)
{
	const struct cor_node *type = cor_node_get(scheme, "type");

	if (cor_node_is_text(type, "oauth2") || cor_node_is_text(type, "openIdConnect"))
		return &bearer;
	if (cor_node_is_text(type, "http")) {
		const struct cor_node *name = cor_node_get(scheme, "scheme");
		if (cor_node_is_text(name, "bearer"))
			return &bearer;
		return cor_node_is_text(name, "basic") ? &basic : NULL;
	}
	if (!cor_node_is_text(type, "apiKey") ||
		cor_node_is_text(cor_node_get(scheme, "in"), "cookie") ||
		cor_node_is_text(cor_node_get(scheme, "name"), "Authorization"))
		return NULL;
	return &api_key;
}

static void write_pair(struct cor_members *list, const char *key, struct cor_str value)
{
	cor_item(list);
	struct cor_members pair = cor_object_open(list->buffer);
	cor_member_text(&pair, "key", key);
	cor_member(&pair, "value");
	cor_json_write_string(list->buffer, value);
	cor_member_text(&pair, "type", "string");
	cor_object_close(&pair);
}

static void write_key(const struct cor_node *scheme, struct cor_members *list)
{
	write_pair(list, "key", cor_text_of(cor_node_get(scheme, "name")));
	write_pair(list, "value", COR_STR("{{apiKey}}"));
	write_pair(list, "in", cor_text_of(cor_node_get(scheme, "in")));
}

static void write_way(
	const struct way *way, const struct cor_node *scheme, struct cor_members *request)
{
	cor_member(request, "auth");
	struct cor_members auth = cor_object_open(request->buffer);
	cor_member_text(&auth, "type", way->type);
	cor_member(&auth, way->type);
	struct cor_members list = cor_array_open(request->buffer);
	if (way == &bearer)
		write_pair(&list, "token", COR_STR("{{token}}"));
	if (way == &basic) {
		write_pair(&list, "username", COR_STR("{{username}}"));
		write_pair(&list, "password", COR_STR("{{password}}"));
	}
	if (way == &api_key)
		write_key(scheme, &list);
	cor_array_close(&list);
	cor_object_close(&auth);
}

void cor_postman_auth(
	const struct cor_rewrite *to, const struct cor_node *operation, struct cor_members *request)
{
	const struct cor_node *security = cor_node_get(operation, "security");

	for (size_t i = 0; i < cor_node_len(security); i++) {
		const struct cor_node *needed = cor_node_item(security, i);
		for (size_t at = 0; at < cor_node_len(needed); at++) {
			const struct cor_node *scheme = cor_rewrite_scheme(
				to, cor_node_key(needed, at));
			const struct way *way = way_of(scheme);
			if (!way)
				continue;
			write_way(way, scheme, request);
			return;
		}
	}
}

static bool needs(const struct cor_node *schemes, const struct way *way)
{
	for (size_t i = 0; i < cor_node_len(schemes); i++)
		if (way_of(cor_node_item(schemes, i)) == way)
			return true;
	return false;
}

void cor_postman_secrets(const struct cor_rewrite *to, struct cor_members *list)
{
	static const struct way *const ways[] = { &bearer, &basic, &api_key };
	const struct cor_node *schemes = cor_node_get(
		cor_node_get(to->root, "components"), "securitySchemes");

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		for (size_t at = 0; at < 2 && needs(schemes, ways[i]); at++)
			if (ways[i]->variables[at]) {
				cor_item(list);
				cor_buffer_printf(list->buffer, "{\"key\":\"%s\",\"value\":\"\"}",
					ways[i]->variables[at]);
			}
}
