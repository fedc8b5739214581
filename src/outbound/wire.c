/* SPDX-License-Identifier: MIT */
#include "outbound/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "outbound/dial.h"
#include "outbound/fault.h"

/* --- memory --- */

static struct cor_outbound_wire *take_spare(struct cor_outbound_pool *pool)
{
	struct cor_outbound_wire *wire = pool->spare;

	if (!wire)
		return malloc(sizeof *wire);
	pool->spare = wire->next_spare;
	pool->spares--;
	return wire;
}

static void give_spare(struct cor_outbound_pool *pool, struct cor_outbound_wire *wire)
{
	if (wire->bytes != wire->room)
		free(wire->bytes);
	if (pool->spares == COR_OUTBOUND_SPARES) {
		free(wire);
		return;
	}
	wire->next_spare = pool->spare;
	pool->spare = wire;
	pool->spares++;
}

void cor_outbound_free_spares(struct cor_outbound_pool *pool)
{
	while (pool->spare)
		free(take_spare(pool));
}

/* --- a call --- */

/* The plain carrier has no skill: neither TLS nor proxies; nor does a tunnel end as an answer. */
static bool is_for_us(const struct cor_carrier_request *request)
{
	const struct cor_destination *destination = request->destination;

	return !destination->is_tls && destination->proxy.len == 0 &&
	       (destination->unix_path || destination->host.len != 0) &&
	       !cor_str_equal(request->method, COR_STR("CONNECT"));
}

int cor_outbound_begin(void *pool, const struct cor_carrier_request *request, struct cor_wire **ret)
{
	if (!is_for_us(request))
		return -EINVAL;
	struct cor_outbound_wire *wire = take_spare(pool);
	if (!wire)
		return -ENOMEM;
	memset(wire, 0, offsetof(struct cor_outbound_wire, chunked));
	wire->wire.request = request;
	wire->pool = pool;
	wire->left_bytes = request->body_bytes > 0 ? request->body_bytes : 0;
	wire->bytes = wire->room;
	wire->size = sizeof wire->room;
	cor_answer_parser_init(&wire->parser, cor_str_equal(request->method, COR_STR("HEAD"))
						      ? COR_ANSWER_TO_HEAD
						      : COR_ANSWER_TO_ANY);
	*ret = &wire->wire;
	return 0;
}

int cor_outbound_connect(struct cor_wire *base)
{
	struct cor_outbound_wire *wire = cor_container_of(base, struct cor_outbound_wire, wire);
	const struct cor_destination *destination = base->request->destination;
	struct cor_outbound_connection *connection = cor_outbound_pool_take(
		wire->pool, destination);

	base->is_reused = connection != NULL;
	if (!connection) {
		int rc = cor_outbound_dial(wire->pool->resolver, base, &connection);
		if (rc < 0)
			return rc;
		rc = cor_outbound_pool_add(wire->pool, destination, connection);
		if (rc < 0) {
			cor_outbound_close(connection);
			return cor_outbound_fail(base, COR_FAILED_MEMORY, rc, "no memory");
		}
	}
	wire->connection = connection;
	return 0;
}

/* Request and answer are complete, both sides keep the connection, and nothing else has come. */
static bool is_good(struct cor_outbound_wire *wire)
{
	return wire->has_sent_all && !wire->is_cut && wire->is_whole && wire->parser.keep_alive &&
	       wire->begin == wire->end && !wire->has_surplus &&
	       !cor_outbound_has_more(wire->connection);
}

void cor_outbound_end(struct cor_wire *base)
{
	struct cor_outbound_wire *wire = cor_container_of(base, struct cor_outbound_wire, wire);

	if (wire->connection && is_good(wire))
		cor_outbound_pool_keep(wire->pool, wire->connection, base->request);
	else if (wire->connection)
		cor_outbound_pool_close(wire->pool, wire->connection);
	give_spare(wire->pool, wire);
}
