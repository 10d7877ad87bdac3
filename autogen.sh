#!/bin/sh
# SPDX-License-Identifier: ISC
# Make ./configure from configure.ac.
cd "$(dirname "$0")" && scripts/needs autogen && mkdir -p m4 build-aux && exec autoreconf -fi
