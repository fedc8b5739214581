/* SPDX-License-Identifier: MIT */
/**
 * The service's hooks, from prepare to stop. Private to the app folder.
 *
 * Whatever fails leaves its line in the log.
 */
#ifndef CORACLE_APP_HOOKS_H
#define CORACLE_APP_HOOKS_H

#include "app/program.h"

/** Make ready what the processes of executors come from. No thread is there. */
enum cor_exit cor_program_prepare_processes(struct cor_program *program) COR_CHECKED;

/** Run the prepare hook. No thread is there. */
enum cor_exit cor_program_prepare(struct cor_program *program) COR_CHECKED;

/** Run the start hook. */
enum cor_exit cor_program_start(struct cor_program *program) COR_CHECKED;

/** The executor of a job that runs now; NULL: none does. `arg` is the program, before its stop. */
const struct cor_executor *cor_program_busy(void *arg) COR_CHECKED;

/** Say that jobs of that executor are the end of the program. */
void cor_jobs_say_left(struct cor_logger *logger, const struct cor_executor *executor);

/** Let the jobs of executors come to their end, if the start hook has run. */
void cor_program_end_jobs(struct cor_program *program);

/** Run the stop hook, if the start hook has run and no job is left. */
void cor_program_stop(struct cor_program *program);

/**
 * Run the start hook of a thread, on that thread; `arg` is the program. Returns 0 or a negative
 * code.
 */
int cor_program_start_thread(void *arg, uint32_t thread) COR_CHECKED;

/** Run its stop hook, on that thread, if its start hook has succeeded. */
void cor_program_stop_thread(void *arg, uint32_t thread);

#endif
