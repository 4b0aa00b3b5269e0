/* SPDX-License-Identifier: MIT */
/* A list by time; what is added is nearly always the latest. */
#include "agenda.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"

int agenda_add(struct agenda *a, int64_t at, enum turn turn, uint64_t source,
	       struct vc_json *note)
{
	struct agenda_item *item = NULL, **p = &a->first;
	int err = 0;

	if (turn == TURN_NOTE && a->n >= AGENDA_MAX)
		err = -ENOSPC;
	else if (!(item = vc_try_alloc(1, sizeof(*item))))
		err = -ENOMEM;
	if (err) {
		a->dropped++;
		vc_json_free(note);
		return err;
	}
	*item = (struct agenda_item){ .at = at,
				      .turn = turn,
				      .source = source,
				      .note = note };
	if (a->last && a->last->at <= at)
		p = &a->last->next;
	while (*p && (*p)->at <= at)
		p = &(*p)->next;
	item->next = *p;
	*p = item;
	if (!item->next)
		a->last = item;
	a->n++;
	return 0;
}

static struct agenda_item *unlink_after(struct agenda *a,
					struct agenda_item *before)
{
	struct agenda_item **p = before ? &before->next : &a->first;
	struct agenda_item *item = *p;

	*p = item->next;
	if (a->last == item)
		a->last = before;
	a->n--;
	return item;
}

struct agenda_item *agenda_take(struct agenda *a, int64_t now)
{
	if (!a->first || a->first->at > now)
		return NULL;
	return unlink_after(a, NULL);
}

struct agenda_item *agenda_take_of(struct agenda *a, uint64_t source)
{
	struct agenda_item *before = NULL;

	for (struct agenda_item *i = a->first; i; before = i, i = i->next)
		if (i->turn == TURN_NOTE && i->source == source)
			return unlink_after(a, before);
	return NULL;
}

void agenda_free_item(struct agenda_item *item)
{
	if (!item)
		return;
	vc_json_free(item->note);
	free(item);
}

void agenda_clear(struct agenda *a)
{
	struct agenda_item *item;

	while ((item = agenda_take(a, INT64_MAX)))
		agenda_free_item(item);
}
