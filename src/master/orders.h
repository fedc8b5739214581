/* SPDX-License-Identifier: MIT */
/** What signals order the master to do with its crew. Each says in the log what came of it. */
#ifndef CORACLE_MASTER_ORDERS_H
#define CORACLE_MASTER_ORDERS_H

struct cor_crew;

/** TTIN and TTOU: `by` workers more, within the range if there is one. */
void cor_orders_resize(struct cor_crew *crew, const char *name, int by);

/** USR1: open the log file again, for the workers, too. */
void cor_orders_reopen_log(struct cor_crew *crew);

#endif
