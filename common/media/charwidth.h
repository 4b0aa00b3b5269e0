/* SPDX-License-Identifier: MIT */
/*
 * How many columns a character takes, by the C library's tables of Unicode,
 * whatever the user's locale is.
 */
#ifndef VC_MEDIA_CHARWIDTH_H
#define VC_MEDIA_CHARWIDTH_H

#include <stdint.h>

struct vc_charwidth;

/* NULL when out of memory, or where no locale knows Unicode. */
struct vc_charwidth *vc_charwidth_new(void);
void vc_charwidth_free(struct vc_charwidth *w);

/*
 * 0 (it combines) to 2. What is not known takes one, as it is shown as
 * something; all of it where 'w' is NULL.
 */
int vc_charwidth_of(const struct vc_charwidth *w, int32_t c);

#endif
