/* SPDX-License-Identifier: MIT */
#include "dialect/security.h"

static const struct cor_node *all_schemes(const struct cor_rewrite *to)
{
	return cor_node_get(cor_node_get(to->root, "components"), "securitySchemes");
}

const struct cor_node *cor_rewrite_scheme(const struct cor_rewrite *to, struct cor_str name)
{
	return cor_node_get_text(all_schemes(to), name);
}

static bool is_of_type(const struct cor_node *scheme, const char *type)
{
	return cor_node_is_text(cor_node_get(scheme, "type"), type);
}

static bool is_sayable(const struct cor_node *scheme)
{
	return scheme && !is_of_type(scheme, "mutualTLS");
}

/* --- what asks for them --- */

/* Before 3.1, only these have scopes. */
static bool has_scopes(const struct cor_rewrite *to, const struct cor_node *scheme)
{
	return is_of_type(scheme, "oauth2") ||
	       (is_of_type(scheme, "openIdConnect") && !cor_rewrite_is_swagger(to));
}

static void write_requirement(const struct cor_rewrite *to, const struct cor_node *requirement)
{
	struct cor_members object = cor_object_open(to->buffer);

	for (size_t i = 0; i < cor_node_len(requirement); i++) {
		struct cor_str name = cor_node_key(requirement, i);
		const struct cor_node *scheme = cor_rewrite_scheme(to, name);
		if (!is_sayable(scheme))
			continue;
		cor_member_begin(&object, name);
		if (has_scopes(to, scheme))
			cor_rewrite_copy(to->buffer, cor_node_item(requirement, i));
		else
			cor_buffer_literal(to->buffer, "[]");
	}
	cor_object_close(&object);
}

/* One that asks for nothing that can be said would let everybody in. */
static bool is_emptied(const struct cor_rewrite *to, const struct cor_node *requirement)
{
	for (size_t i = 0; i < cor_node_len(requirement); i++)
		if (is_sayable(cor_rewrite_scheme(to, cor_node_key(requirement, i))))
			return false;
	return cor_node_len(requirement) != 0;
}

static bool are_all_emptied(const struct cor_rewrite *to, const struct cor_node *list)
{
	for (size_t i = 0; i < cor_node_len(list); i++)
		if (!is_emptied(to, cor_node_item(list, i)))
			return false;
	return true;
}

void cor_rewrite_security(const struct cor_rewrite *to, const struct cor_node *list)
{
	struct cor_members array = cor_array_open(to->buffer);
	bool is_open = are_all_emptied(to, list);

	for (size_t i = 0; i < cor_node_len(list); i++) {
		if (is_emptied(to, cor_node_item(list, i)) && !is_open)
			continue;
		cor_item(&array);
		write_requirement(to, cor_node_item(list, i));
	}
	cor_array_close(&array);
}

/* --- the schemes --- */

static void copy_members(const struct cor_node *from, const char *const *names, size_t len,
	struct cor_members *object)
{
	for (size_t i = 0; i < len; i++)
		cor_member_copy(object, names[i], cor_node_get(from, names[i]));
}

static void write_flow(const struct cor_node *scheme, struct cor_members *object)
{
	static const char *const same[] = { "authorizationUrl", "tokenUrl", "scopes" };
	const struct cor_node *flows = cor_node_get(scheme, "flows");
	const struct cor_node *code = cor_node_get(flows, "authorizationCode");
	const struct cor_node *flow = code ? code : cor_node_get(flows, "clientCredentials");

	cor_member_text(object, "type", "oauth2");
	cor_member_text(object, "flow", code ? "accessCode" : "application");
	copy_members(flow, same, sizeof same / sizeof same[0], object);
}

/* 2.0 knows Basic, keys in a header or the query, and OAuth2: others are what a header holds. */
static void write_header(const struct cor_node *scheme, struct cor_members *object)
{
	static const char *const more[] = { "scheme", "bearerFormat", "openIdConnectUrl" };
	bool is_cookie = is_of_type(scheme, "apiKey");

	cor_member_text(object, "type", "apiKey");
	cor_member_text(object, "in", "header");
	cor_member_text(object, "name", is_cookie ? "Cookie" : "Authorization");
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
		cor_member_extension(object, cor_str(more[i]), cor_node_get(scheme, more[i]));
	if (is_cookie)
		cor_member_extension(object, COR_STR("cookie"), cor_node_get(scheme, "name"));
}

static void write_definition(const struct cor_rewrite *to, const struct cor_node *scheme)
{
	static const char *const key[] = { "type", "in", "name" };
	struct cor_members object = cor_object_open(to->buffer);

	if (is_of_type(scheme, "oauth2"))
		write_flow(scheme, &object);
	else if (cor_node_is_text(cor_node_get(scheme, "scheme"), "basic"))
		cor_member_text(&object, "type", "basic");
	else if (is_of_type(scheme, "apiKey") &&
		 !cor_node_is_text(cor_node_get(scheme, "in"), "cookie"))
		copy_members(scheme, key, sizeof key / sizeof key[0], &object);
	else
		write_header(scheme, &object);
	cor_member_copy(&object, "description", cor_node_get(scheme, "description"));
	cor_object_close(&object);
}

void cor_rewrite_schemes(const struct cor_rewrite *to, const char *name, struct cor_members *object)
{
	const struct cor_node *schemes = all_schemes(to);

	if (!schemes)
		return;
	cor_member(object, name);
	struct cor_members list = cor_object_open(to->buffer);
	for (size_t i = 0; i < cor_node_len(schemes); i++) {
		const struct cor_node *scheme = cor_node_item(schemes, i);
		if (!is_sayable(scheme))
			continue;
		cor_member_begin(&list, cor_node_key(schemes, i));
		if (cor_rewrite_is_swagger(to))
			write_definition(to, scheme);
		else
			cor_rewrite_copy(to->buffer, scheme);
	}
	cor_object_close(&list);
}

void cor_rewrite_say_mutual(const struct cor_rewrite *to, struct cor_members *object)
{
	const struct cor_node *schemes = all_schemes(to);
	bool is_mutual = false;

	for (size_t i = 0; i < cor_node_len(schemes); i++)
		is_mutual |= !is_sayable(cor_node_item(schemes, i));
	cor_member_flag(object, "x-mutualTLS", is_mutual);
}
