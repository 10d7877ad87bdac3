/* SPDX-License-Identifier: ISC */
/* log_reply.h: what a server said, made ready for words to be found in it. */
#ifndef MT_LOG_REPLY_H
#define MT_LOG_REPLY_H

#include <mtapin/address.h>

#include "core/log/log_words.h"

#define MT_LOG_REPLY_MAX 1536

struct mt_log_reply {
	size_t n;
	struct mt_addr named; /* the first one that is not the server's own */
	bool coded; /* it begins with a reply code: a server said it */
	int code; /* 550 */
	char class; /* of the enhanced code "5.7.25": '5'; 0: there is none */
	int subject, detail; /* 7, 25 */
	char p[MT_LOG_REPLY_MAX + MT_LOG_WORD_PAD];
};

/* Lower case, one blank for many, addresses as one byte, codes of further lines left out. `peer`: the server's address. */
void mt_log_reply_read(struct mt_log_reply *text, struct mt_str reply, struct mt_addr peer);

#endif
