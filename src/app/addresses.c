/* SPDX-License-Identifier: MIT */
#include "app/addresses.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/cache_settings.h"
#include "base/shortage.h"
#include "observe/logger.h"
#include "runtime/address.h"

#define URL_BYTES (sizeof "https://" + COR_ADDRESS_TEXT_BYTES)

bool cor_setup_wants_docs(const struct cor_setup *setup)
{
	return setup->app.docs == COR_DOCS_AUTO ? setup->local : setup->app.docs == COR_DOCS_ON;
}

/* --- sockets that systemd passed --- */

static int passed_address(const struct cor_setup *setup, size_t index, struct cor_address *ret)
{
	const char *text = setup->addresses.items[index];
	const struct cor_child *child = &setup->child;
	const struct cor_activated *passed;

	if (child->role == COR_CHILD_WORKER)
		return index < child->listening_len
			       ? cor_system_transport.local_address(
					 &cor_system_transport, child->listening[index], ret)
			       : -ENXIO;
	int rc = cor_activation_resolve(&setup->activation, text, &passed);
	if (rc == 0) /* not by its text: no flag names an abstract socket */
		return cor_system_transport.local_address(&cor_system_transport, passed->fd, ret);
	if (rc == -ENXIO)
		*ret = (struct cor_address){ 0 };
	return rc == -ENXIO ? 0 : rc;
}

int cor_setup_address(const struct cor_setup *setup, size_t index, struct cor_address *ret)
{
	const char *text = setup->addresses.items[index];

	return cor_activation_is_address(text) ? passed_address(setup, index, ret)
					       : cor_address_parse(text, ret);
}

static bool is_named(const struct cor_setup *setup, const struct cor_activated *passed)
{
	const struct cor_activated *named;

	for (size_t i = 0; i < setup->addresses.len; i++) {
		const char *text = setup->addresses.items[i];
		if (cor_activation_is_address(text) &&
			cor_activation_resolve(&setup->activation, text, &named) == 0 &&
			named == passed)
			return true;
	}
	return false;
}

/* Of a process before, under coracle dev. A socket of systemd may have that name, too. */
static bool is_kept(const struct cor_setup *setup, const struct cor_activated *passed)
{
	return setup->activation.keeper && strcmp(passed->name, COR_NOTIFY_KEPT) == 0;
}

/* Clients of such a socket would wait for ever. */
static void warn_of_unnamed(const struct cor_setup *setup, struct cor_logger *logger)
{
	for (size_t i = 0; i < setup->activation.len; i++) {
		const struct cor_activated *passed = &setup->activation.items[i];
		if (!is_kept(setup, passed) && !is_named(setup, passed))
			cor_logger_log(logger, COR_LOG_WARNING, NULL,
				"nobody serves socket %s (%s), which systemd has passed: add --http systemd:%s",
				passed->name, passed->address, passed->name);
	}
}

static bool is_at(const char *text, const struct cor_activated *passed)
{
	struct cor_address address;
	char printed[COR_ADDRESS_TEXT_BYTES];

	if (!text || cor_address_parse(text, &address) < 0)
		return false;
	cor_address_print(&address, printed);
	return strcmp(printed, passed->address) == 0;
}

static bool is_wanted(const struct cor_setup *setup, const struct cor_activated *passed)
{
	bool is_wanted = !is_kept(setup, passed) || is_at(setup->master.control, passed);

	for (size_t i = 0; i < setup->addresses.len && !is_wanted; i++)
		is_wanted = is_at(setup->addresses.items[i], passed);
	return is_wanted;
}

void cor_addresses_release(struct cor_setup *setup)
{
	struct cor_activation *activation = &setup->activation;
	size_t len = 0;

	for (size_t i = 0; i < activation->len; i++) {
		if (is_wanted(setup, &activation->items[i]))
			activation->items[len++] = activation->items[i];
		else
			close(activation->items[i].fd);
	}
	activation->len = len;
}

/* --- why it does not listen --- */

