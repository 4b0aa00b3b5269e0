/* SPDX-License-Identifier: MIT */
/*
 * What was sent back a moment ago. Two that answer everything would answer each
 * other for ever; who does not send the same octets to the same address again so
 * soon ends that. Bounded: a later one takes the place of an earlier one, and
 * there are more places than packets under way in the fastest such loop.
 */
#ifndef VC_PROBE_ECHOES_H
#define VC_PROBE_ECHOES_H

#include <stdbool.h>
#include <stdint.h>

struct echoes;
struct vc_udp_msg;

struct echoes *echoes_new(void);
void echoes_free(struct echoes *e);
/* Whether the octets of 'm' went to where it is from within a second; they do
 * now. */
bool echoes_again(struct echoes *e, const struct vc_udp_msg *m, int64_t now);

#endif
