/*
 * present-story.h - the kept stories of a result as lists of steps, for -v.
 */
#ifndef ANALYZER_PRESENT_STORY_H
#define ANALYZER_PRESENT_STORY_H

#include "presenter.h"

void present_stories(const struct result *r, FILE *out);

#endif
