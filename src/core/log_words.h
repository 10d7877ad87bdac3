/* SPDX-License-Identifier: ISC */
/* log_words.h: the words of both tables, found in one pass. */
#ifndef MT_LOG_WORDS_H
#define MT_LOG_WORDS_H

#include <mtapin/log.h>

/* What words of data/words.tsv speak of. */
#define MT_LOG_FEATURES(X)                                                                         \
	X(PTR)                                                                                     \
	X(PTRMAY)                                                                                  \
	X(DYN) X(HELO) X(BAD) X(V6) X(SPF) X(SPFIP) X(AUTH) X(LIST) X(BLOCK) X(BLOCKIP) X(DEFER)   \
		X(REP) X(REPIP) X(DOMREP) X(US) X(THEM) X(RATE) X(RATEIP) X(OTHERRATE) X(RCPTS)    \
			X(USER) X(FULL) X(SIZE) X(CONTENT) X(POLICY) X(SENDER) X(RELAY)            \
				X(RELAYNOT) X(GREY) X(LATER) X(RECEIVER) X(RECEIVERMAY) X(QUERY)   \
					X(NET) X(UNREACH) X(DNS)
enum mt_log_feature_bit {
#define X(name) MT_BIT_##name,
	MT_LOG_FEATURES(X)
#undef X
};
#define MT_HAS(name) ((uint64_t)1 << MT_BIT_##name)

#define MT_LOG_ADDRESS_BYTE '@' /* stands for an address, in tables and in text made ready */

struct mt_log_words;
struct mt_log_words *mt_log_words_new(struct mt_arena *arena, size_t bytes);
/* `row`: of the table of texts, from 1; 0: none. */
void mt_log_words_add(struct mt_log_words *words, const char *word, uint64_t features,
		      unsigned row);
void mt_log_words_ready(struct mt_log_words *words);

struct mt_log_found {
	uint64_t features;
	unsigned row; /* the lowest found; 0: none */
};
struct mt_log_found mt_log_words_find(const struct mt_log_words *words, struct mt_str text);

#endif
