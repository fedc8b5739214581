/* SPDX-License-Identifier: MIT */
#include "segment/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "segment/lock.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

#define MAGIC        UINT64_C(0x6765732d656c6361) /* "acle-seg" in memory of a little-endian machine */
#define LAYOUT       1
#define DIRECTORY    4096 /* bytes in front of the first region */
#define ALIGN        64
#define ALIGN_MAX    4096
#define SIZE_IS_KEPT (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* The locks are the C library's, which may lay them out in its own way. */
#ifdef __GLIBC__
#define VERSION (LAYOUT * 2 + 1)
#else
#define VERSION (LAYOUT * 2)
#endif

struct entry {
	char name[COR_REGION_NAME_BYTES];
	uint64_t offset;
	uint64_t bytes;
	uint64_t fingerprint;
};

/*
 * The front of a segment. `len` alone says which entries are valid: an entry is complete before it
 * is counted, so a process that dies in the middle leaves the directory as it was.
 */
struct directory {
	uint64_t magic;
	uint32_t version;
	uint32_t directory_bytes;
	uint64_t segment_bytes;
	struct cor_lock lock;
	_Atomic uint64_t len;
	_Atomic uint64_t written_end; /* behind it, no .init has written yet */
	struct entry entries[COR_REGIONS_MAX];
};

_Static_assert(sizeof(struct directory) <= DIRECTORY, "the directory must fit in front");

static int create_file(size_t bytes)
{
	int fd = memfd_create("coracle", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("coracle", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)bytes) != 0 || fcntl(fd, F_ADD_SEALS, SIZE_IS_KEPT) != 0) {
		int error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

static int map(int fd, size_t bytes, struct cor_segment *ret_segment)
{
	void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (base == MAP_FAILED)
		return -ENOMEM;
	*ret_segment = (struct cor_segment){ .base = base, .bytes = bytes, .fd = fd };
	return 0;
}

static int write_directory(struct cor_segment *segment)
{
	struct directory *directory = segment->base;

	directory->magic = MAGIC;
	directory->version = VERSION;
	directory->directory_bytes = sizeof *directory;
	directory->segment_bytes = segment->bytes;
	return cor_lock_init(&directory->lock);
}

int cor_segment_create(size_t bytes, struct cor_segment *ret_segment)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct cor_segment segment = { 0 };

	if (bytes <= DIRECTORY || bytes > PTRDIFF_MAX - page)
		return -EINVAL;
	bytes = (bytes + page - 1) / page * page;
	int fd = create_file(bytes);
	if (fd < 0)
		return fd;
	int rc = map(fd, bytes, &segment);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	rc = write_directory(&segment);
	if (rc < 0) {
		cor_segment_detach(&segment);
		return rc;
	}
	*ret_segment = segment;
	return 0;
}

/* Whether the file is one that may be mapped, and how long it is. */
static int measure_file(int fd, size_t *ret_bytes)
{
	struct stat file;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || fstat(fd, &file) != 0)
		return -EBADF;
	if ((seals & SIZE_IS_KEPT) != SIZE_IS_KEPT)
		return -EPERM;
	if (file.st_size <= DIRECTORY)
		return -EBADMSG;
	*ret_bytes = (size_t)file.st_size;
	return 0;
}

static int check_directory(const struct directory *directory, size_t bytes)
{
	if (directory->magic != MAGIC)
		return -EBADMSG;
	if (directory->version != VERSION || directory->directory_bytes != sizeof *directory)
		return -EPROTO;
	return directory->segment_bytes == bytes ? 0 : -EMSGSIZE;
}

int cor_segment_attach(int fd, struct cor_segment *ret_segment)
{
	struct cor_segment segment = { 0 };
	size_t bytes;
	int rc = measure_file(fd, &bytes);

	if (rc == 0)
		rc = map(fd, bytes, &segment);
	if (rc < 0)
		return rc;
	rc = check_directory(segment.base, bytes);
	if (rc < 0) {
		munmap(segment.base, bytes);
		return rc;
	}
	*ret_segment = segment;
	return 0;
}

