/* SPDX-License-Identifier: Apache-2.0
 *
 * no-entry.c: a shared library that is no plugin.
 */
int answer(void);

int answer(void) { return 42; }