static const char *remedy_for(const struct cor_address *address, int code)
{
	bool local = address->bytes != 0 && address->any.sa_family == AF_UNIX;

	switch (-code) {
	case EADDRINUSE:
		return "is in use: stop the program that listens there, or choose another address";
	case EISDIR:
		return "is a directory: name a file in it, as unix:DIRECTORY/NAME.sock";
	case ELOOP:
		return "is a symbolic link: remove it, or name the path that it leads to";
	case ENOTSOCK:
		return "is a file that is not a socket: remove it if nobody needs it, or choose another path";
	case EACCES:
		return local ? "cannot be created: the user may not write in its folder"
			     : "cannot be bound: a port below 1024 needs CAP_NET_BIND_SERVICE; "
			       "choose a higher one";
	case EPERM:
		return "cannot be given to that group: the user is not one of its members; choose another "
		       "with --unix-group";
	case EADDRNOTAVAIL:
		return "is not an address of this machine: choose one of its own, or 0.0.0.0 or [::] for all";
	case ENOENT:
		return "cannot be created: its folder does not exist";
	case ENXIO:
		return "was not passed to this process: name it with FileDescriptorName= in the socket "
		       "unit, and let systemd start the service";
	case EAFNOSUPPORT:
		return "cannot be bound: this machine does not support that kind of address";
	case EINVAL:
		return "is not an address: write ADDRESS:PORT, [IPV6]:PORT, unix:PATH or systemd:NAME";
	default:
		return NULL;
	}
}

enum cor_exit cor_addresses_explain(struct cor_logger *logger, const char *text, int code)
{
	struct cor_address address = { 0 };

	if (!text) {
		cor_logger_log(logger, COR_LOG_ERROR, NULL, "the server cannot start: %s",
			cor_shortage_text(code));
		return COR_EXIT_SYSTEM;
	}
	if (cor_address_parse(text, &address) < 0)
		address.bytes = 0;
	const char *remedy = remedy_for(&address, code);
	if (remedy)
		cor_logger_log(logger, COR_LOG_ERROR, NULL, "%s %s", text, remedy);
	else
		cor_logger_log(logger, COR_LOG_ERROR, NULL, "cannot listen on %s: %s", text,
			cor_shortage_text(code));
	return COR_EXIT_SYSTEM;
}

/* --- where it listens --- */

static const char *address_of(
	const struct cor_listening_set *listening, size_t index, char room[COR_ADDRESS_TEXT_BYTES])
{
	const struct cor_listening *item = &listening->items[index];
	struct cor_address address;

	if (!cor_activation_is_address(item->address) ||
		listening->transport->local_address(listening->transport, item->fd, &address) < 0)
		return item->address;
	cor_address_print(&address, room);
	return room;
}

/* "http://127.0.0.1:8080", with the port that the kernel chose for 0. */
static void print_url(const struct cor_listening_set *listening, size_t index, const char *scheme,
	char url[URL_BYTES])
{
	char passed[COR_ADDRESS_TEXT_BYTES];
	const char *text = address_of(listening, index, passed);
	const char *colon = strrchr(text, ':');

	if (strncmp(text, "unix:", 5) == 0 || !colon)
		snprintf(url, URL_BYTES, "%s", text);
	else
		snprintf(url, URL_BYTES, "%s://%.*s:%u", scheme, (int)(colon - text), text,
			cor_listening_port(listening, index));
}

void cor_addresses_announce(const struct cor_setup *setup, struct cor_logger *logger,
	const struct cor_listening_set *listening)
{
	bool has_docs = cor_setup_wants_docs(setup);
	bool is_withheld = !has_docs && setup->app.docs == COR_DOCS_AUTO;
	char url[URL_BYTES], warning[512];

	warn_of_unnamed(setup, logger);
	if (cor_cache_settings_warn(setup, warning, sizeof warning))
		cor_logger_log(logger, COR_LOG_WARNING, NULL, "%s", warning);
	for (size_t i = 0; i < listening->len; i++) {
		print_url(listening, i, cor_spoken_scheme(setup->spoken[i]), url);
		if (has_docs && setup->spoken[i] == COR_SPOKEN_H2C)
			cor_logger_log(logger, COR_LOG_INFO, NULL,
				"listening on %s, for HTTP/2 alone", url);
		else if (has_docs && strncmp(url, "http", 4) == 0)
			cor_logger_log(logger, COR_LOG_INFO, NULL,
				"listening on %s, documentation at %s/docs", url, url);
		else
			cor_logger_log(logger, COR_LOG_INFO, NULL, "listening on %s%s", url,
				is_withheld ? ", without documentation (--docs on)" : "");
	}
}

void cor_addresses_announce_control(
	struct cor_logger *logger, const struct cor_listening_set *listening)
{
	char url[URL_BYTES];

	for (size_t i = 0; i < listening->len; i++) {
		print_url(listening, i, "http", url);
		cor_logger_log(logger, COR_LOG_INFO, NULL, "control at %s", url);
	}
}
