/* SPDX-License-Identifier: MIT */
/*
 * GStreamer keeps what it knows of its plugins in a registry file, by default
 * $XDG_CACHE_HOME/gstreamer-1.0/registry.ARCH.bin. Where that folder cannot be
 * made or written it scans all plugins at every start, so a file of our own
 * is named instead. The registry says which code is loaded: a folder in /tmp is
 * used only if it is ours and nobody else can write there.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gst/gst.h>

#include "gst/init.h"

/* Makes the last folder of the path; its parent has to be there. */
static bool is_usable_dir(const char *path)
{
	if (mkdir(path, 0700) && errno != EEXIST)
		return false;
	return !access(path, W_OK | X_OK);
}

static bool is_private_dir(const char *path)
{
	struct stat st;

	return is_usable_dir(path) && !lstat(path, &st) &&
	       S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & 022);
}

/* The cache folder by the XDG rules, made if need be. */
static bool cache_dir(char *buf, size_t cap)
{
	const char *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	int n = -1;

	if (xdg && xdg[0] == '/')
		n = snprintf(buf, cap, "%s", xdg);
	else if (home && home[0] == '/')
		n = snprintf(buf, cap, "%s/.cache", home);
	return n > 0 && (size_t)n < cap && is_usable_dir(buf);
}

int vc_gst_registry(char *buf, size_t cap)
{
	char cache[PATH_MAX];
	char dir[PATH_MAX + 16];

	if (getenv("GST_REGISTRY") || getenv("GST_REGISTRY_1_0"))
		return 0;
	if (cache_dir(cache, sizeof(cache))) {
		snprintf(dir, sizeof(dir), "%s/gstreamer-1.0", cache);
		if (is_usable_dir(dir))
			return 0;
		snprintf(dir, sizeof(dir), "%s/vc", cache);
		if (is_usable_dir(dir))
			goto found;
	}
	snprintf(dir, sizeof(dir), "/tmp/vc-%u", (unsigned int)geteuid());
	if (!is_private_dir(dir))
		return -EACCES;
found:;
	int n = snprintf(buf, cap, "%s/gstreamer-1.0.registry", dir);

	return n > 0 && (size_t)n < cap ? 1 : -ENAMETOOLONG;
}

static void say_nothing(const gchar *domain, GLogLevelFlags level,
			const gchar *text, gpointer user)
{
	(void)domain;
	(void)level;
	(void)text;
	(void)user;
}

int vc_gst_init(void)
{
	char path[PATH_MAX];
	GError *err = NULL;

	if (gst_is_initialized())
		return 0;
	if (!getenv("GST_DEBUG"))
		g_log_set_default_handler(say_nothing, NULL);
	if (vc_gst_registry(path, sizeof(path)) > 0)
		setenv("GST_REGISTRY", path, 0);
	gst_segtrap_set_enabled(FALSE);
	if (gst_init_check(NULL, NULL, &err))
		return 0;
	g_clear_error(&err);
	return -ENOSYS;
}
