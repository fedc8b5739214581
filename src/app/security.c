/* SPDX-License-Identifier: MIT */
#include "app/security.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "http1/refusal.h"
#include "tls/tls.h"

#define TRIAL_PAIR                                                                                 \
	"to try it out, make a pair with `openssl req -x509 -newkey ec -pkeyopt "                  \
	"ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost -addext "                     \
	"subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out certificate.pem`"

/* --- the settings --- */

static size_t count_listeners(const struct cor_setup *setup)
{
	return setup->server.https.len + setup->server.https_h1.len;
}

static enum cor_exit refuse(const struct cor_setup *setup, const char *why)
{
	bool is_https = setup->server.https.len != 0;

	return cor_setup_refuse(setup, is_https ? "https" : "https_h1",
		is_https ? setup->server.https.items[0] : setup->server.https_h1.items[0], why);
}

static enum cor_exit check_settings(const struct cor_setup *setup)
{
	const struct cor_server_settings *server = &setup->server;
	const struct cor_tls *tls = setup->composition.whole->tls;

	if (!tls)
		return refuse(setup,
			"the service is made without TLS: add .tls = &cor_tls of <coracle/tls.h> to "
			"its table, and link it with `pkg-config --libs coracle-tls`");
	if (tls->interface != COR_TLS_INTERFACE)
		return refuse(setup,
			"libcoracle-tls and libcoracle are of different versions: install the same");
	if (server->certificate.len == 0 || server->key.len == 0)
		return refuse(setup, "needs --certificate FILE and --key FILE; " TRIAL_PAIR);
	if (server->certificate.len != server->key.len)
		return refuse(setup,
			"each --certificate needs its --key, in the same order: there are more of one");
	if (server->ocsp.len != 0 && server->ocsp.len != server->certificate.len)
		return cor_setup_refuse(setup, "ocsp", server->ocsp.items[0],
			"give each --certificate its --ocsp, in the same order, or none");
	if (server->client_certificates != COR_CLIENT_CERTIFICATES_OFF && !server->client_ca)
		return refuse(setup, "--client-certificates needs --client-ca FILE, with the "
				     "certificate of whoever issues those of your clients");
	if (server->client_certificates == COR_CLIENT_CERTIFICATES_OFF && server->client_ca)
		return cor_setup_refuse(setup, "client_ca", server->client_ca,
			"nobody is asked for a certificate: add --client-certificates required, or optional");
	return COR_EXIT_OK;
}

bool cor_security_needs_certificate(const struct cor_setup *setup)
{
	const struct cor_server_settings *server = &setup->server;

	return server->client_certificates == COR_CLIENT_CERTIFICATES_REQUIRED &&
	       count_listeners(setup) == setup->addresses.len;
}

/* --- the files --- */

enum cor_exit cor_security_read(struct cor_security *security, const struct cor_setup *setup)
{
	struct cor_tls_unread unread;

	if (count_listeners(setup) == 0)
		return COR_EXIT_OK;
	security->stamp = cor_tls_files_stamp(&setup->server);
	int rc = cor_tls_files_read(&security->files, &setup->server, &unread);
	if (rc < 0 && unread.key)
		return cor_setup_refuse(setup, unread.key, unread.path, cor_tls_files_why(rc));
	return rc < 0 ? cor_setup_refused(setup, "reading the certificates", rc) : COR_EXIT_OK;
}

/* --- the source --- */

/* What the files say, for the time of one call. Its pairs are to be freed. */
static int describe(const struct cor_tls_files *files, const struct cor_setup *setup,
	struct cor_tls_options *ret)
{
	const struct cor_server_settings *server = &setup->server;
	struct cor_tls_pair *pairs = calloc(files->len, sizeof *pairs);

	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < files->len; i++)
		pairs[i] = (struct cor_tls_pair){
			.certificate = { server->certificate.items[i],
				files->certificates[i].text },
			.key = { server->key.items[i], files->keys[i].text },
			.staple = { cor_tls_files_staple(server, i), files->staples[i].text },
		};
	*ret = (struct cor_tls_options){
		.pairs = pairs,
		.pairs_len = files->len,
		.is_modern = server->tls_security == COR_TLS_MODERN,
		.client_ca = { server->client_ca, files->client_ca.text },
		.needs_client = server->client_certificates == COR_CLIENT_CERTIFICATES_REQUIRED,
	};
	return 0;
}

static int open_source(struct cor_security *security, const struct cor_setup *setup,
	struct cor_ticket_ring *ring, struct cor_start_failure *ret_failure)
{
	const struct cor_tls_ticket_keys keys = cor_ticket_keys_of(
		ring ? ring : &security->own_ring);
	struct cor_tls_options options;
	int rc = ring ? 0 : cor_ticket_ring_init(&security->own_ring, sizeof security->own_ring);

	if (rc == 0)
		rc = describe(&security->files, setup, &options);
	if (rc < 0)
		return rc;
	options.plain_answer = cor_http1_plain_answer;
	options.ticket_keys = &keys;
	rc = setup->composition.whole->tls->open(&options, &security->source, ret_failure);
	free((void *)(uintptr_t)options.pairs);
	return rc;
}

enum cor_exit cor_security_open(
	struct cor_security *security, const struct cor_setup *setup, struct cor_ticket_ring *ring)
{
	struct cor_start_failure failure;

	if (count_listeners(setup) == 0)
		return COR_EXIT_OK;
	int rc = open_source(security, setup, ring, &failure);
	cor_tls_files_forget(&security->files);
	if (rc == -EINVAL) {
		cor_setup_say(setup, "%s", failure.text);
		return COR_EXIT_CONFIG;
	}
	return rc < 0 ? cor_setup_refused(setup, "making TLS ready", rc) : COR_EXIT_OK;
}

static int renew_from(const struct cor_tls_files *files, const struct cor_security *security,
	const struct cor_setup *setup, struct cor_start_failure *ret_failure)
{
	struct cor_tls_options options;
	int rc = describe(files, setup, &options);

	if (rc == 0) {
		rc = setup->composition.whole->tls->renew(security->source, &options, ret_failure);
		free((void *)(uintptr_t)options.pairs);
	}
	return rc == -ENOMEM ? cor_failure_set(ret_failure, rc, "%s", cor_strerror(rc)) : rc;
}

int cor_security_renew(struct cor_security *security, const struct cor_setup *setup,
	struct cor_start_failure *ret_failure)
{
	struct cor_tls_files files = { 0 };
	struct cor_tls_unread unread;
	int rc = cor_tls_files_read(&files, &setup->server, &unread);

	if (rc < 0)
		cor_failure_set(ret_failure, rc, "%s: %s",
			unread.path ? unread.path : "certificates", cor_tls_files_why(rc));
	else
		rc = renew_from(&files, security, setup, ret_failure);
	cor_tls_files_forget(&files);
	return rc;
}

void cor_security_close(struct cor_security *security, const struct cor_setup *setup)
{
	cor_tls_files_forget(&security->files);
	if (security->source)
		setup->composition.whole->tls->close(security->source);
	security->source = NULL;
}

enum cor_exit cor_security_check(const struct cor_setup *setup)
{
	struct cor_security trial = { 0 };

	if (count_listeners(setup) == 0)
		return COR_EXIT_OK;
	enum cor_exit status = check_settings(setup);
	if (status == COR_EXIT_OK)
		status = cor_security_read(&trial, setup);
	if (status == COR_EXIT_OK)
		status = cor_security_open(&trial, setup, NULL);
	cor_security_close(&trial, setup);
	return status;
}
