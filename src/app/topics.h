/* SPDX-License-Identifier: MIT */
/** The topics of a running service. Private to the app folder. */
#ifndef CORACLE_APP_TOPICS_H
#define CORACLE_APP_TOPICS_H

#include "app/program.h"

/** Make them, before the start hook. Returns 0, or as cor_topics_create(). */
int cor_program_open_topics(struct cor_program *program) COR_CHECKED;

/** Nobody uses them any more. */
void cor_program_drop_topics(struct cor_program *program);

#endif
