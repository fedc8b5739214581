/* SPDX-License-Identifier: MIT */
/**
 * What a process that serves gives up before code of the service runs in it: its user, and what a
 * sandbox takes away. The master stays as it is. Private to the app folder.
 */
#ifndef CORACLE_APP_CONFINEMENT_H
#define CORACLE_APP_CONFINEMENT_H

#include "app/setup.h"

struct cor_logger;

/** Look up --user and --group, and judge the settings of the sandbox. Reports what is wrong. */
enum cor_exit cor_confinement_check(struct cor_setup *setup) COR_CHECKED;

/** Whether there is anything to give up: whatever needs it must come first. */
bool cor_confinement_is_wanted(const struct cor_setup *setup);

/**
 * Give up the user, for good. Before the process has threads. If it fails, it has reported that,
 * and the process must end.
 */
enum cor_exit cor_confinement_drop(
	const struct cor_setup *setup, struct cor_logger *logger) COR_CHECKED;

/** The same for the sandbox, afterwards; logs what the kernel has granted. */
enum cor_exit cor_confinement_enter(
	const struct cor_setup *setup, struct cor_logger *logger) COR_CHECKED;

/**
 * As cor_confinement_enter(), in a process of a pool: that has a sandbox of its own, in which it
 * can signal itself. Says nothing unless it fails.
 */
enum cor_exit cor_confinement_follow(
	const struct cor_setup *setup, struct cor_logger *logger) COR_CHECKED;

#endif
