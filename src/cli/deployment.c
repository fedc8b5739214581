/* SPDX-License-Identifier: MIT */
#include "cli/deployment.h"

#include <stdlib.h>
#include <string.h>

#include "cli/project.h"
#include "cli/scaffold.h"
#include "cli/service.h"

#define MIB                 UINT64_C(1048576)
#define HOST_NAME_MAX_BYTES 63

/* The value of a setting. */
static const struct cor_node *setting(const struct cor_node *config, const char *key)
{
	return cor_node_get(cor_node_get(config, key), "value");
}

static uint64_t whole(const struct cor_node *node)
{
	uint64_t number;

	return cor_node_to_uint64(node, &number) == 0 ? number : 0;
}

static const char *text_of(const struct cor_cli *cli, const struct cor_node *node)
{
	struct cor_str text;

	if (cor_node_to_text(node, &text) < 0)
		return "";
	return cor_cli_text(cli, "%.*s", (int)text.len, text.data);
}

/* "host:11211" or "[::1]:80" with what follows; the port is that of the scheme if it says none. */
static void read_address(const struct cor_cli *cli, const char *address, struct cor_peer *peer)
{
	size_t len = address[0] == '[' ? strcspn(address, "]") + 1 : strcspn(address, ":/,");
	const char *behind = address + len;

	if (strncmp(address, "unix:", 5) == 0)
		return;
	peer->host = cor_cli_text(cli, "%.*s", (int)len, address);
	if (*behind == ':')
		peer->port = (uint16_t)strtoul(behind + 1, NULL, 10);
}

static void add_peer(
	const struct cor_cli *cli, struct cor_deployment *deployment, const struct cor_peer *peer)
{
	if (deployment->peers_len < COR_PEERS_MAX)
		deployment->peers[deployment->peers_len++] = *peer;
	else
		cor_cli_say(cli, "%s: the network policy has room for %d others; add this one",
			peer->host ? peer->host : peer->name, COR_PEERS_MAX);
}

/* Right on one machine; in a container or a pod this is the service itself. */
static void tell_loopback(const struct cor_cli *cli, const struct cor_peer *peer)
{
	const char *what = peer->is_memcached ? "cache" : "upstream";

	if (!peer->host ||
		(strncmp(peer->host, "127.", 4) != 0 && strcmp(peer->host, "[::1]") != 0 &&
			strcmp(peer->host, "localhost") != 0))
		return;
	cor_cli_say(cli,
		"the %s %s is at %s, which is a container itself where the service runs in one: "
		"give it another --%s-%s-%s",
		what, peer->name, peer->host, what, cor_scaffold_dashed(cli, peer->name),
		peer->is_memcached ? "store" : "url");
}

/* "http://prices:8080/v1" or several of them. */
static void add_upstream(const struct cor_cli *cli, struct cor_deployment *deployment,
	const char *name, const struct cor_node *value)
{
	size_t len = cor_node_type(value) == COR_JSON_ARRAY ? cor_node_len(value) : 1;

	for (size_t i = 0; i < len; i++) {
		const struct cor_node *one = cor_node_type(value) == COR_JSON_ARRAY
						     ? cor_node_item(value, i)
						     : value;
		const char *url = text_of(cli, one), *at = strstr(url, "://");
		struct cor_peer peer = { .name = name, .is_tls = strncmp(url, "https:", 6) == 0 };
		peer.port = peer.is_tls ? 443 : 80;
		if (at)
			read_address(cli, at + 3, &peer);
		tell_loopback(cli, &peer);
		add_peer(cli, deployment, &peer);
	}
}

/* "memory", "shared", "file:/var/cache", "memcached:a:11211,b:11211". */
static void add_cache(const struct cor_cli *cli, struct cor_deployment *deployment,
	const char *name, const char *store)
{
	deployment->has_memcached |= strncmp(store, "memcached", 9) == 0;
	deployment->keeps_files |= strncmp(store, "file", 4) == 0;
	if (strncmp(store, "memcached:", 10) != 0)
		return;
	for (const char *at = store + 10; *at; at += strcspn(at, ","), at += *at == ',') {
		struct cor_peer peer = { .name = name, .port = 11211, .is_memcached = true };
		read_address(cli, at, &peer);
		tell_loopback(cli, &peer);
		add_peer(cli, deployment, &peer);
	}
}

