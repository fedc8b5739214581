/* SPDX-License-Identifier: MIT */
/* The calls of a thread by libcurl: made, and closed. */
#include <coracle/curl.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/carrier.h"
#include "curl/driver.h"
#include "curl/wire.h"

/* Names by what they are looked up, as c_rehash makes them: "4042bcee.0". */
static bool has_hashes(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry = NULL;
	bool is_hash = false;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else has this folder open */
	while (folder && !is_hash && (entry = readdir(folder)))
		is_hash = strspn(entry->d_name, "0123456789abcdef") == 8 &&
			  strcmp(entry->d_name + 8, ".0") == 0;
	if (folder)
		closedir(folder);
	return is_hash;
}

/*
 * The authorities of the system are in a file and in a folder. The file holds a loop up for up to
 * 100 ms when it is read, the folder is looked into for those that are needed.
 */
static const char *ca_folder(void)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	return info->capath && (!info->cainfo || has_hashes(info->capath)) ? info->capath : NULL;
}

static int open_share(struct cor_curl_state *state)
{
	state->share = curl_share_init();
	if (!state->share)
		return -ENOMEM;
	curl_share_setopt(state->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	return 0;
}

/*
 * A connection carries one call at a time, with HTTP/2 as well: curl stops a whole connection for
 * one stream that is not read.
 */
static void limit_connections(struct cor_curl_state *state)
{
	curl_multi_setopt(state->driver.multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	curl_multi_setopt(state->driver.multi, CURLMOPT_MAXCONNECTS, (long)COR_CARRIER_KEPT_MAX);
}

static int open_state(struct cor_curl_state *state, const struct cor_carrier_calls *calls)
{
	int rc = open_share(state);

	if (rc < 0)
		return rc;
	rc = cor_curl_driver_init(&state->driver, calls->runtime, &cor_curl_wire_events, state);
	if (rc < 0) {
		curl_share_cleanup(state->share);
		return rc;
	}
	rc = calls->resolver_take(&state->resolver);
	if (rc < 0) {
		cor_curl_driver_finish(&state->driver);
		curl_share_cleanup(state->share);
		return rc;
	}
	state->calls = calls;
	limit_connections(state);
	state->ca_folder = ca_folder();
	return 0;
}

static int open_thread(
	const struct cor_carrier *carrier, const struct cor_carrier_calls *calls, void **ret_state)
{
	(void)carrier;
	if (calls->interface != COR_CARRIER_CALLS_INTERFACE)
		return -EPROTONOSUPPORT;
	struct cor_curl_state *state = calloc(1, sizeof *state);
	if (!state)
		return -ENOMEM;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) { /* counted by curl */
		free(state);
		return -ENOMEM;
	}
	int rc = open_state(state, calls);
	if (rc < 0) {
		curl_global_cleanup();
		free(state);
		return rc;
	}
	*ret_state = state;
	return 0;
}

static void close_thread(void *arg)
{
	struct cor_curl_state *state = arg;

	cor_curl_wires_free(state);
	cor_curl_driver_finish(&state->driver);
	curl_share_cleanup(state->share);
	state->calls->resolver_give();
	curl_global_cleanup();
	free(state);
}

static int begin(void *state, const struct cor_carrier_request *request, struct cor_wire **ret_wire)
{
	struct cor_curl_wire *wire;
	int rc = cor_curl_wire_begin(state, request, &wire);

	if (rc == 0)
		*ret_wire = &wire->wire;
	return rc;
}

const struct cor_carrier cor_curl = {
	.name = "curl",
	.skills = COR_CARRIES_TLS | COR_CARRIES_BY_PROXY,
	.open = open_thread,
	.close = close_thread,
	.begin = begin,
	.connect = cor_curl_wire_connect,
	.send = cor_curl_wire_send,
	.finish = cor_curl_wire_finish,
	.receive_head = cor_curl_wire_receive_head,
	.receive = cor_curl_wire_receive,
	.end = cor_curl_wire_end,
};
