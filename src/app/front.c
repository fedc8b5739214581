/* SPDX-License-Identifier: MIT */
#include "app/front.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "app/addresses.h"
#include "app/program.h"
#include "nginx/nginx.h"
#include "openapi/docs.h"
#include "service/dispatcher.h"

static bool has_proxy_header(const struct cor_setup *setup, const char *address)
{
	for (size_t i = 0; i < setup->server.proxy_protocol.len; i++)
		if (strcmp(setup->server.proxy_protocol.items[i], address) == 0)
			return true;
	return false;
}

static int list_listeners(const struct cor_setup *setup, struct cor_nginx_listener *listeners)
{
	int rc = 0;

	for (size_t i = 0; i < setup->addresses.len && rc == 0; i++) {
		const char *text = setup->addresses.items[i];
		listeners[i] = (struct cor_nginx_listener){
			.spoken = setup->spoken[i],
			.text = text,
			.has_proxy_header = has_proxy_header(setup, text),
		};
		rc = cor_setup_address(setup, i, &listeners[i].address);
	}
	return rc;
}

static enum cor_exit explain(const struct cor_setup *setup, int rc)
{
	switch (rc) {
	case -EHOSTUNREACH:
		cor_setup_say(setup,
			"nginx can connect to none of its addresses: give it one that is known beforehand and has no PROXY header, as --http unix:/run/%s/http",
			setup->service->name);
		return COR_EXIT_CONFIG;
	case -EILSEQ:
		cor_setup_say(setup,
			"nginx would take the $ in the path of a certificate or key for a variable: rename the file");
		return COR_EXIT_CONFIG;
	default:
		return cor_setup_refused(setup, "writing the configuration of nginx", rc);
	}
}

/* The documentation of all services. NULL: no memory. */
static const char *const *docs_paths(const struct cor_setup *setup, struct cor_arena *arena)
{
	const struct cor_composition *composition = &setup->composition;
	size_t each = 0, len = 0;

	while (cor_docs_paths[each])
		each++;
	const char **paths = cor_arena_zalloc(arena, (composition->len * each + 1) * sizeof *paths);
	for (size_t i = 0; paths && i < composition->len * each; i++) {
		const char *prefix = composition->units[i / each].prefix;
		paths[len] = cor_arena_printf(arena, "%s%s", prefix, cor_docs_paths[i % each]);
		if (!paths[len++])
			return NULL;
	}
	return paths;
}

static int write_front(const struct cor_setup *setup, const struct cor_program *program,
	struct cor_arena *arena, struct cor_buffer *buffer)
{
	char folder[PATH_MAX];
	struct cor_nginx_listener *listeners = cor_arena_zalloc(
		arena, (setup->addresses.len + 1) * sizeof *listeners);

	if (!listeners)
		return -ENOMEM;
	if (!getcwd(folder, sizeof folder))
		return -errno;
	bool hides_docs = setup->app.docs == COR_DOCS_AUTO;
	const char *const *docs = hides_docs ? docs_paths(setup, arena) : NULL;
	int rc = hides_docs && !docs ? -ENOMEM : list_listeners(setup, listeners);
	const struct cor_nginx_options options = {
		.service = setup->service,
		.places = cor_dispatcher_places(program->dispatchers[0]),
		.composition = &setup->composition,
		.server = &setup->server,
		.settings = setup->own[setup->composition.members_len - 1],
		.listeners = listeners,
		.listeners_len = setup->addresses.len,
		.folder = folder,
		.local_paths = docs,
		.control = setup->master.control,
	};
	return rc < 0 ? rc : cor_nginx_write(&options, arena, buffer);
}

enum cor_exit cor_front_write(const struct cor_setup *setup, struct cor_buffer *buffer)
{
	struct cor_program program = { .changes_nothing = true };
	struct cor_arena arena;
	enum cor_exit status = cor_program_check_tables(setup);

	if (status == COR_EXIT_OK)
		status = cor_program_open(&program, setup);
	cor_arena_init(&arena, NULL, 0, 0);
	if (status == COR_EXIT_OK) {
		int rc = write_front(setup, &program, &arena, buffer);
		status = rc < 0 ? explain(setup, rc) : COR_EXIT_OK;
	}
	cor_arena_finish(&arena);
	cor_program_close(&program);
	return status;
}
