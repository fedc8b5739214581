/* SPDX-License-Identifier: MIT */
/**
 * What the master tells a child that it starts: its role, and the descriptors that it inherits. It
 * stands in a variable of the environment, which the child removes as it reads it.
 */
#ifndef CORACLE_MASTER_CHILD_H
#define CORACLE_MASTER_CHILD_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#define COR_CHILD_VARIABLE      "CORACLE_CHILD"
#define COR_CHILD_LISTENING_MAX 64
#define COR_CHILD_BYTES         (64 + 12 * COR_CHILD_LISTENING_MAX) /* of the variable's text */

enum cor_child_role {
	COR_CHILD_NONE = 0,  /* nobody's child: it was started by the operator */
	COR_CHILD_CHECKER,   /* judges configuration and tables, says its plan, and exits */
	COR_CHILD_WORKER,    /* serves */
	COR_CHILD_CONTROL,   /* answers operators and probes */
	COR_CHILD_SUCCESSOR, /* takes the master's place */
};

struct cor_child {
	enum cor_child_role role;
	uint32_t slot;       /* of a worker, in the segment */
	uint32_t generation; /* of its program; workers of one have the same listeners */
	int channel;         /* its end */
	int config;          /* its configuration; where a checker leaves what it has read */
	int segment;
	/*
	 * In the order of the configuration's addresses; of control, its one; of a checker no
	 * socket, but where it leaves the configuration of control.
	 */
	int listening[COR_CHILD_LISTENING_MAX];
	size_t listening_len;
};

/** Write the variable's text, without its name, into `ret` (COR_CHILD_BYTES). */
void cor_child_print(const struct cor_child *child, char *ret);

/**
 * Read and remove the variable. The descriptors are closed on exec from then on. Without the
 * variable the role is COR_CHILD_NONE. Returns 0 or -COR_ESYNTAX. Before any thread is started.
 */
int cor_child_read(struct cor_child *ret) COR_CHECKED;

#endif