/* The middle of "upstream_NAME_url"; NULL: it is no such key. */
static const char *name_between(
	const struct cor_cli *cli, struct cor_str key, const char *before, const char *behind)
{
	size_t begin = strlen(before), end = strlen(behind);

	if (key.len <= begin + end || memcmp(key.data, before, begin) != 0 ||
		memcmp(key.data + key.len - end, behind, end) != 0)
		return NULL;
	return cor_cli_text(cli, "%.*s", (int)(key.len - begin - end), key.data + begin);
}

/* Whether the store of a cache is in the memory of the service. */
static bool is_in_memory(
	const struct cor_cli *cli, const struct cor_node *config, const char *cache)
{
	const char *store = text_of(
		cli, setting(config, cor_cli_text(cli, "cache_%s_store", cache)));

	return strcmp(store, "memory") == 0 || strcmp(store, "shared") == 0;
}

static void read_setting(const struct cor_cli *cli, struct cor_deployment *deployment,
	const struct cor_node *config, size_t i)
{
	const struct cor_str key = cor_node_key(config, i);
	const struct cor_node *value = cor_node_get(cor_node_item(config, i), "value");
	const char *bytes = name_between(cli, key, "cache_", "_bytes");
	const char *upstream = name_between(cli, key, "upstream_", "_url");
	const char *store = name_between(cli, key, "cache_", "_store");

	if (upstream)
		add_upstream(cli, deployment, upstream, value);
	else if (store)
		add_cache(cli, deployment, store, text_of(cli, value));
	else if (bytes && is_in_memory(cli, config, bytes))
		deployment->cache_bytes += whole(value);
}

/*
 * A name of hosts (RFC 1123, section 2.1), of what may be the name of any program: small letters,
 * digits and '-', which does not stand at an end.
 */
static const char *host_name(const struct cor_cli *cli, const char *name)
{
	char *host = cor_cli_text(cli, "%.*s", HOST_NAME_MAX_BYTES, name + strspn(name, "_-."));
	size_t len = strlen(host);

	for (char *at = host; *at; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
		else if (!(*at >= 'a' && *at <= 'z') && !(*at >= '0' && *at <= '9'))
			*at = '-';
	}
	while (len && host[len - 1] == '-')
		host[--len] = '\0';
	return host;
}

/* As the service spells its variables: "book-shop" has BOOK_SHOP_HTTP. */
static const char *prefix_of(const struct cor_cli *cli, const char *service)
{
	char *prefix = cor_cli_text(cli, "%s", cor_scaffold_capitals(cli, service));

	for (char *at = prefix; *at; at++)
		if (!(*at >= 'A' && *at <= 'Z') && !(*at >= '0' && *at <= '9'))
			*at = '_';
	return prefix;
}

/* A tag of an image has no '+' and no blank, as a version may: "1.0.0+7" is 1.0.0-7. */
static const char *tag_of(const struct cor_cli *cli, const char *version)
{
	char *tag = cor_cli_text(cli, "%.128s", version + strspn(version, "-."));

	for (char *at = tag; *at; at++) {
		bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
		if (!is_letter && !(*at >= '0' && *at <= '9') && !strchr("_.-", *at))
			*at = '-';
	}
	return tag[0] ? tag : "latest";
}

/* A master, a control process and two workers, with requests of some memory each. */
static uint64_t memory_for(uint64_t cache_bytes)
{
	uint64_t bytes = 48 * MIB + cache_bytes + cache_bytes / 4;

	return (bytes + 16 * MIB - 1) / (16 * MIB) * (16 * MIB);
}

