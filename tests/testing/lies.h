/* SPDX-License-Identifier: MIT */
/* A service that breaks its contract, each operation in a way of its own. */
#ifndef TESTING_LIES_H
#define TESTING_LIES_H

#include <coracle/coracle.h>

extern const struct cor_service lies, broken, accidents, photos;
extern const struct cor_security_scheme lies_token;

#endif
