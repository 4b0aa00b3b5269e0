/* SPDX-License-Identifier: MIT */
/* What a capture tells of a source beside its packets: addresses, what IP says,
 * the call it is of. */
#ifndef VC_PROBE_CAUGHT_H
#define VC_PROBE_CAUGHT_H

struct caught;
struct meter;
struct probe;
struct vc_capscan_packet;
struct vc_json;

/* A packet of 'm'; makes m->caught with the first. */
void caught_put(struct meter *m, const struct vc_capscan_packet *p);
/* NULL is fine. */
void caught_free(struct caught *c);
/* The members "addr" and "capture" of a source; of the whole "capture". */
void caught_record(struct vc_json *o, const struct meter *m);
void caught_record_whole(struct vc_json *o, const struct probe *p);

#endif
