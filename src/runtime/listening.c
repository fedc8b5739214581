/* SPDX-License-Identifier: MIT */
#include "runtime/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

/*
 * Accepted sockets inherit TCP_NODELAY from their listener: an answer behind another must not wait
 * for its ACK.
 */
static int listen_at(const struct cor_transport *transport, struct cor_listening *item,
	const struct cor_listen_options *options)
{
	struct cor_address address;
	int rc = cor_address_parse(item->address, &address);

	if (rc < 0)
		return rc;
	item->fd = cor_transport_listen(transport, &address, options, &item->file);
	if (item->fd < 0)
		return item->fd;
	if (address.any.sa_family != AF_UNIX)
		(void)transport->set_option(transport, item->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	return 0;
}

static int make(struct cor_listening_set *set, const struct cor_listening_options *options)
{
	*set = (struct cor_listening_set){
		.transport = options->transport ? options->transport : &cor_system_transport,
		.items = calloc(options->len ? options->len : 1, sizeof *set->items),
		.unix_mode = options->each.unix_mode,
		.has_unix_group = options->each.unix_group != NULL,
		.unix_group = options->each.unix_group ? *options->each.unix_group : 0,
	};
	return set->items ? 0 : -ENOMEM;
}

static struct cor_listening *find(const struct cor_listening_set *set, const char *address)
{
	for (size_t i = 0; set && i < set->len; i++)
		if (strcmp(set->items[i].address, address) == 0)
			return &set->items[i];
	return NULL;
}

static int copy(struct cor_listening *item, int fd)
{
	item->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return item->fd < 0 ? -errno : 0;
}

/* The socket that was passed stays open: a later reload may name it again. */
static int use_passed(const struct cor_listening_options *options, struct cor_listening *item)
{
	static const struct cor_activation nothing;
	const struct cor_activation *activation = options->activation ? options->activation
								      : &nothing;
	const struct cor_activated *passed;
	int rc = cor_activation_resolve(activation, item->address, &passed);

	return rc < 0 ? rc : copy(item, passed->fd);
}

/* One that cannot be given is ours, as where nobody keeps it. */
static int open_kept(const struct cor_transport *transport, struct cor_listening *item,
	const struct cor_listening_options *options)
{
	struct cor_address address;
	const struct cor_activated *kept = cor_address_parse(item->address, &address) < 0
						   ? NULL
						   : cor_activation_kept(
							     options->activation, &address);
	int rc = kept ? cor_transport_admit(&address, &options->each) : 0;

	if (rc == 0)
		rc = kept ? copy(item, kept->fd) : listen_at(transport, item, &options->each);
	if (rc < 0)
		return rc;
	item->is_kept = cor_notify_keep(options->activation->keeper, item->fd) == 1 || kept;
	if (item->is_kept)
		item->file = (struct cor_socket_file){ 0 };
	return 0;
}

static int open_at(const struct cor_transport *transport, struct cor_listening *item,
	const struct cor_listening_options *options)
{
	const struct cor_listening *other = find(options->before, item->address);

	if (other) {
		item->is_lent = true; /* and the file is the other's until it is taken over */
		item->is_kept = other->is_kept;
		return copy(item, other->fd);
	}
	if (cor_activation_is_address(item->address))
		return use_passed(options, item);
	if (options->activation && options->activation->keeper)
		return open_kept(transport, item, options);
	return listen_at(transport, item, &options->each);
}

int cor_listening_open(struct cor_listening_set *set, const struct cor_listening_options *options,
	const char **ret_failed)
{
	size_t len = options->len;

	if (ret_failed)
		*ret_failed = NULL;
	if (make(set, options) < 0)
		return -ENOMEM;
	for (; set->len < len; set->len++) {
		struct cor_listening *item = &set->items[set->len];

		item->address = options->addresses[set->len];
		int rc = open_at(set->transport, item, options);
		if (rc == 0)
			continue;
		if (ret_failed)
			*ret_failed = item->address;
		cor_listening_close(set);
		return rc;
	}
	return 0;
}

int cor_listening_adopt(
	struct cor_listening_set *set, const struct cor_listening_options *options, const int *fds)
{
	if (make(set, options) < 0)
		return -ENOMEM;
	set->is_adopted = true;
	for (; set->len < options->len; set->len++)
		set->items[set->len] = (struct cor_listening){
			.fd = fds[set->len],
			.address = options->addresses[set->len],
		};
	return 0;
}

/* Whether what is done to the socket is for this process to do. */
static bool is_ours(const struct cor_listening_set *set, const struct cor_listening *item)
{
	return !set->is_adopted && !item->is_lent && !item->is_kept &&
	       !cor_activation_is_address(item->address);
}

static void leave(struct cor_listening_set *set, struct cor_listening *item)
{
	struct cor_address address;

	if (cor_address_parse(item->address, &address) == 0)
		cor_socket_file_remove(&item->file, &address);
	if (is_ours(set, item))
		(void)set->transport->stop_queueing(set->transport, item->fd);
}

bool cor_listening_take_over(struct cor_listening_set *set, struct cor_listening_set *before,
	struct cor_activation *activation)
{
	bool is_left = false;

	for (size_t i = 0; i < before->len; i++) {
		struct cor_listening *old = &before->items[i];
		struct cor_listening *item = find(set, old->address);
		if (item) {
			item->file = old->file;
			item->is_lent = false;
		} else {
			/* the keeper removes its file; until it has, nobody is let in there */
			if (old->is_kept && activation)
				old->is_kept = !cor_activation_forget(activation, old->fd);
			leave(before, old);
		}
		old->file = (struct cor_socket_file){ 0 };
		is_left = is_left || !item;
	}
	return is_left;
}

/* A file that somebody has put in its place is not ours to open to others. */
static bool has_file(const struct cor_listening *item, const struct cor_address *address)
{
	struct cor_socket_file now = cor_socket_file_at(address);

	return now.inode != 0 && (item->is_kept || (now.inode == item->file.inode &&
							   now.device == item->file.device));
}

int cor_listening_admit(const struct cor_listening_set *set, const char **ret_failed)
{
	const struct cor_listen_options each = {
		.unix_mode = set->unix_mode,
		.unix_group = set->has_unix_group ? &set->unix_group : NULL,
	};
	int failed = 0;

	for (size_t i = 0; i < set->len; i++) {
		const struct cor_listening *item = &set->items[i];
		struct cor_address address;
		if (cor_address_parse(item->address, &address) < 0 || !has_file(item, &address))
			continue;
		int rc = cor_transport_admit(&address, &each);
		if (rc == 0)
			continue;
		*ret_failed = item->address;
		failed = rc;
	}
	return failed;
}

void cor_listening_disown(struct cor_listening_set *set)
{
	set->is_adopted = true;
}

int cor_listening_add(struct cor_listening_set *set, const struct cor_listening *item)
{
	struct cor_listening *items = realloc(set->items, (set->len + 1) * sizeof *items);

	if (!items)
		return -ENOMEM;
	set->transport = &cor_system_transport;
	set->items = items;
	set->items[set->len++] = *item;
	return 0;
}

void cor_listening_inherit(struct cor_listening_set *set)
{
	set->is_adopted = false;
}

uint16_t cor_listening_port(const struct cor_listening_set *set, size_t index)
{
	struct cor_address address;

	if (index >= set->len ||
		set->transport->local_address(set->transport, set->items[index].fd, &address) < 0)
		return 0;
	return cor_address_port(&address);
}

/* Of a socket that listens, tcpi_unacked is the length of its queue. */
static bool has_queue(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof info;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && info.tcpi_unacked != 0;
}

bool cor_listening_has_queue(const struct cor_listening_set *set)
{
	for (size_t i = 0; i < set->len; i++)
		if (has_queue(set->items[i].fd))
			return true;
	return false;
}

/* A file that is not ours any more has another inode: to look twice does no harm. */
void cor_listening_unlink(struct cor_listening_set *set)
{
	struct cor_address address;

	for (size_t i = 0; i < set->len && !set->is_adopted; i++)
		if (cor_address_parse(set->items[i].address, &address) == 0)
			cor_socket_file_remove(&set->items[i].file, &address);
}

/* Where it fails, a client that comes between the last accept and the shutdown is reset. */
void cor_listening_stop_queueing(struct cor_listening_set *set)
{
	for (size_t i = 0; i < set->len; i++)
		if (is_ours(set, &set->items[i]))
			(void)set->transport->stop_queueing(set->transport, set->items[i].fd);
}

void cor_listening_shut_down(struct cor_listening_set *set)
{
	for (size_t i = 0; i < set->len; i++)
		if (is_ours(set, &set->items[i]))
			(void)set->transport->shutdown(set->transport, set->items[i].fd, SHUT_RD);
}

void cor_listening_close(struct cor_listening_set *set)
{
	cor_listening_unlink(set);
	for (size_t i = 0; i < set->len; i++)
		set->transport->close(set->transport, set->items[i].fd);
	free(set->items);
	*set = (struct cor_listening_set){ 0 };
}