/* What clients rely on, and another machine would not have: told, as each is to be moved. */
static void read_uses(const struct cor_cli *cli, const struct cor_node *config,
	const struct cor_node *routes, struct cor_deployment *deployment)
{
	const struct cor_node *uses = cor_node_get(routes, "cache_uses");

	deployment->is_single = cor_cli_flag(routes, "single_process");
	for (size_t i = 0; i < cor_node_len(uses); i++) {
		const struct cor_str key = cor_node_key(uses, i);
		const char *cache = cor_cli_text(cli, "%.*s", (int)key.len, key.data);
		const char *store = text_of(
			cli, setting(config, cor_cli_text(cli, "cache_%s_store", cache)));
		if (strncmp(store, "memcached", 9) == 0)
			continue;
		deployment->is_single |= strcmp(store, "memory") == 0;
		deployment->has_one_replica = true;
		cor_cli_say(cli,
			"the cache %s is %s, and %s: it is for one replica, until "
			"--cache-%s-store memcached:HOST:PORT shares it",
			cache, store, text_of(cli, cor_node_item(uses, i)),
			cor_scaffold_dashed(cli, cache));
	}
	deployment->has_one_replica |= deployment->is_single;
	if (cor_cli_flag(routes, "seals") &&
		text_of(cli, setting(config, "cookie_keys"))[0] == '\0')
		cor_cli_say(cli,
			"cookies are sealed by keys that end with the process, and no other "
			"replica has: give each the same --cookie-keys FILE");
	if (deployment->is_single)
		cor_cli_say(cli,
			"its state is in one process (.single_process of the service, or a "
			"cache in memory): the files are for one process and one replica");
}

/* What a Secret or an operator has to give. */
static void read_wanted(
	const struct cor_cli *cli, const struct cor_node *config, struct cor_deployment *deployment)
{
	size_t len = cor_node_len(config);

	deployment->wanted = cor_cli_alloc(cli, (len + 1) * sizeof *deployment->wanted);
	for (size_t i = 0; i < len; i++) {
		const struct cor_node *about = cor_node_item(config, i);
		const struct cor_str key = cor_node_key(config, i);
		const struct cor_wanted wanted = {
			.variable = prefix_of(cli, cor_cli_text(cli, "%s_%.*s", deployment->prefix,
							   (int)key.len, key.data)),
			.is_required = cor_cli_flag(about, "required"),
			.is_secret = cor_cli_flag(about, "secret"),
		};
		if (wanted.is_required || wanted.is_secret)
			deployment->wanted[deployment->wanted_len++] = wanted;
	}
}

static void read_config(
	const struct cor_cli *cli, const struct cor_node *config, struct cor_deployment *deployment)
{
	for (size_t i = 0; i < cor_node_len(config); i++)
		read_setting(cli, deployment, config, i);
	read_wanted(cli, config, deployment);
	deployment->has_tls = cor_node_len(setting(config, "https")) != 0;
	deployment->drain_s = (uint32_t)((whole(setting(config, "drain_timeout_ms")) + 999) / 1000);
	deployment->start_s = (uint32_t)((whole(setting(config, "start_timeout_ms")) + 999) / 1000);
	deployment->memory_bytes = memory_for(deployment->cache_bytes);
}

void cor_deployment_new(const struct cor_cli *cli, const char *name, struct cor_deployment *ret)
{
	*ret = (struct cor_deployment){
		.name = name,
		.dashed = host_name(cli, name),
		.prefix = cor_scaffold_capitals(cli, name),
		.version = "0.1.0",
		.is_single = true,
		.has_one_replica = true,
		.memory_bytes = memory_for(0),
		.drain_s = 30,
		.start_s = 60,
	};
}

static int ask(const struct cor_cli *cli, const char *option, struct cor_node **ret)
{
	struct cor_str text;
	int rc = cor_service_ask(cli, option, &text);

	return rc == COR_CLI_OK ? cor_cli_parse(cli, option, text, ret) : rc;
}

int cor_deployment_ask(const struct cor_cli *cli, struct cor_deployment *ret)
{
	struct cor_node *config, *routes;
	struct cor_project project;
	int rc = cor_project_open(cli, &project);

	*ret = (struct cor_deployment){ 0 };
	if (rc == COR_CLI_OK)
		rc = ask(cli, "--print-config", &config);
	if (rc == COR_CLI_OK)
		rc = ask(cli, "--print-routes", &routes);
	if (rc != COR_CLI_OK)
		return rc;
	ret->name = project.name;
	ret->dashed = host_name(cli, project.name);
	ret->prefix = prefix_of(cli, cor_cli_member(cli, routes, "service"));
	ret->version = tag_of(cli, cor_cli_member(cli, routes, "version"));
	read_config(cli, config, ret);
	read_uses(cli, config, routes, ret);
	return COR_CLI_OK;
}
