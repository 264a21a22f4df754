/*
 * probe-krb5conf.h - the client's krb5.conf, read by libkrb5's own profile
 * functions and told as events.
 */
#ifndef ANALYZER_PROBE_KRB5CONF_H
#define ANALYZER_PROBE_KRB5CONF_H

#include "probe.h"

/*
 * Reads PATH, with what it includes, and posts krb5-conf, krb5-realm and
 * krb5-domain.  False when it cannot be read; a line on stderr said so.
 */
bool krb5conf_read(const char *path, event_sink sink, void *arg);

#endif
