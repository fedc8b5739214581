/* SPDX-License-Identifier: MIT */
/** Figures as Prometheus reads them (text format 0.0.4), read. */
#ifndef CORACLE_CLI_SAMPLES_H
#define CORACLE_CLI_SAMPLES_H

#include "cli/cli.h"

struct cor_sample {
	const char *name;
	const char *labels; /* "method=\"GET\",route=\"/books\""; "": none */
	double value;
};

struct cor_samples {
	struct cor_sample *items;
	size_t len;
};

/** Read them; lines of another form are passed over. The texts are the arena's. */
void cor_samples_read(const struct cor_cli *cli, struct cor_str text, struct cor_samples *ret);

/** The value of a label, in the arena; "" if there is none. */
const char *cor_sample_label(
	const struct cor_cli *cli, const struct cor_sample *sample, const char *label);

/** The value of what has that name and those labels, as they are written; 0 if there is none. */
double cor_samples_value(const struct cor_samples *samples, const char *name, const char *labels);

#endif
