/* SPDX-License-Identifier: MIT */
/*
 * JSON, by jansson. Members keep the order in which they were set; text is
 * compact and on one line; strings from outside are repaired to UTF-8
 * (U+FFFD) and escaped. Objects are built at start-up or for records, never
 * per packet. Setters cannot fail: out of memory leaves the member out.
 */
#ifndef VC_BASE_JSON_H
#define VC_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_json; /* one reference; vc_json_free() drops it */

struct vc_json *vc_json_object(void);
struct vc_json *vc_json_array(void);
void vc_json_free(struct vc_json *j);
struct vc_json *vc_json_copy(const struct vc_json *j); /* deep */

/* Members of objects. Setting one again replaces it. */
void vc_json_set_str(struct vc_json *o, const char *key, const char *s);
void vc_json_set_strn(struct vc_json *o, const char *key, const char *s,
		      size_t len);
void vc_json_set_int(struct vc_json *o, const char *key, int64_t v);
/* Not finite: null. 'decimals' 0..9 digits after the point are kept. */
void vc_json_set_real(struct vc_json *o, const char *key, double v,
		      int decimals);
void vc_json_set_bool(struct vc_json *o, const char *key, bool v);
void vc_json_set_null(struct vc_json *o, const char *key);
/* Takes over 'child'. */
void vc_json_set(struct vc_json *o, const char *key, struct vc_json *child);

/* Elements of arrays. vc_json_add() takes over 'child'. */
void vc_json_add(struct vc_json *a, struct vc_json *child);
void vc_json_add_str(struct vc_json *a, const char *s);
void vc_json_add_int(struct vc_json *a, int64_t v);

/* Reading. Borrowed from the parent; NULL or false where it is not so. */
const struct vc_json *vc_json_get(const struct vc_json *o, const char *key);
const char *vc_json_get_str(const struct vc_json *o, const char *key);
bool vc_json_get_int(const struct vc_json *o, const char *key, int64_t *v);
bool vc_json_get_real(const struct vc_json *o, const char *key, double *v);
bool vc_json_get_bool(const struct vc_json *o, const char *key, bool *v);
bool vc_json_is_array(const struct vc_json *j);
bool vc_json_is_object(const struct vc_json *j);
size_t vc_json_len(const struct vc_json *j);
const struct vc_json *vc_json_at(const struct vc_json *a, size_t i);
const char *vc_json_str_at(const struct vc_json *a, size_t i);
/* Value itself: number (integer or real), bool as 0/1. */
bool vc_json_number(const struct vc_json *j, double *v);
const char *vc_json_str(const struct vc_json *j);
/* The i-th member of an object, in order. */
const struct vc_json *vc_json_member(const struct vc_json *o, size_t i,
				     const char **key);

/* Compact text, ended by NUL, no newline; free() it. NULL: out of memory. */
char *vc_json_text(const struct vc_json *j);

/*
 * Parses one value of at most 256 KiB, depth at most 32. NULL when it is
 * not JSON; '*err' (may be NULL) then points to a constant reason.
 */
struct vc_json *vc_json_parse(const char *text, size_t len, const char **err);
/* The same of what the user himself names, at most 'max' octets. */
struct vc_json *vc_json_parse_large(const char *text, size_t len, size_t max,
				    const char **err);

/*
 * An event of vc-stream(7): {"ev":name,"t":microseconds}. 'now' in ns.
 */
struct vc_json *vc_json_event(const char *name, int64_t now);

#endif
