/* SPDX-License-Identifier: MIT */
/*
 * Pages of Ogg and the packets in them. What is read is written again, which
 * must be the same; no packet reaches beyond its page.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/ogg.h"
#include "wire/opus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct vc_ogg_page *page)
{
	struct vc_ogg_at at = { 0 };
	const uint8_t *p;
	struct vc_opus_head head;
	struct vc_str title;
	size_t len, sum = 0;
	bool is_whole;

	while (vc_ogg_packet_next(page, &at, &p, &len, &is_whole)) {
		if (p < page->body || len > page->len - sum)
			abort();
		sum += len;
		(void)vc_opus_head_parse(&head, p, len);
		if (!vc_ogg_tags_parse(&title, p, len) && title.len > len)
			abort();
	}
	if (sum != page->len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[VC_OGG_PAGE_MAX];
	struct vc_ogg_page page;
	size_t at = 0, n;

	while (at < size &&
	       vc_ogg_page_parse(&page, data + at, size - at, &n) == 1) {
		struct vc_wr w = vc_wr_over(room, sizeof(room));

		walk(&page);
		vc_ogg_page_write(&w, &page);
		if (vc_wr_len(&w) != n || memcmp(room, data + at, n))
			abort();
		at += n;
	}
	/* The sum hides what is behind it. */
	page = (struct vc_ogg_page){ .n = size ? data[0] : 0 };
	if (size > 1 + (size_t)page.n) {
		page.segments = data + 1;
		page.body = data + 1 + page.n;
		for (unsigned int i = 0; i < page.n; i++)
			page.len += page.segments[i];
		if (page.len <= size - 1 - page.n)
			walk(&page);
	}
	return 0;
}
