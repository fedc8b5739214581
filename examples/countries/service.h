/* SPDX-License-Identifier: MIT */
/* The service, for main and for its tests. */
#ifndef EXAMPLES_COUNTRIES_SERVICE_H
#define EXAMPLES_COUNTRIES_SERVICE_H

#include <coracle/coracle.h>

extern const struct cor_service countries_service;

#endif
