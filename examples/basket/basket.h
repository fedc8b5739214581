/* SPDX-License-Identifier: MIT */
/** What the program and its tests know of the basket. */
#ifndef BASKET_H
#define BASKET_H

#include <coracle/coracle.h>

#define TITLES_MAX 20

struct basket {
	const char *owner;
	cor_array(const char *) titles;
};
COR_DECLARE_SCHEMA(basket_schema, struct basket);

extern const struct cor_security_scheme customer_scheme;
extern const struct cor_service basket_service;

#endif
