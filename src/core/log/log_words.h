/* SPDX-License-Identifier: ISC */
/* log_words.h: the words of both tables, found in one pass. */
#ifndef MT_LOG_WORDS_H
#define MT_LOG_WORDS_H

#include <mtapin/log.h>

/* What words of data/words.tsv speak of. */
enum mt_log_feature_bit {
	MT_BIT_PTR,
	MT_BIT_PTRMAY,
	MT_BIT_DYN,
	MT_BIT_HELO,
	MT_BIT_BAD,
	MT_BIT_V6,
	MT_BIT_SPF,
	MT_BIT_SPFIP,
	MT_BIT_AUTH,
	MT_BIT_LIST,
	MT_BIT_BLOCK,
	MT_BIT_BLOCKIP,
	MT_BIT_DEFER,
	MT_BIT_REP,
	MT_BIT_REPIP,
	MT_BIT_DOMREP,
	MT_BIT_US,
	MT_BIT_THEM,
	MT_BIT_RATE,
	MT_BIT_RATEIP,
	MT_BIT_OTHERRATE,
	MT_BIT_RCPTS,
	MT_BIT_USER,
	MT_BIT_FULL,
	MT_BIT_SIZE,
	MT_BIT_CONTENT,
	MT_BIT_POLICY,
	MT_BIT_SENDER,
	MT_BIT_RELAY,
	MT_BIT_RELAYNOT,
	MT_BIT_GREY,
	MT_BIT_LATER,
	MT_BIT_RECEIVER,
	MT_BIT_RECEIVERMAY,
	MT_BIT_QUERY,
	MT_BIT_NET,
	MT_BIT_UNREACH,
	MT_BIT_DNS,
};
#define MT_HAS(name) ((uint64_t)1 << MT_BIT_##name)

#define MT_LOG_ADDRESS_BYTE '@' /* stands for an address, in tables and in text made ready */

#define MT_LOG_WORD_MIN 4 /* bytes of the shortest word */
#define MT_LOG_WORD_PAD 8 /* bytes that must be readable behind a text */

struct mt_log_words;
struct mt_log_words *mt_log_words_new(struct mt_arena *arena, size_t limit);
/* `row`: of the table of texts, from 1; 0: none. The word is not copied. */
void mt_log_words_add(struct mt_log_words *words, const char *word, uint64_t features,
		      unsigned row);
void mt_log_words_ready(struct mt_log_words *words);

struct mt_log_found {
	uint64_t features;
	unsigned row; /* the lowest found; 0: none */
};
/* BUGS: reads MT_LOG_WORD_PAD bytes behind the text; what they are does not matter. */
struct mt_log_found mt_log_words_find(const struct mt_log_words *words, struct mt_str text);

#endif
