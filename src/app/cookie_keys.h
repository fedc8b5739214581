/* SPDX-License-Identifier: MIT */
/** What the service's cookies are sealed with. Private to the app folder. */
#ifndef CORACLE_APP_COOKIE_KEYS_H
#define CORACLE_APP_COOKIE_KEYS_H

#include "app/program.h"

/**
 * In the environment: the file where --cookie-keys is not given; empty: none. A service that seals
 * nothing takes no notice. `coracle run`, `dev` and `bench` set it to one that they have made.
 */
#define COR_COOKIE_KEYS_VARIABLE "CORACLE_COOKIE_KEYS"

/** Whether --cookie-keys can be: refuse it where nothing is sealed. Reads the file. */
enum cor_exit cor_cookie_keys_check(const struct cor_setup *setup);

/** Make the keys of program->cookie_keys: of the file, else of a secret that is made up; warns. */
enum cor_exit cor_program_make_cookie_keys(struct cor_program *program);

/** Wipe and free them. */
void cor_program_drop_cookie_keys(struct cor_program *program);

#endif
