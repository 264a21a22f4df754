/*
 * layout.h - how screens divide what room they have.
 */
#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include "view.h"

/* What the first screen would like to have, in lines. */
struct layout_want {
	int verdict; /* of the sentence */
	int causes;  /* one each */
	int brief;   /* of the selected cause; at most, when asked for */
	int rows;    /* log-ons */
};

/* The first screen; an area without lines is not shown. */
struct layout {
	struct area verdict, causes, brief, list, ladder;
	bool beside; /* the ladder stands at the right of the list */
};

/* Lines that the brief may have at most; the rest of WANT counts. */
int layout_brief(const struct area *a, const struct layout_want *want);

void layout_first(const struct area *a, const struct layout_want *want,
    struct layout *l);

/* Columns of the list of log-ons; 0: not shown. */
struct layout_columns {
	int number, time, outcome, who, service, carrier, cause;
};

void layout_list(int w, struct layout_columns *c);

#endif
