/*
 * small.h - limits so low that a fuzzer's input reaches them: included
 * before everything else, so that bounds.h does not come again.
 */
#ifndef TESTS_FUZZ_SMALL_H
#define TESTS_FUZZ_SMALL_H

#include "bounds.h"

#undef OPEN_MAX_STORIES
#undef OPEN_MAX_CLIENTS
#undef OPEN_MAX_FLOWS
#undef KEEP_MAX_STORIES
#undef KEEP_MAX_FINDINGS
#undef LEDGER_MAX_HOSTS
#undef LEDGER_MAX_NAMES
#undef LEDGER_MAX_SERVICES
#undef LEDGER_MAX_TICKETS
#undef LEDGER_MAX_ACCOUNTS
#undef FLOW_MAX
#undef STREAM_MAX_BUFFER
#undef FRAGMENT_MAX

#define OPEN_MAX_STORIES 3
#define OPEN_MAX_CLIENTS 2
#define OPEN_MAX_FLOWS 2
#define KEEP_MAX_STORIES 2
#define KEEP_MAX_FINDINGS 2
#define LEDGER_MAX_HOSTS 2
#define LEDGER_MAX_NAMES 2
#define LEDGER_MAX_SERVICES 2
#define LEDGER_MAX_TICKETS 2
#define LEDGER_MAX_ACCOUNTS 2
#define FLOW_MAX 3
#define STREAM_MAX_BUFFER 4096
#define FRAGMENT_MAX 2

#endif
