/* SPDX-License-Identifier: MIT */
/** Files of snapshots. */
#ifndef CORACLE_TESTING_SNAPSHOT_H
#define CORACLE_TESTING_SNAPSHOT_H

#include <limits.h>
#include <stdbool.h>

#include <coracle/test_snapshot.h>

#include "testing/runner.h"

/**
 * The folder of the snapshots of a source, "tests/snapshots/", and what the names of its files
 * begin with, "test_books.". False: too long.
 */
bool cor_snapshot_place(const char *source, char folder[PATH_MAX], char stem[NAME_MAX + 1]);

#endif
