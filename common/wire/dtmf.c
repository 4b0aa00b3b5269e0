/* SPDX-License-Identifier: MIT */
/* event(8) E R volume(6) duration(16) */
#include "wire/dtmf.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"

#define END 0x80
#define VOLUME 0x3f

static const char digits[] = "0123456789*#ABCD";

int vc_dtmf_parse(struct vc_dtmf *d, const uint8_t *p, size_t len)
{
	if (len != VC_DTMF_LEN)
		return -EBADMSG;
	*d = (struct vc_dtmf){
		.event = p[0],
		.end = p[1] & END,
		.volume = p[1] & VOLUME,
		.duration = vc_get_u16(p + 2),
	};
	return 0;
}

void vc_dtmf_write(uint8_t out[static VC_DTMF_LEN], const struct vc_dtmf *d)
{
	uint8_t volume = d->volume > VOLUME ? VOLUME : d->volume;

	out[0] = d->event;
	out[1] = (uint8_t)((d->end ? END : 0) | volume);
	vc_put_u16(out + 2, d->duration);
}

char vc_dtmf_digit(uint8_t event)
{
	return event < VC_DTMF_DIGITS ? digits[event] : 0;
}

int vc_dtmf_event(char digit)
{
	const char *at;

	if (digit >= 'a' && digit <= 'd')
		digit = (char)(digit - 'a' + 'A');
	at = digit ? strchr(digits, digit) : NULL;
	return at ? (int)(at - digits) : -1;
}
