/* SPDX-License-Identifier: MIT */
#include "app/security.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "http1/refusal.h"
#include "tls/tls.h"

#define TRIAL_PAIR                                                                                 \
	"to try it out, make a pair with `openssl req -x509 -newkey ec -pkeyopt "                  \
	"ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost -addext "                     \
	"subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out certificate.pem`"

/* --- the settings --- */

static enum cor_exit refuse(const struct cor_setup *setup, const char *why)
{
	return cor_setup_refuse(setup, "https", setup->server.https.items[0], why);
}

static enum cor_exit check_settings(const struct cor_setup *setup)
{
	const struct cor_server_settings *server = &setup->server;
	const struct cor_tls *tls = setup->service->tls;

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
	return COR_EXIT_OK;
}

/* --- the files --- */

static const char *why_unread(int rc)
{
	switch (-rc) {
	case EACCES:
		return "cannot be read by the user that starts the service: let it, and nobody else";
	case ENOENT:
		return "there is no such file";
	case EISDIR:
		return "is a directory: name the file in it";
	case EFBIG:
		return "is larger than a megabyte: name a PEM file";
	default:
		return cor_strerror(rc);
	}
}

static enum cor_exit read_pair(
	struct cor_security *security, const struct cor_setup *setup, size_t index)
{
	const struct cor_server_settings *server = &setup->server;
	const char *certificate = server->certificate.items[index];
	const char *key = server->key.items[index];
	int rc = cor_secret_file_read(certificate, &security->certificates[index]);

	if (rc < 0)
		return cor_setup_refuse(setup, "certificate", certificate, why_unread(rc));
	rc = cor_secret_file_read(key, &security->keys[index]);
	return rc < 0 ? cor_setup_refuse(setup, "key", key, why_unread(rc)) : COR_EXIT_OK;
}

enum cor_exit cor_security_read(struct cor_security *security, const struct cor_setup *setup)
{
	size_t len = setup->server.certificate.len;
	enum cor_exit status = COR_EXIT_OK;

	if (setup->server.https.len == 0)
		return COR_EXIT_OK;
	security->certificates = calloc(len, sizeof *security->certificates);
	security->keys = calloc(len, sizeof *security->keys);
	if (!security->certificates || !security->keys)
		return cor_setup_refused(setup, "reading the certificates", -ENOMEM);
	security->len = len;
	for (size_t i = 0; status == COR_EXIT_OK && i < len; i++)
		status = read_pair(security, setup, i);
	return status;
}

static void forget_files(struct cor_security *security)
{
	for (size_t i = 0; i < security->len; i++) {
		cor_secret_file_close(&security->certificates[i]);
		cor_secret_file_close(&security->keys[i]);
	}
	free(security->certificates);
	free(security->keys);
	security->certificates = NULL;
	security->keys = NULL;
	security->len = 0;
}

/* --- the source --- */

static int open_source(struct cor_security *security, const struct cor_setup *setup,
	struct cor_ticket_ring *ring, struct cor_failure *ret_failure)
{
	const struct cor_server_settings *server = &setup->server;
	const struct cor_tls_ticket_keys keys = cor_ticket_keys_of(
		ring ? ring : &security->own_ring);
	struct cor_tls_pair *pairs = calloc(security->len, sizeof *pairs);
	const struct cor_tls_options options = {
		.pairs = pairs,
		.pairs_len = security->len,
		.is_modern = server->tls_security == COR_TLS_MODERN,
		.plain_answer = cor_http1_plain_answer,
		.ticket_keys = &keys,
	};

	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < security->len; i++)
		pairs[i] = (struct cor_tls_pair){
			.certificate = { server->certificate.items[i],
				security->certificates[i].text },
			.key = { server->key.items[i], security->keys[i].text },
		};
	int rc = ring ? 0 : cor_ticket_ring_init(&security->own_ring, sizeof security->own_ring);
	if (rc == 0)
		rc = setup->service->tls->open(&options, &security->source, ret_failure);
	free(pairs);
	return rc;
}

enum cor_exit cor_security_open(
	struct cor_security *security, const struct cor_setup *setup, struct cor_ticket_ring *ring)
{
	struct cor_failure failure;

	if (setup->server.https.len == 0)
		return COR_EXIT_OK;
	int rc = open_source(security, setup, ring, &failure);
	forget_files(security);
	if (rc == -EINVAL) {
		cor_setup_say(setup, "%s", failure.text);
		return COR_EXIT_CONFIG;
	}
	return rc < 0 ? cor_setup_refused(setup, "making TLS ready", rc) : COR_EXIT_OK;
}

void cor_security_close(struct cor_security *security, const struct cor_setup *setup)
{
	forget_files(security);
	if (security->source)
		setup->service->tls->close(security->source);
	security->source = NULL;
}

enum cor_exit cor_security_check(const struct cor_setup *setup)
{
	struct cor_security trial = { 0 };

	if (setup->server.https.len == 0)
		return COR_EXIT_OK;
	enum cor_exit status = check_settings(setup);
	if (status == COR_EXIT_OK)
		status = cor_security_read(&trial, setup);
	if (status == COR_EXIT_OK)
		status = cor_security_open(&trial, setup, NULL);
	cor_security_close(&trial, setup);
	return status;
}
