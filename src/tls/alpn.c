/* SPDX-License-Identifier: MIT */
#include "tls/alpn.h"

#include <string.h>

#include "tls/filter.h"

/* Each with its length before it; OpenSSL has seen to it that they are whole. */
static const unsigned char *find(const char *name, const unsigned char *names, size_t bytes)
{
	size_t len = strlen(name);

	for (size_t at = 0; at < bytes; at += 1 + (size_t)names[at])
		if (names[at] == len && memcmp(names + at + 1, name, len) == 0)
			return names + at + 1;
	return NULL;
}

static int choose(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
	const unsigned char *names, unsigned bytes, void *arg)
{
	struct cor_filter *filter = cor_tls_filter_of(ssl);
	const struct cor_filter_choice *choice = filter->choices;

	(void)arg;
	if (!choice)
		return SSL_TLSEXT_ERR_NOACK;
	for (; choice->name; choice++) {
		const unsigned char *found = find(choice->name, names, bytes);
		if (!found)
			continue;
		filter->chosen = choice;
		*ret = found;
		*ret_len = (unsigned char)strlen(choice->name);
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void cor_tls_let_choose_protocol(SSL_CTX *context)
{
	SSL_CTX_set_alpn_select_cb(context, choose, NULL);
}
