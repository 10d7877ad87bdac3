/* SPDX-License-Identifier: ISC */
/* qmhost.c: control files as the vectors write them. */
#include "test.h"

#include "qmhost.h"

#include <stdlib.h>
#include <string.h>

/* One escape behind the backslash; the rest of the text. */
static const char *unescape(const char *p, struct mt_text *out)
{
	static const char names[] = "nrt0", bytes[] = "\n\r\t";
	char *end, c, hex[3] = "";
	if (*p == '*') {
		for (long n = strtol(p + 1, &end, 10); n > 0; n--)
			mt_text_add(out, (struct mt_str){end, 1});
		return end + 1;
	}
	if (*p == 'x') {
		memcpy(hex, p + 1, 2);
		c = (char)strtol(hex, NULL, 16);
		mt_text_add(out, (struct mt_str){&c, 1});
		return p + 3;
	}
	const char *at = strchr(names, *p);
	assert_non_null(at);
	mt_text_add(out, (struct mt_str){bytes + (at - names), 1});
	return p + 1;
}

struct mt_str qm_unescaped(struct mt_arena *arena, const char *text)
{
	struct mt_text out = MT_TEXT_INIT(arena);
	for (const char *p = text; *p;)
		if (*p == '\\')
			p = unescape(p + 1, &out);
		else
			mt_text_add(&out, (struct mt_str){p++, 1});
	return mt_text_str(&out);
}

void qm_add_file(struct mt_text *t, const char *name, const char *text)
{
	bool folder = strcmp(text, "(directory)") == 0;
	if (strcmp(text, "(absent)") == 0) {
		mt_text_addf(t,
			     QM_NONCE " file ? absent - - - - - - " QM_CONTROL "%s\n" QM_NONCE
				      " end\n",
			     name);
		return;
	}
	struct mt_str bytes =
		strcmp(text, "(empty)") == 0 ? MT_STR("") : qm_unescaped(t->arena, text);
	mt_text_addf(t, QM_NONCE " file %c present 644 0 0 1 1 %zu " QM_CONTROL "%s\n",
		     folder ? 'd' : 'f', bytes.n, name);
	if (!folder) {
		mt_text_addf(t, QM_NONCE " data %zu\n", bytes.n);
		mt_text_add(t, bytes);
		mt_text_addf(t, "\n");
	}
	mt_text_addf(t, QM_NONCE " end\n");
}

void qm_add_probe(struct mt_text *t, const char *name, const char *text)
{
	mt_text_addf(t, QM_NONCE " probe present %s\n" QM_NONCE " data -\n%s\n" QM_NONCE " end 0\n",
		     name, text);
}
