/* SPDX-License-Identifier: MIT */
/**
 * A simulation may ask the system for memory, but not for time, randomness, descriptors or threads.
 * While the wire is armed, such a call prints its name and ends the program.
 */
#ifndef TESTS_SIMULATION_TRIPWIRE_H
#define TESTS_SIMULATION_TRIPWIRE_H

/** Call these around everything that the service does. */
void tripwire_arm(void);
void tripwire_disarm(void);

/** How many descriptors are open: as many before as after. */
int tripwire_descriptors(void);

#endif
