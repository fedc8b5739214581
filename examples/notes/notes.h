/* SPDX-License-Identifier: MIT */
/* The service, for main and for its tests. */
#ifndef EXAMPLES_NOTES_NOTES_H
#define EXAMPLES_NOTES_NOTES_H

#include <coracle/coracle.h>

extern const struct cor_service notes_service;

#endif
