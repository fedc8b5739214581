/* SPDX-License-Identifier: MIT */
#include "config/option.h"

#include <string.h>

#include <coracle/error.h>

#include "config/read.h"
#include "schema/kind.h"

#define SECRET_BYTES_MAX (64 * 1024)

static bool ends_with(struct cor_str text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

/* BOOKSHOP_PASSWORD_FILE of a row `password`: its value is the content of that file. */
static struct cor_option *by_file_variable(const struct cor_config *config, struct cor_str name)
{
	static const char suffix[] = "_FILE";

	if (!ends_with(name, suffix))
		return NULL;
	name.len -= sizeof suffix - 1;
	struct cor_option *option = cor_option_by_variable(config, name);
	return option && cor_option_may(option, COR_SOURCE_FILE) ? option : NULL;
}

/* The line feed that an editor leaves at the end of a file is not part of a password. */
static struct cor_str without_line_end(struct cor_str text)
{
	if (text.len != 0 && text.data[text.len - 1] == '\n')
		text.len--;
	if (text.len != 0 && text.data[text.len - 1] == '\r')
		text.len--;
	return text;
}

static void take_file(struct cor_config *config, struct cor_option *option, const char *variable,
	const char *path)
{
	struct cor_str text;

	if (option->given[COR_SOURCE_ENVIRONMENT].json.data) {
		cor_config_error(config, COR_SOURCE_ENVIRONMENT,
			"%s and %s are both set: unset one of them", option->variable, variable);
		return;
	}
	int rc = cor_config_slurp(config->arena, path, SECRET_BYTES_MAX, &text);
	option->has_failed |= rc < 0;
	if (rc == 0)
		cor_option_give_from_file(config, option, without_line_end(text), variable, path);
	else if (option->is_secret && !strchr(path, '/')) /* perhaps the secret itself */
		cor_config_error(config, COR_SOURCE_ENVIRONMENT, "%s: %s", variable,
			cor_config_slurp_fault(rc));
	else
		cor_config_error(config, COR_SOURCE_ENVIRONMENT, "%s=%s: %s", variable, path,
			cor_config_slurp_fault(rc));
}

static bool begins_with(struct cor_str text, const char *begin)
{
	size_t len = strlen(begin);

	return text.len >= len && memcmp(text.data, begin, len) == 0;
}

/* The address of a service, as Kubernetes writes it: tcp://10.0.0.7:80. */
static bool is_link(struct cor_str name, const char *value)
{
	struct cor_str text = cor_str(value);

	return ends_with(name, "PORT") &&
	       (begins_with(text, "tcp://") || begins_with(text, "udp://") ||
		       begins_with(text, "sctp://"));
}

/*
 * What Kubernetes sets in every pod for a service of our name: <NAME>_PORT_8080_TCP and the like.
 */
static bool is_orchestrators(struct cor_str rest, const char *value)
{
	if (ends_with(rest, "SERVICE_HOST") || cor_str_equal(rest, COR_STR("SERVICE_PORT")) ||
		begins_with(rest, "SERVICE_PORT_"))
		return true;
	if (begins_with(rest, "PORT_") && rest.len > 5 && rest.data[5] >= '0' &&
		rest.data[5] <= '9')
		return true;
	return is_link(rest, value);
}

static void warn(struct cor_config *config, struct cor_str name, const char *value)
{
	size_t prefix_len = strlen(config->prefix);
	struct cor_str rest = { name.data + prefix_len, name.len - prefix_len };
	char *key = cor_arena_copy(config->arena, rest.data, rest.len);

	if (is_orchestrators(rest, value))
		return;
	for (char *at = key; at && *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	const struct cor_option *meant = key ? cor_option_nearest(config, key) : NULL;
	if (meant && !cor_option_may(meant, COR_SOURCE_ENVIRONMENT)) {
		cor_config_warning(config, COR_SOURCE_ENVIRONMENT,
			"%.*s: is not a setting, and is ignored; --%s works on the command line only",
			(int)name.len, name.data, meant->flag);
		return;
	}
	cor_config_warning(config, COR_SOURCE_ENVIRONMENT,
		"%.*s: is not a setting, and is ignored%s%s%s", (int)name.len, name.data,
		meant ? "; did you mean " : "", meant ? meant->variable : "", meant ? "?" : "");
}

static bool is_ours(const struct cor_config *config, const char *entry, const char *equals)
{
	size_t prefix_len = strlen(config->prefix);

	return equals && (size_t)(equals - entry) > prefix_len &&
	       memcmp(entry, config->prefix, prefix_len) == 0;
}

/*
 * BOOKSHOP_PORT=tcp://10.0.0.7:80 is not a number for the service's own row `port`, but what
 * Kubernetes sets for a service called bookshop. Only the value can show it: any row has its
 * variable, whatever it is called.
 */
static bool is_usurped(const struct cor_option *option, struct cor_str name, const char *value)
{
	return !cor_kind_is_text(cor_option_kind(option)) && is_link(name, value);
}

static void take(struct cor_config *config, const char *entry)
{
	const char *equals = strchr(entry, '=');

	if (!is_ours(config, entry, equals))
		return;
	struct cor_str name = { entry, (size_t)(equals - entry) };
	struct cor_option *option = cor_option_by_variable(config, name);
	if (option && is_usurped(option, name, equals + 1))
		cor_config_warning(config, COR_SOURCE_ENVIRONMENT,
			"%s=%s: is what Kubernetes sets for a service of that name, and is ignored: give the setting as --%s or in the file",
			option->variable, equals + 1, option->flag);
	else if (option && cor_option_may(option, COR_SOURCE_ENVIRONMENT))
		cor_option_give(config, option, COR_SOURCE_ENVIRONMENT, cor_str(equals + 1),
			option->variable);
	else if (!by_file_variable(config, name))
		warn(config, name, equals + 1);
}

static void take_by_file(struct cor_config *config, const char *entry)
{
	const char *equals = strchr(entry, '=');

	if (!is_ours(config, entry, equals))
		return;
	struct cor_str name = { entry, (size_t)(equals - entry) };
	struct cor_option *option = by_file_variable(config, name);
	if (option && !cor_option_by_variable(config, name))
		take_file(config, option, cor_config_text(config, "%.*s", (int)name.len, name.data),
			equals + 1);
}

void cor_environment_read(struct cor_config *config, char *const *environment)
{
	for (char *const *entry = environment; *entry; entry++)
		take(config, *entry);
	for (char *const *entry = environment; *entry; entry++)
		take_by_file(config, *entry);
}
