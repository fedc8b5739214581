/* SPDX-License-Identifier: MIT */
/**
 * Words between the master and its children: packets of text over a pair of sockets.
 *
 * Either end sees the other's death as the end of the stream. Text, not structs: during an upgrade
 * the two ends are different programs. Nothing here waits or yields.
 */
#ifndef CORACLE_MASTER_CHANNEL_H
#define CORACLE_MASTER_CHANNEL_H

#include <sys/types.h>

#include <coracle/api.h>

#define COR_CHANNEL_BYTES (64 * 1024) /* of a packet at most */

/* What the master says. */
#define COR_WORD_DRAIN "drain" /* leave the sockets to others, finish, and exit */
#define COR_WORD_END   "end"   /* the same, but serve those queued: nobody else will */
#define COR_WORD_STOP  "stop"  /* cut what is in progress, and exit */
#define COR_WORD_LOG   "log"   /* log to the file that comes with it */

#define COR_WORD_HERITAGE "heritage " /* to a successor: the JSON of what comes with it follows */
#define COR_WORD_RULE     "rule"      /* to a successor: all of that is yours */

/* What a child says. */
#define COR_WORD_READY      "ready"      /* a worker serves; of a successor, all of them do */
#define COR_WORD_EMPTIED    "emptied"    /* it accepts no more; after "end": nobody is queued */
#define COR_WORD_RETIRE     "retire "    /* a worker wants a successor; cause and why follow */
#define COR_WORD_PLAN       "plan "      /* a checker's last word; the plan's JSON follows */
#define COR_WORD_WRONG      "wrong "     /* what is wrong follows, for the master to log */
#define COR_WORD_WHY        "why "       /* why it fails follows: it has logged that itself */
#define COR_WORD_RELOAD     "reload"     /* the control process: an operator wants it */
#define COR_WORD_FINISH     "finish"     /* the control process: an operator ends the service */
#define COR_WORD_RULES      "rules"      /* a successor does: drain your workers */
#define COR_WORD_RULES_LESS "rules less" /* ... and has left addresses: let them end */

/** Make a pair, closed on exec: ret[0] for the master. Returns 0, -EMFILE, -ENFILE or -ENOMEM. */
int cor_channel_open(int ret[2]) COR_CHECKED;

/** What follows that word in what was said; NULL: it is another word. */
const char *cor_channel_after(const char *word, const char *said);

/** Say it. Returns 0, -EPIPE (nobody is there), -EAGAIN (too much is unheard) or -EMSGSIZE. */
int cor_channel_say(int fd, const char *text) COR_CHECKED;

/** The same with a descriptor, which the other end gets a copy of. Also -ETOOMANYREFS. */
int cor_channel_give(int fd, const char *text, int given) COR_CHECKED;

/**
 * Take the next packet, NUL-terminated and cut to `size` bytes with its NUL. Returns its length, 0
 * when the other end has gone, or -EAGAIN.
 */
ssize_t cor_channel_hear(int fd, char *ret, size_t size) COR_CHECKED;

/**
 * The same where descriptors may come, too: *ret_given is the caller's, closed on exec; -1: none
 * came.
 */
ssize_t cor_channel_take(int fd, char *ret, size_t size, int *ret_given) COR_CHECKED;

#endif
