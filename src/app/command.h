/* SPDX-License-Identifier: MIT */
/** What the command line can ask for instead of serving: a row each. Private to the app folder. */
#ifndef CORACLE_APP_COMMAND_H
#define CORACLE_APP_COMMAND_H

#include "config/config.h"

struct cor_setup;

/** Give the configuration the rows of all commands. */
void cor_commands_offer(struct cor_config_options *options);

/** Whether --check was asked for: then everything that is wrong is reported. */
bool cor_command_is_check(const struct cor_setup *setup);

#endif
