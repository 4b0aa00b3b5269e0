/* SPDX-License-Identifier: MIT */
#include "tool/capcall.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

static void add_formats(struct vc_capcall *to, const struct vc_sipend *end)
{
	for (unsigned int i = 0;
	     i < end->n_formats && to->n_formats < VC_SIPCALL_FORMATS; i++) {
		to->kinds[to->n_formats] = end->kind;
		to->formats[to->n_formats] = end->formats[i];
		to->n_formats++;
	}
}

void vc_capcall_by_sip(struct vc_capcall *to, const struct vc_sipcall *call,
		       const struct vc_sipend *end)
{
	const struct vc_sipend *other = vc_sipcall_other(call, end);

	*to = (struct vc_capcall){ 0 };
	vc_strlcpy(to->id, call->id, sizeof(to->id));
	vc_strlcpy(to->caller, call->caller, sizeof(to->caller));
	vc_strlcpy(to->callee, call->callee, sizeof(to->callee));
	add_formats(to, end);
	to->is_sealed = end->n_keys && (!other || other->n_keys);
}

void vc_capcall_by_rtsp(struct vc_capcall *to, const struct vc_rtspcall *rtsp,
			uint16_t lane)
{
	const struct vc_sipend *end = NULL;

	*to = (struct vc_capcall){ .is_rtsp = true };
	if (lane)
		end = vc_rtspcall_section(rtsp, lane);
	if (end)
		add_formats(to, end);
	for (unsigned int i = 0; i < rtsp->n && !lane; i++)
		add_formats(to, &rtsp->sections[i]);
}

void vc_capcall_fill_tcp(struct vc_json *record,
			 const struct vc_tcpcalls_counts *n)
{
	const struct {
		const char *key;
		uint64_t n;
	} rows[] = {
		{ "rtsp", n->rtsp },
		{ "segments", n->segments },
		{ "connections", n->connections },
		{ "retransmitted", n->retransmitted },
		{ "holes", n->holes },
		{ "tcp_bad", n->bad },
		{ "tcp_forgotten", n->forgotten },
		{ "interleaved", n->interleaved },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++)
		vc_json_set_int(record, rows[i].key, (int64_t)rows[i].n);
}
