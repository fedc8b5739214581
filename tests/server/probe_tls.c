/* SPDX-License-Identifier: MIT */
#include "probe_tls.h"

#include <stdio.h>

#include "app/secret_file.h"
#include "http1/refusal.h"
#include "tls/tls.h"

static struct cor_filter_source *source;

void probe_tls_close(void)
{
	cor_tls.close(source);
	source = NULL;
}

const struct cor_filter_source *probe_tls(const char *folder)
{
	struct cor_secret_file certificate = { 0 }, key = { 0 };
	struct cor_start_failure failure = { "its files cannot be read" };
	char paths[2][4096];

	snprintf(paths[0], sizeof paths[0], "%s/certificate.pem", folder);
	snprintf(paths[1], sizeof paths[1], "%s/key.pem", folder);
	if (cor_secret_file_read(paths[0], &certificate) == 0 &&
		cor_secret_file_read(paths[1], &key) == 0) {
		const struct cor_tls_pair pair = { { paths[0], certificate.text },
			{ paths[1], key.text } };
		const struct cor_tls_options options = {
			.pairs = &pair, .pairs_len = 1, .plain_answer = cor_http1_plain_answer
		};
		cor_ignore(cor_tls.open(&options, &source, &failure));
	}
	cor_secret_file_close(&certificate);
	cor_secret_file_close(&key);
	if (!source)
		fprintf(stderr, "probe-server: TLS: %s\n", failure.text);
	return source;
}
