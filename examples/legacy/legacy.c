/* SPDX-License-Identifier: MIT */
/*
 * Puts a bad old C function behind an API, and lives:
 *
 *     build/examples/legacy --http 127.0.0.1:8000
 *
 *     curl 'http://127.0.0.1:8000/total?invoice=EUR%203%20x%204.20;%202%20x%201.00'
 *
 * The function crashes, hangs, leaks and ends its program, depending on the invoice. Its handler
 * runs in a process of an executor, so that each of that costs one request.
 */
#include <stdint.h>

#include <coracle/coracle.h>

#include "invoice.h"

static const struct cor_executor old_code = {
	.name = "old_code",
	.kind = COR_PROCESSES,
	.job_timeout_ms = 500,    /* a request that takes longer is a 504 */
	.memory_bytes = 64 << 20, /* what a process may have */
	.jobs_per_process = 1000, /* what leaks is given back now and then */
};

/* GET /total?invoice=EUR 3 x 4.20 */

struct invoice {
	const char *invoice;
};
static const struct cor_field invoice_fields[] = {
	COR_FIELD(struct invoice, invoice, .max_length = 2000, .doc = "Items as COUNT x PRICE",
		.example = "\"EUR 3 x 4.20; 2 x 1.00\""),
};
COR_LOCAL_SCHEMA(invoice_schema, struct invoice, invoice_fields);

struct total {
	int64_t cents;
};
static const struct cor_field total_fields[] = { COR_FIELD(struct total, cents) };
COR_LOCAL_SCHEMA(total_schema, struct total, total_fields);

/* A handler like any other. */
static int get_total(struct cor_ctx *ctx, const struct invoice *in, struct total *out)
{
	out->cents = invoice_total(in->invoice);
	if (out->cents < 0)
		return cor_invalid(ctx, "query", "invoice", "must have an item");
	return 0;
}
COR_OPERATION(get_total_operation, get_total, invoice_schema, total_schema, .executor = &old_code,
	.summary = "Total of an invoice",
	.problems = { 502, 504 }); /* so that clients get the details of these, too */
static const struct cor_resource total_resource = { .path = "/total", .get = &get_total_operation };

static const struct cor_service legacy = {
	.name = "legacy",
	.title = "Old code",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&total_resource),
	.executors = COR_EXECUTORS(&old_code),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &legacy);
}