void cor_segment_detach(struct cor_segment *segment)
{
	if (!segment->base)
		return;
	munmap(segment->base, segment->bytes);
	close(segment->fd);
	*segment = (struct cor_segment){ .fd = -1 };
}

static bool are_options_valid(const struct cor_region_options *options)
{
	size_t len = options->name ? strlen(options->name) : 0;
	size_t align = options->align;

	return len > 0 && len < COR_REGION_NAME_BYTES && options->bytes > 0 && align <= ALIGN_MAX &&
	       (align & (align - 1)) == 0;
}

static const struct entry *find_entry(const struct directory *directory, const char *name)
{
	for (uint64_t i = 0; i < directory->len; i++)
		if (strcmp(directory->entries[i].name, name) == 0)
			return &directory->entries[i];
	return NULL;
}

static bool is_as_wanted(const struct entry *entry, const struct cor_region_options *options)
{
	size_t align = options->align ? options->align : ALIGN;

	return entry->bytes == options->bytes && entry->fingerprint == options->fingerprint &&
	       entry->offset % align == 0;
}

/* Where the next region starts; 0: it does not fit. */
static uint64_t place(const struct cor_segment *segment, const struct cor_region_options *options)
{
	const struct directory *directory = segment->base;
	uint64_t end = DIRECTORY, align = options->align ? options->align : ALIGN;

	if (directory->len == COR_REGIONS_MAX)
		return 0;
	if (directory->len > 0) {
		const struct entry *last = &directory->entries[directory->len - 1];
		end = last->offset + last->bytes;
	}
	uint64_t offset = (end + align - 1) / align * align;
	bool fits = offset <= segment->bytes && options->bytes <= segment->bytes - offset;
	return fits ? offset : 0;
}

/* Zero what an .init that failed, or died, has left there. */
static void clear_leftovers(struct cor_segment *segment, uint64_t offset)
{
	struct directory *directory = segment->base;

	if (directory->written_end > offset)
		memset((char *)segment->base + offset, 0, directory->written_end - offset);
	atomic_store(&directory->written_end, offset);
}

static int make_region(struct cor_segment *segment, const struct cor_region_options *options,
	const struct entry **ret_entry)
{
	struct directory *directory = segment->base;
	uint64_t len = directory->len, offset = place(segment, options);

	if (offset == 0)
		return -ENOSPC;
	clear_leftovers(segment, offset);
	if (options->init) {
		atomic_store(&directory->written_end, offset + options->bytes);
		atomic_signal_fence(memory_order_seq_cst); /* what .init writes comes later */
		int rc = options->init((char *)segment->base + offset, options->bytes);
		if (rc < 0)
			return rc;
	}
	struct entry *entry = &directory->entries[len];
	*entry = (struct entry){
		.offset = offset, .bytes = options->bytes, .fingerprint = options->fingerprint
	};
	memcpy(entry->name, options->name, strlen(options->name) + 1);
	atomic_store(&directory->len, len + 1);
	*ret_entry = entry;
	return 0;
}

static int find_or_make(struct cor_segment *segment, const struct cor_region_options *options,
	const struct entry **ret_entry)
{
	const struct entry *entry = find_entry(segment->base, options->name);

	if (!entry)
		return make_region(segment, options, ret_entry);
	if (!is_as_wanted(entry, options))
		return -EEXIST;
	*ret_entry = entry;
	return 0;
}

/* The directory is valid after each instruction. */
static int leave_as_it_is(void *directory)
{
	(void)directory;
	return 0;
}

int cor_segment_region(
	struct cor_segment *segment, const struct cor_region_options *options, void **ret_region)
{
	struct directory *directory = segment->base;
	const struct entry *entry = NULL;

	if (!are_options_valid(options))
		return -EINVAL;
	int rc = cor_lock_take(&directory->lock, leave_as_it_is, NULL);
	if (rc < 0)
		return rc;
	rc = find_or_make(segment, options, &entry);
	cor_lock_give(&directory->lock);
	if (rc < 0)
		return rc;
	*ret_region = (char *)segment->base + entry->offset;
	return 0;
}
