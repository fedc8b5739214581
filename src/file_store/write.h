/* SPDX-License-Identifier: MIT */
/**
 * Files of entries written and removed. The caller has locked the stripe: cor_stripe_lock().
 */
#ifndef CORACLE_FILE_STORE_WRITE_H
#define CORACLE_FILE_STORE_WRITE_H

#include "file_store/file_store.h"

/** What stands under a name. */
struct cor_entry_place {
	bool is_ours; /* a file that may be an entry, and is counted */
	int64_t cost; /* what it counts for */
	int64_t used_ns;
};

/** Look. Returns 0, also where nothing is, or the errno of fstatat(). */
int cor_entry_look(
	struct cor_file_store *store, const char *name, struct cor_entry_place *ret) COR_CHECKED;

/**
 * Write an entry under its key, instead of what is there. The head has all but lengths and
 * checksum. Where there is no room on the disk, others go, once. On a failure nothing of it stays,
 * and the old entry does.
 *
 * Returns 0; -ESTALE: the directory has gone; -ENOSPC, -EDQUOT, -EROFS, -EIO and what else writing
 * says.
 */
int cor_entry_write(struct cor_file_store *store, struct cor_entry_key *key,
	const struct cor_file_moment *now, struct cor_str value) COR_CHECKED;

/** Remove the file of an entry. Returns 0, -ENOENT (there is none of ours), or an errno. */
int cor_entry_remove(struct cor_file_store *store, const char *name, uint32_t stripe) COR_CHECKED;

/** The name under which a stripe's next file is written. */
void cor_entry_temporary(uint32_t stripe, char ret[static COR_ENTRY_NAME_BYTES]);

/** Until when an entry lives, as the time of its file says it: a hint that saves reading. */
int64_t cor_entry_hint_s(const struct cor_entry_head *head);
bool cor_entry_hint_is_forever(int64_t hint_s);

#endif
