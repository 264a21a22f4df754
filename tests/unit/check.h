/*
 * check.h - for tests: what does not hold is printed and counted.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdio.h>

#define UNUSED __attribute__((unused))

static int failures;

#define CHECK(x)                                                       \
	do {                                                           \
		if (!(x)) {                                            \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #x); \
			failures++;                                    \
		}                                                      \
	} while (0)

#endif
