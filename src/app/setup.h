/* SPDX-License-Identifier: MIT */
/** The settings of a program, read and judged. Private to the app folder. */
#ifndef CORACLE_APP_SETUP_H
#define CORACLE_APP_SETUP_H

#include <sys/types.h>

#include <coracle/arena.h>
#include <coracle/service.h>

#include "app/settings.h"
#include "client/upstreams.h"
#include "config/config.h"
#include "master/child.h"
#include "master/legacy.h"
#include "master/privileges.h"
#include "master/settings.h"
#include "runtime/activation.h"
#include "runtime/notify.h"
#include "runtime/transport.h"
#include "server/settings.h"
#include "service/composition.h"
#include "service/development.h"

struct cor_cache_settings;
struct cor_inside_options;

/** What main returns: sysexits(3). */
enum cor_exit {
	COR_EXIT_OK = 0,
	COR_EXIT_USAGE = 64,         /* the command line */
	COR_EXIT_UNAVAILABLE = 69,   /* ctl: there is no service */
	COR_EXIT_SOFTWARE = 70,      /* the start hook failed */
	COR_EXIT_SYSTEM = 71,        /* the system refused */
	COR_EXIT_CUT = 75,           /* the drain cut requests in progress: EX_TEMPFAIL */
	COR_EXIT_NO_PERMISSION = 77, /* ctl: this user, or this address, gives no orders */
	COR_EXIT_CONFIG = 78,        /* the configuration, or the service's tables */
};

/** How cor_main() was called, and everything it read. */
struct cor_setup {
	const struct cor_service *service;
	struct cor_composition composition; /* of it, with all that are mounted in it */
	struct cor_arena arena;
	struct cor_config_messages messages;
	struct cor_config *config;
	struct cor_server_settings server;
	struct cor_master_settings master;
	struct cor_app_settings app;
	bool runs_without;      /* settings that are required, for it is not to serve */
	struct cor_child child; /* what the master said, if one has started this program */
	uint32_t processes;     /* workers, or the fewest; 0: there is no master */
	uint32_t processes_max; /* 0: their number is fixed */
	/* The own settings of each member of the composition; NULL among them: it has none. NULL:
	   none has any, and in the control process. */
	const void **own;
	/* of composition.whole->upstreams; NULL: it has none */
	const struct cor_upstream_settings *upstream_settings;
	/* of composition.whole->caches; NULL: it has none */
	struct cor_cache_settings *cache_settings;
	struct cor_cache *caches;          /* as the settings have them */
	cor_array(const char *) addresses; /* to listen on, of all that is spoken */
	enum cor_spoken *spoken;           /* at each of them */
	bool local;                        /* every listener is reachable from this machine only */
	struct cor_listen_options listen; /* who may connect to its unix sockets, with unix_group */
	gid_t unix_group;
	struct cor_notify
		notify; /* systemd, which is told how the service is; children tell nobody */
	struct cor_activation activation; /* sockets that systemd passed to the first process */
	struct cor_privileges privileges; /* of processes that serve */
	struct cor_legacy legacy;         /* of the old master; zeroed: this is not its successor */
	const struct cor_inside_options *inside; /* of the test that it is for; NULL: of none */
};

/** Whether it is the service's first process, or is to take its place. */
static inline bool cor_setup_is_first(const struct cor_setup *setup)
{
	return setup->child.role == COR_CHILD_NONE || setup->child.role == COR_CHILD_SUCCESSOR;
}

/** How `coracle dev` has started this process; zeroed: it has not. Before there are threads. */
struct cor_development cor_setup_development(void);

/** Whether the service, or one that is mounted in it, has a prepare hook. */
bool cor_setup_has_prepare(const struct cor_setup *setup);

/**
 * Read everything: in a worker what the master has left for it, otherwise the sources. The caller
 * zeroes *setup, but for the child, and finishes it in any case. Reports what is wrong.
 */
enum cor_exit cor_setup_read(struct cor_setup *setup, const struct cor_service *service, int argc,
	char *const *argv) COR_CHECKED;

/**
 * Only find the address of the service's control process, however wrong the rest may be. The caller
 * zeroes *setup but for the service, and finishes it in any case. Reports why there is none.
 */
enum cor_exit cor_setup_find_control(
	struct cor_setup *setup, int argc, char *const *argv, const char **ret) COR_CHECKED;

void cor_setup_finish(struct cor_setup *setup);

/**
 * Report it where there is no log yet: a child to its master, who logs it and knows then why the
 * child fails; others write a line to standard error, "bookshop: ...".
 */
void cor_setup_say(const struct cor_setup *setup, const char *format, ...) COR_PRINTF(2, 3);

/** Tell the master, if there is one, why this process is about to fail. It has been logged. */
void cor_setup_explain(const struct cor_setup *setup, const char *text);

/** Report that the system refused: "bookshop: making the log: Out of memory". */
enum cor_exit cor_setup_refused(const struct cor_setup *setup, const char *what, int code);

/**
 * Report a setting that is well-formed but cannot be obeyed: where it was given, and why. `value`
 * is NULL if the reason names it.
 */
enum cor_exit cor_setup_refuse(
	const struct cor_setup *setup, const char *key, const char *value, const char *why);

#endif
