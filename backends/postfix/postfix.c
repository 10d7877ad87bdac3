/* SPDX-License-Identifier: ISC */
#include <mtapin/backend.h>
