/*
 * read.h - captures from their beginning to their end.
 */
#ifndef ANALYZER_READ_H
#define ANALYZER_READ_H

#include "options.h"

/* `kerbscope read`: exit status. */
int read_command(const struct options *opt);
/* `kerbscope collect`: as read, but shows what would prove the findings. */
int collect_command(const struct options *opt);

#endif
