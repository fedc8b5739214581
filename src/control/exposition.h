/* SPDX-License-Identifier: MIT */
/**
 * Writes figures as Prometheus reads them: text format 0.0.4, or OpenMetrics 1.0.
 *
 * A family first, then its samples. Errors go into the buffer. Nothing here yields.
 */
#ifndef CORACLE_CONTROL_EXPOSITION_H
#define CORACLE_CONTROL_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

struct cor_exposition {
	struct cor_buffer *buffer;
	bool is_open;     /* OpenMetrics */
	const char *name; /* of the family that is being written */
};

enum cor_family_type {
	COR_FAMILY_COUNTER, /* its samples' suffix is "_total" */
	COR_FAMILY_GAUGE,
	COR_FAMILY_HISTOGRAM,
	COR_FAMILY_INFO, /* its sample's suffix is "_info" and its value 1 */
};

/** Begin a family. `name` is without suffix; both are constants. */
void cor_exposition_family(struct cor_exposition *exposition, const char *name,
	enum cor_family_type type, const char *help);

struct cor_label {
	const char *name;
	struct cor_str value; /* any bytes: it is escaped */
};

struct cor_labels {
	const struct cor_label *items;
	size_t len;
};

/** A sample of the family: its name with the suffix ("", "_total", "_bucket" ...), and labels. */
void cor_exposition_count(struct cor_exposition *exposition, const char *suffix,
	struct cor_labels labels, uint64_t value);
void cor_exposition_number(struct cor_exposition *exposition, const char *suffix,
	struct cor_labels labels, double value);

/** End the text. */
void cor_exposition_end(struct cor_exposition *exposition);

#endif
