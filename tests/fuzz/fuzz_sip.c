/* SPDX-License-Identifier: MIT */
/* SIP messages, one after another (a NUL between them), into a table of calls. */
#include <assert.h>
#include <string.h>

#include "session/sipcalls.h"
#include "wire/sip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct vc_str s, const char *text, size_t len)
{
	assert(!s.len || (s.p >= text && s.p + s.len <= text + len));
}

static void look(struct vc_sipcalls *calls, const char *text, size_t len)
{
	static const struct vc_netaddr dst = { .ip = { 10, 0, 0, 1 },
					       .port = 5004 };
	const struct vc_sipcall *call;
	const struct vc_sipend *end;
	struct vc_sip sip;
	int err = vc_sip_parse(&sip, text, len);

	if (!err) {
		inside(sip.method, text, len);
		inside(sip.call_id, text, len);
		inside(sip.from.user, text, len);
		inside(sip.to.tag, text, len);
		inside(sip.content_type, text, len);
		inside(sip.body, text, len);
	}
	vc_sipcalls_take(calls, text, len);
	if (vc_sipcalls_find(calls, &dst, &call, &end)) {
		assert(call->n_ends <= VC_SIPCALL_ENDS);
		assert(end->n_formats <= VC_SIPCALL_FORMATS);
		vc_sipcall_key(call, end);
		vc_sipcall_matches(call, "a*b?c");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_sipcalls *calls = vc_sipcalls_new();
	const char *p = (const char *)data, *end = p + size;

	while (p && p < end) {
		const char *nul = memchr(p, '\0', (size_t)(end - p));
		size_t len = (size_t)((nul ? nul : end) - p);

		vc_sip_looks((const uint8_t *)p, len);
		look(calls, p, len);
		p = nul ? nul + 1 : NULL;
	}
	vc_sipcalls_free(calls);
	return 0;
}
