/*
 * list.c - lists in which one line is selected, and texts that scroll.
 */
#include "view.h"

void
list_fit(struct list *l, size_t n, size_t page)
{
	l->n = n;
	l->page = page < 1 ? 1 : page;
	if (l->at >= n)
		l->at = n == 0 ? 0 : n - 1;
	if (l->top > l->at)
		l->top = l->at;
	if (l->at - l->top >= l->page)
		l->top = l->at - l->page + 1;
	/* No empty lines below while there are some above. */
	if (l->top > 0 && n - l->top < l->page)
		l->top = n > l->page ? n - l->page : 0;
}

/* Where the movement C leads from AT with lines 0 to LAST. */
static bool
moved(enum command c, size_t last, size_t page, size_t *at)
{
	switch (c) {
	case COMMAND_UP:
		*at -= *at > 0;
		return true;
	case COMMAND_DOWN:
		*at += *at < last;
		return true;
	case COMMAND_PAGE_UP:
		*at -= *at < page ? *at : page;
		return true;
	case COMMAND_PAGE_DOWN:
		*at = last - *at < page ? last : *at + page;
		return true;
	case COMMAND_HOME:
		*at = 0;
		return true;
	case COMMAND_END:
		*at = last;
		return true;
	default:
		return false;
	}
}

bool
list_command(struct list *l, enum command c)
{
	size_t page = l->page > 1 ? l->page - 1 : 1;

	if (!moved(c, l->n == 0 ? 0 : l->n - 1, page, &l->at))
		return false;
	list_fit(l, l->n, l->page);
	return true;
}

bool
list_scroll(struct list *l, enum command c)
{
	size_t page = l->page > 1 ? l->page - 1 : 1;
	size_t last = l->n > l->page ? l->n - l->page : 0;

	if (l->top > last)
		l->top = last;
	if (!moved(c, last, page, &l->top))
		return false;
	l->at = l->top;
	return true;
}
