/* SPDX-License-Identifier: MIT */
/**
 * Nobody in a simulation may ask the system for time, randomness, descriptors or threads. While the
 * wire is armed the program ends with the name of a call that does; memory may be asked for.
 */
#ifndef TESTS_SIMULATION_TRIPWIRE_H
#define TESTS_SIMULATION_TRIPWIRE_H

/** Around everything that the service does. */
void tripwire_arm(void);
void tripwire_disarm(void);

/** How many descriptors are open: the same before and after. */
int tripwire_descriptors(void);

#endif
