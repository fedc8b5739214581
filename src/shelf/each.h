/* SPDX-License-Identifier: MIT */
/** All entries of a shelf are shown. */
#ifndef CORACLE_SHELF_EACH_H
#define CORACLE_SHELF_EACH_H

#include "shelf/shelf.h"

int cor_shelf_each(struct cor_store *store,
	bool (*visit)(void *arg, struct cor_str key, const struct cor_item *item), void *arg);

#endif
