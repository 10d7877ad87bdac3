/* SPDX-License-Identifier: ISC */
/* clock.h: the clocks that do not jump, in milliseconds. */
#ifndef MT_CLOCK_H
#define MT_CLOCK_H

#include <stdint.h>

int64_t mt_now_ms(void); /* CLOCK_MONOTONIC: stands still while the host sleeps */
int64_t mt_boot_ms(void); /* CLOCK_BOOTTIME: does not */
void mt_sleep_ms(unsigned ms); /* also when a signal comes */

#endif
