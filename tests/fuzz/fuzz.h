// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What all fuzz targets share: the entry that libFuzzer and replay.c call once for each input, and
 * the check that ends the process with a place when an invariant does not hold.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition)                                                                \
	do {                                                                                 \
		if (!(condition)) {                                                          \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__,     \
				#condition);                                                 \
			abort();                                                             \
		}                                                                            \
	} while (0)
