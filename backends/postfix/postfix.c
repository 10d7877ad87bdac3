/* SPDX-License-Identifier: ISC */
/* postfix.c: the backend as the program sees it. */
#include <mtapin/backend.h>

static void detect(struct mt_model *model, const struct mt_backend *self)
{
	(void)model;
	(void)self;
}

static void examine(struct mt_model *model, struct mt_mta *mta)
{
	(void)model;
	(void)mta;
}

extern const struct mt_backend MT_BACKEND_SYMBOL(postfix);
const struct mt_backend MT_BACKEND_SYMBOL(postfix) = {
	.abi = MT_ABI,
	.name = "postfix",
	.title = "Postfix",
	.detect = detect,
	.examine = examine,
};
