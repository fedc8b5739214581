/* SPDX-License-Identifier: MIT */
/** What `coracle dev` does about what has happened: see dev.h for the steps of a round. */
#ifndef CORACLE_CLI_DEV_ROUND_H
#define CORACLE_CLI_DEV_ROUND_H

#include "cli/dev.h"

/** A file has changed. */
void cor_dev_change(struct cor_dev *dev, int64_t now_ms);

/** Begin the next round, if it is due and nothing of the last one runs. */
void cor_dev_proceed(struct cor_dev *dev, int64_t now_ms);

/** The process has said that it is ready. */
void cor_dev_is_ready(struct cor_dev *dev, pid_t pid);

/** A child has ended, with a status of wait(2). */
void cor_dev_ended(struct cor_dev *dev, struct cor_dev_child *child, int status);

/** Somebody must answer: start the stand-in, if there is no service. */
void cor_dev_stand_in_for(struct cor_dev *dev);

/** The variable of one of the service's settings: "SHOP_HTTP" of "shop". */
const char *cor_dev_variable(const struct cor_cli *cli, const char *name, const char *setting);

/** How long a service may take until it is ready. */
int64_t cor_dev_start_ms(const struct cor_dev *dev);

/** Where it listens: --http, or NAME_HTTP as the environment and .env have it now. */
const char *cor_dev_address(const struct cor_dev *dev, const struct cor_cli *cli);

#endif
