#!/bin/sh
# SPDX-License-Identifier: ISC
# Every host case of this folder.
exec "$builddir/tests/cases/run" "$srcdir"/tests/cases/*.case
