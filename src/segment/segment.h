/* SPDX-License-Identifier: MIT */
/**
 * Memory that processes share: one mapping of a memfd whose size is sealed, with a directory of
 * named regions.
 *
 * The first process creates it. A child made by fork has it; another program image inherits the
 * descriptor and attaches. It lasts until no process has it. Pages that nobody touches cost
 * nothing, so it may be larger than needed.
 *
 * Each process maps it at another address: store offsets in it, never pointers.
 *
 * A region is never removed, moved or resized. A process may die at any instruction of these
 * functions: the others go on, and never see half a region.
 *
 * Nothing here yields. Create, attach and detach a struct cor_segment while no other thread uses
 * it; cor_segment_region() may be called on any thread.
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
 * Make a segment of `bytes`, rounded up to whole pages, of which the directory takes 4096 bytes.
 * Returns 0, -ENOMEM (also if the address space is too small), -EMFILE, -ENFILE, -EINVAL (so few
 * bytes that no region fits, or more than a file can have), or another code of memfd_create();
 * *ret_segment is then untouched.
 */
int cor_segment_create(size_t bytes, struct cor_segment *ret_segment) COR_CHECKED;

/**
 * Map the segment behind `fd`, which belongs to the segment from then on.
 *
 * Returns 0, or a code, after which the caller still owns `fd` and *ret_segment is untouched:
 * -EBADF (it is not open, or is not a memfd), -EPERM (its size is not sealed, so that an access
 * could end in SIGBUS), -EBADMSG (it does not start like a segment), -EPROTO (a segment with
 * another version of the layout: another release of Coracle made it), -EMSGSIZE (its size differs
 * from the one in its directory), -ENOMEM.
 */
int cor_segment_attach(int fd, struct cor_segment *ret_segment) COR_CHECKED;

/** Unmap it and close the descriptor. Does nothing if it is detached or zeroed. */
void cor_segment_detach(struct cor_segment *segment);

/**
 * The descriptor, for a child to inherit. It is closed on exec: duplicate it to start a program.
 */
static inline int cor_segment_fd(const struct cor_segment *segment)
{
	return segment->fd;
}

struct cor_region_options {
	const char *name; /* one to 39 bytes */
	size_t bytes;
	size_t align;         /* a power of two, at most 4096; 0: 64 */
	uint64_t fingerprint; /* of its contents: changes when their layout does */
	/**
	 * Prepares a region that is new and zeroed, before others see it; NULL: zeroed is right.
	 * Runs under the directory's lock, so it must not call cor_segment_region(). Returns 0, or
	 * a code: then the region is not made.
	 */
	int (*init)(void *region, size_t bytes);
};

/**
 * Find the region of that name, or make it. *ret_region is its address in this process.
 *
 * Takes the directory's lock: blocks the thread while another process makes a region. Returns 0,
 * -EINVAL (the options break a rule above), -EEXIST (it exists with another size, alignment or
 * fingerprint), -ENOSPC (no room, or there are COR_REGIONS_MAX already), -EDEADLK (called from
 * .init), or the code that .init returned; *ret_region is then untouched.
 */
int cor_segment_region(struct cor_segment *segment, const struct cor_region_options *options,
	void **ret_region) COR_CHECKED;

#endif
