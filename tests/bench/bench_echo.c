/* SPDX-License-Identifier: MIT */
/*
 * What echo cancellation costs: the whole chain while somebody is played and
 * heard, as a share of one core. The peer is the same without echo, so that
 * the ratio tells what is the canceller's.
 */
#include "bench.h"

#include "media/voice.h"
#include "speech.h"

#define SECONDS 20
#define ROUNDS 3
#define N VC_VOICE_FRAME

static int16_t far[SECONDS * 100][N], heard[SECONDS * 100][N];

static void speak(void)
{
	struct room *room = vc_alloc(1, sizeof(*room));
	struct speech s;

	speech_init(&s, 1, 110);
	room_init(room, 1, 100, 120, 0.5);
	for (int k = 0; k < SECONDS * 100; k++) {
		double x[N];

		speech_read(&s, x, N);
		for (int i = 0; i < N; i++) {
			far[k][i] = speech_sample(x[i]);
			heard[k][i] = speech_sample(room_hear(room, x[i]));
		}
	}
	free(room);
}

/* Percent of a core. */
static double cost(const struct vc_voice_conf *conf)
{
	struct vc_voice *v = vc_voice_new(conf);
	int64_t begun = now_ns(CLOCK_PROCESS_CPUTIME_ID);

	need(v, "vc_voice_new");
	for (int k = 0; k < SECONDS * 100; k++) {
		int16_t pcm[N];

		memcpy(pcm, heard[k], sizeof(pcm));
		vc_voice_far(v, k * 10 * VC_MS, far[k], N);
		vc_voice_near(v, k * 10 * VC_MS, pcm, N);
	}
	vc_voice_free(v);
	return (double)(now_ns(CLOCK_PROCESS_CPUTIME_ID) - begun) * 100 /
	       SECONDS / VC_SEC;
}

int main(void)
{
	const struct vc_voice_conf all = { true, true, true, true, NULL },
				   rest = { false, true, true, true, NULL };
	double with[ROUNDS], without[ROUNDS], a, b;

	speak();
	for (int i = 0; i < ROUNDS; i++) {
		with[i] = cost(&all);
		without[i] = cost(&rest);
	}
	a = median(with, ROUNDS);
	b = median(without, ROUNDS);
	printf("{\"bench\":\"voice chain with echo cancellation\","
	       "\"value\":%.2f,\"unit\":\"%% of a core\","
	       "\"peer\":\"without\",\"peer_value\":%.2f,\"ratio\":%.2f}\n",
	       a, b, a / b);
	fprintf(stderr,
		"\nvoice chain: %.2f %% of a core, without echo "
		"cancellation %.2f\n",
		a, b);
	return 0;
}
