/* SPDX-License-Identifier: MIT */
/** Who answers where no process of the service can: a service that has nothing but the report. */
#ifndef CORACLE_CLI_DEV_STAND_IN_H
#define CORACLE_CLI_DEV_STAND_IN_H

/**
 * Serve, at the socket that was passed as "web", until TERM comes: in a child of the command.
 * Returns the exit status.
 */
int cor_dev_stand_in(void *unused);

#endif
