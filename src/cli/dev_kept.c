/* SPDX-License-Identifier: MIT */
#include "cli/dev_kept.h"

#include <unistd.h>

#include "runtime/transport.h"

bool cor_dev_keep(struct cor_dev_kept *kept, int fd, pid_t user, bool is_of_service)
{
	struct cor_dev_kept_socket *item = kept->items;

	while (item < kept->items + kept->len && !cor_socket_is_same(item->fd, fd))
		item++;
	if (item < kept->items + kept->len) {
		close(fd);
		item->user = user;
		return true;
	}
	if (kept->len == COR_DEV_KEPT_MAX ||
		cor_system_transport.local_address(&cor_system_transport, fd, &item->address) < 0) {
		close(fd);
		return false;
	}
	item->fd = fd;
	item->file = cor_socket_file_at(&item->address);
	item->user = user;
	item->is_of_service = is_of_service;
	kept->len++;
	return true;
}

/* The file goes first: as soon as nobody answers there, another program may take the path over. */
static void drop(struct cor_dev_kept *kept, size_t index)
{
	struct cor_dev_kept_socket *item = &kept->items[index];

	cor_socket_file_remove(&item->file, &item->address);
	close(item->fd);
	*item = kept->items[--kept->len];
}

void cor_dev_kept_close(struct cor_dev_kept *kept, int fd, pid_t user)
{
	for (size_t i = kept->len; i-- > 0;)
		if (kept->items[i].user == user && cor_socket_is_same(kept->items[i].fd, fd))
			drop(kept, i);
	close(fd);
}

static bool has_file(const struct cor_dev_kept_socket *item)
{
	struct cor_socket_file now = cor_socket_file_at(&item->address);

	return now.inode == item->file.inode && now.device == item->file.device;
}

size_t cor_dev_kept_list(struct cor_dev_kept *kept, int *fds)
{
	for (size_t i = kept->len; i-- > 0;)
		if (!has_file(&kept->items[i]))
			drop(kept, i);
	for (size_t i = 0; i < kept->len; i++)
		fds[i] = kept->items[i].fd;
	return kept->len;
}

void cor_dev_kept_settle(struct cor_dev_kept *kept, pid_t service)
{
	for (size_t i = kept->len; i-- > 0;) {
		kept->items[i].is_of_service = true;
		if (kept->items[i].user != service)
			drop(kept, i);
	}
}

void cor_dev_kept_forget(struct cor_dev_kept *kept)
{
	for (size_t i = kept->len; i-- > 0;)
		if (!kept->items[i].is_of_service)
			drop(kept, i);
}

void cor_dev_kept_drop(struct cor_dev_kept *kept)
{
	while (kept->len)
		drop(kept, kept->len - 1);
}
