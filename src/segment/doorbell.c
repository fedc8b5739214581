/* SPDX-License-Identifier: MIT */
#include "segment/doorbell.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

uint32_t cor_doorbell_ring(struct cor_doorbell *bell)
{
	uint32_t number = atomic_fetch_add(&bell->rings, 1) + 1;

	syscall(SYS_futex, &bell->rings, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	return number;
}

uint32_t cor_doorbell_wait(struct cor_doorbell *bell, uint32_t seen)
{
	uint32_t now;

	while ((now = atomic_load(&bell->rings)) == seen)
		syscall(SYS_futex, &bell->rings, FUTEX_WAIT, seen, NULL, NULL, 0);
	return now;
}
