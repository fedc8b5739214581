/* SPDX-License-Identifier: MIT */
/**
 * Memory that processes share: one mapping of a memfd whose size is sealed, with a directory of
 * named regions.
 *
 * The first process creates it. A child made by fork has it; another program image inherits the
 * descriptor and attaches. It lasts as long as a process has it. Pages that nobody has written cost
 * nothing, so it may be made larger than needed.
 *
 * Each process maps it elsewhere: no pointer may be stored in it, only offsets.
 *
 * A region is never removed, moved or resized. One process may die at any instruction of any of
 * these functions: the others go on, and never see half a region.
 *
 * Nothing here yields. Of one struct cor_segment: create, attach and detach belong to one thread
 * while no other uses it; cor_segment_region() may be called on any thread.
 */
#ifndef CORACLE_SEGMENT_SEGMENT_H
#define CORACLE_SEGMENT_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#define COR_REGION_NAME_BYTES 40 /* with its NUL */
#define COR_REGIONS_MAX       62

struct cor_segment {
	void *base; /* NULL: detached */
	size_t bytes;
	int fd;
};

/**
 * Make a segment of `bytes`, rounded up to whole pages, one of which is the directory's. Returns 0,
 * -ENOMEM (it does not fit in the address space, either), -EMFILE, -ENFILE, -EINVAL (no region
 * would fit, or it is larger than a file can be), or what else memfd_create() fails with;
 * *ret_segment is then untouched.
 */
int cor_segment_create(size_t bytes, struct cor_segment *ret_segment) COR_CHECKED;

/**
 * Map the segment that `fd` is. It belongs to the segment from then on.
 *
 * Returns 0, or a code, after which `fd` is still the caller's and *ret_segment untouched:
 * -EBADF (it is not open, or not a memfd), -EPERM (its size is not sealed, so that an access could
 * end in SIGBUS), -EBADMSG (it does not begin as a segment does), -EPROTO (a segment whose layout
 * is of another version: it is of another release of Coracle), -EMSGSIZE (its size is not that in
 * its directory), -ENOMEM.
 */
int cor_segment_attach(int fd, struct cor_segment *ret_segment) COR_CHECKED;

/** Unmap it and close the descriptor. Pointers into it end. Detached or zeroed, it does nothing. */
void cor_segment_detach(struct cor_segment *segment);

/**
 * The descriptor, for a child to inherit. It is closed on exec: who starts a program duplicates it.
 */
static inline int cor_segment_fd(const struct cor_segment *segment)
{
	return segment->fd;
}

struct cor_region_options {
	const char *name; /* one to 39 bytes */
	size_t bytes;
	size_t align;         /* a power of two, at most 4096; 0: 64 */
	uint64_t fingerprint; /* of what it holds: changes whenever that is laid out otherwise */
	/**
	 * Prepares a region that is new and zeroed, before others see it; NULL: zeroed is right.
	 * Runs under the directory's lock, so it must not call cor_segment_region(). Returns 0, or
	 * a code: then the region is not made.
	 */
	int (*init)(void *region, size_t bytes);
};

/**
 * Find the region of that name, or make it. *ret_region is where it stands in this process.
 *
 * Takes the directory's lock: blocks the thread while another process makes a region. Returns 0,
 * -EINVAL (the options break a rule above), -EEXIST (there is one with another size, alignment or
 * fingerprint), -ENOSPC (no room, or COR_REGIONS_MAX are there), -EDEADLK (called from .init), or
 * what .init returned; *ret_region is then untouched.
 */
int cor_segment_region(struct cor_segment *segment, const struct cor_region_options *options,
	void **ret_region) COR_CHECKED;

#endif
