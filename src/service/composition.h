/* SPDX-License-Identifier: MIT */
/**
 * A service with all that are mounted in it, side by side.
 *
 * Each stands there as if it had been written out: with its whole paths, and with what it inherits.
 * So whatever reads a service reads a mounted one, too, and knows nothing of mounts.
 */
#ifndef CORACLE_SERVICE_COMPOSITION_H
#define CORACLE_SERVICE_COMPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/mount.h>
#include <coracle/service.h>

struct cor_check;

/** A service where it is mounted. */
struct cor_unit {
	const struct cor_service *written; /* by its author */
	const struct cor_service *service; /* the same, with whole paths and what it inherits */
	const struct cor_unit *outer;      /* that it is mounted in; NULL: it is the first */
	const char *prefix;                /* of all its paths; "": none */
	const char *host;                  /* that it is for; NULL: any that nobody has */
	uint32_t member;                   /* its service, among those of the composition */
	uint32_t own_middleware;           /* where its own begins among that of .service */
	uint32_t own_limits;               /* the same of limits */
	bool hidden;                       /* from the documents of those around it */
};

struct cor_composition {
	struct cor_unit *units; /* the outermost first, then its mounts, each with its own */
	size_t len;
	/* Each service once, wherever it is mounted, in the order of their start: those inside
	   first, [len - 1] is the outermost. */
	const struct cor_service **members;
	size_t members_len;
	/** The outermost, with what all of them list: metrics, executors, topics, readiness. */
	const struct cor_service *whole;
};

/**
 * Compose a service; what is made is in the arena. `check` hears of mounts that cannot be, which
 * are left out; NULL: nobody does. Returns 0 or -ENOMEM.
 */
int cor_compose(const struct cor_service *service, struct cor_arena *arena,
	const struct cor_check *check, struct cor_composition *ret) COR_CHECKED;

/** Whether the unit is `outer`, or is mounted in it. */
bool cor_unit_is_within(const struct cor_unit *unit, const struct cor_unit *outer);

/**
 * The unit that declares a member of struct cor_service, a pointer at offset `what`: this one, or
 * the nearest around it that does. Nobody does: this one.
 */
const struct cor_unit *cor_unit_declarer(const struct cor_unit *unit, size_t what);

/** The name of a unit's service, for messages. */
const char *cor_unit_name(const struct cor_unit *unit);

/**
 * The member that lists a thing: `list` is the offset of the list in struct cor_service. Of several
 * the outermost.
 */
size_t cor_composition_owner(
	const struct cor_composition *composition, size_t list, const void *thing);

/** Where a member is mounted first. */
size_t cor_composition_unit(const struct cor_composition *composition, size_t member);

/** Whether one of them has .single_process. */
bool cor_composition_is_single(const struct cor_composition *composition);

/** Whether requests are counted for a limit anywhere. */
bool cor_composition_has_limits(const struct cor_composition *composition);

/**
 * check_mounts.c: what the services of a composition must fulfil together, beyond what each of them
 * must by itself. Returns 0 or -ENOMEM.
 */
int cor_check_composition(
	const struct cor_check *check, const struct cor_composition *composition) COR_CHECKED;

#endif
