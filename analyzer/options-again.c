/*
 * options-again.c - the options that made a report what it is, as words of a
 * shell: a command that a report prints asks the same question again.
 *
 * What only changes where or how the report is written is left out, and so
 * is what cannot be written as a word.
 */
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "text.h"

/* WORDS with " --NAME VALUE" behind them; takes WORDS over. */
static char *
add(char *words, const char *name, const char *value)
{
	char *word = value == NULL ? NULL : text_shell(value), *more;

	if (word == NULL)
		return words;
	more = text_printf("%s --%s %s", words, name, word);
	free(word);
	free(words);
	return more;
}

static char *
add_list(char *words, const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		words = add(words, name, list[i]);
	return words;
}

static char *
add_decodes(char *words, const struct options *o)
{
	for (size_t i = 0; i < o->ndecodes; i++) {
		char *value = text_printf("%s/%u=%s",
		    o->decodes[i].transport == TRANSPORT_TCP ? "tcp" : "udp",
		    (unsigned)o->decodes[i].port, o->decodes[i].carrier);

		words = add(words, "decode", value);
		free(value);
	}
	return words;
}

static char *
add_skew(char *words, const struct options *o)
{
	char *value;

	if (o->skew == SKEW_DEFAULT * SECOND)
		return words;
	value = text_printf("%lld", (long long)(o->skew / SECOND));
	words = add(words, "skew", value);
	free(value);
	return words;
}

char *
options_again(const struct options *o)
{
	char *words = text_printf("%s", "");

	words = add_list(words, "keytab", o->keytabs, o->nkeytabs);
	for (size_t i = 0; i < o->npasswords; i++) {
		words = add(words, "password-for", o->passwords[i].principal);
		words = add(words, "password-file", o->passwords[i].file);
	}
	words = add_list(words, "ldif", o->ldifs, o->nldifs);
	words = add_list(words, "ldap", o->ldaps, o->nldaps);
	words = add(words, "ldap-user", o->ldap_user);
	words = add(words, "ldap-password-file", o->ldap_password);
	words = add(words, "ldap-ca", o->ldap_ca);
	words = add(words, "krb5-conf", o->krb5_conf);
	words = add_skew(add_decodes(words, o), o);
	return add(words, "filter", o->filter);
}
