/* SPDX-License-Identifier: Apache-2.0
 *
 * absent.c: the library that missing-dependency needs and that is deleted after linking.
 */
int absent_answer(void);

int absent_answer(void) { return 42; }
