#!/bin/sh
# SPDX-License-Identifier: ISC
# Make ./configure from configure.ac (needs autoconf, automake, libtool, pkg-config).
cd "$(dirname "$0")" && mkdir -p m4 build-aux && exec autoreconf -fi
