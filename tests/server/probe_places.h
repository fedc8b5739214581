/* SPDX-License-Identifier: MIT */
/** What the probe server answers, and how, by the path that is asked for. */
#ifndef CORACLE_TESTS_SERVER_PROBE_PLACES_H
#define CORACLE_TESTS_SERVER_PROBE_PLACES_H

#include "exchange/exchange.h"

/**
 * A bare handler's serve: no router, no schemas.
 * Paths: /plain, /echo (whole body back), /count (reads the body in pieces, its length back),
 * /ignore (does not read the body), /stream/N (N bytes in pieces), /sleep/MS, /fail (no reply),
 * /big/N, /compute/MS (holds the thread), /late/MS (answers the body, then waits), /early (starts
 * its reply, then reads the body and sends its length), /pause/N (N bytes, then nothing for ten
 * seconds), /broken/N (N bytes in pieces, then it fails), /hold/MS (starts its reply, prints
 * "held", then holds the thread), /slow/N (N bytes, with a millisecond of work for each 16 KiB),
 * /sip (body read in pieces, with a sleep behind each),
 * /chew (body read in pieces, with half a millisecond of work for each KiB), /mark (body read, its
 * length written to the file marks in the working directory), /typed/TYPE (the content type, which
 * may be empty), /extra (with an extra header), /heedless (a stream that loses a piece and goes
 * on), /doze/MS (reads a piece of the body, sleeps, reads the rest and sends its length), /fork/MS
 * (a child has a copy of every descriptor for MS), /overload (503 with its own Retry-After),
 * /endless (a stream that ends when nobody takes it, and marks that), /status/N, /thread (which one
 * serves it), /holdbig/MS (holds the thread, then sends 8 MB), /later/MS (waits 5 ms, then holds
 * the thread), /switch/MS (another protocol: what comes goes back, "tick" after MS in which nothing
 * does, "bye" at a drain), /trail (body read; X-Sum and Authorization of its trailer, as
 * "[sum][authorization]", with a trailer X-Sum and, in the body, what becomes of others).
 */
void probe_serve(const struct cor_handler *self, struct cor_exchange *x);

#endif
