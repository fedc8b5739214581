/* SPDX-License-Identifier: MIT */
/** The program as the control process of a master. Private to the app folder. */
#ifndef CORACLE_APP_ATTEND_H
#define CORACLE_APP_ATTEND_H

#include "app/setup.h"

struct cor_control;
struct cor_segment;

/** Answer operators and probes until the master says that it is over. */
enum cor_exit cor_attend(const struct cor_setup *setup) COR_CHECKED;

/**
 * Find what a control has to read in the segment of a service, and set those members. Returns as
 * cor_segment_region().
 */
int cor_attend_look(struct cor_segment *segment, struct cor_control *control) COR_CHECKED;

#endif
