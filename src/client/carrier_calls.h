/* SPDX-License-Identifier: MIT */
/** What a carrier that is not in libcoracle may call: the runtime, and the resolver. */
#ifndef CORACLE_CLIENT_CARRIER_CALLS_H
#define CORACLE_CLIENT_CARRIER_CALLS_H

#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/str.h>

#include "runtime/calls.h"

struct cor_resolver;

/*
 * Of this header, of runtime/calls.h and of the structs in them: raised with every change, so that
 * halves do not meet.
 */
#define COR_CARRIER_CALLS_INTERFACE 2

struct cor_carrier_calls {
	uint32_t interface; /* COR_CARRIER_CALLS_INTERFACE; it stays first */
	const struct cor_runtime_calls *runtime;

	/** Those of resolver/shared.h. */
	int (*resolver_take)(struct cor_resolver **ret) COR_CHECKED;
	void (*resolver_give)(void);
	/**
	 * The addresses of a host as text, the best first: "2001:db8::1,192.0.2.1". In the arena.
	 * Yields; returns as cor_resolver_find().
	 */
	int (*resolver_print)(struct cor_resolver *resolver, struct cor_str host,
		struct cor_arena *arena, const char **ret) COR_CHECKED;
	const char *(*resolver_strerror)(int code);
};

extern const struct cor_carrier_calls cor_carrier_calls;

#endif
