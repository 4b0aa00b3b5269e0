/* SPDX-License-Identifier: MIT */
/*
 * Numbers with units from the command line. The whole text must be used.
 * 0, -EINVAL (not such a number), -ERANGE (out of [min, max]), -EDOM (a bare
 * number where a unit matters: the caller shows both readings).
 */
#ifndef VC_BASE_NUM_H
#define VC_BASE_NUM_H

#include <stdint.h>

int vc_num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *v);
int vc_num_i64(const char *s, int64_t min, int64_t max, int64_t *v);
int vc_num_real(const char *s, double min, double max, double *v);

/* "200ms" "10s" "1.5s" "95m" "1h30m" "20us"; 0 needs no unit. ns, >= 0. */
int vc_num_time(const char *s, int64_t *ns);

/* "2s-5s", or "2s-", which ends never (INT64_MAX). */
int vc_num_range(const char *s, int64_t *from, int64_t *to);

/* "800k" "1.5M" "64000": bits a second; a bare number >= 1000 is bits. */
int vc_num_rate(const char *s, uint64_t *bits_per_second);

/* "50G" "50GiB" "1500": octets, decimal and binary units. */
int vc_num_size(const char *s, uint64_t *octets);

/* "640x360", each 1..16384. */
int vc_num_dims(const char *s, int *width, int *height);

/* "30", "29.97", "30000/1001": frames a second as a fraction. */
int vc_num_fps(const char *s, int *num, int *den);

#endif
