/* SPDX-License-Identifier: MIT */
/*
 * The picture that a decoded one was before it was encoded: what
 * `vc-capture test:` draws for the name, frame and time that its mark tells; or
 * that of --ref.
 */
#ifndef VC_PROBE_REFPIC_H
#define VC_PROBE_REFPIC_H

#include <stdint.h>

struct meter;
struct probe;
struct refpic;
struct vc_image;
struct vc_mark_reader;

/* Why there is none. */
enum refpic_why {
	REFPIC_NONE, /* there is one */
	REFPIC_NO_MARK,
	REFPIC_NOT_WHOLE, /* the mark is of a part of it: a grid, say */
	REFPIC_NO_NAME,	  /* nobody in the stream has that mark */
	REFPIC_EARLY,	  /* its frame rate is not known yet */
	REFPIC_UNLIKE,	  /* it is something else, with a mark on it */
	REFPIC_SIZE,	  /* --ref has another size */
	REFPIC_PAST,	  /* --ref has no such picture */
	REFPIC_WHYS,
};

/* The word for the record. */
const char *refpic_why_name(enum refpic_why why);

/* For the pictures of 'm'. NULL: out of memory. */
struct refpic *refpic_new(const struct probe *p, const struct meter *m);
void refpic_free(struct refpic *r);

/*
 * Of 'img', decoded at 'now', its place in stream time, with the marks in it. Borrowed until the next
 * call; or NULL and '*why'.
 */
const struct vc_image *refpic_get(struct refpic *r, const struct vc_image *img,
				  const struct vc_mark_reader *marks,
				  int64_t time, int64_t now,
				  enum refpic_why *why);

#endif
