/* SPDX-License-Identifier: ISC */
/* choices.c: what the wizard recommends: hosts of two addresses a family at most, and what comes of each. */
#include "test.h"

#include "app/choices.h"

/* An address: its last digit, and what the check says of it. */
struct seen {
	char digit; /* '\0': there is none */
	enum mt_truth good;
	bool lacks_helo, here;
};
static const struct {
	const char *title;
	enum mt_family family;
	enum mt_off off;
	struct seen seen[2];
	enum mt_pin pin;
	char digit; /* of what is recommended */
} table[] = {
	{"the good one",
	 MT_V4,
	 MT_OFF_BOUNCES,
	 {{'1', MT_NO, false, true}, {'2', MT_YES, false, true}},
	 MT_PIN_ADDRESS,
	 '2'},
	{"a good one before one that wants a name",
	 MT_V4,
	 MT_OFF_BOUNCES,
	 {{'1', MT_NO, true, true}, {'2', MT_YES, false, true}},
	 MT_PIN_ADDRESS,
	 '2'},
	{"else the one that wants a name",
	 MT_V4,
	 MT_OFF_BOUNCES,
	 {{'1', MT_NO, false, true}, {'2', MT_NO, true, true}},
	 MT_PIN_ADDRESS,
	 '2'},
	{"the first of two that want one",
	 MT_V6,
	 MT_OFF_WAITS,
	 {{'1', MT_NO, true, true}, {'2', MT_NO, true, true}},
	 MT_PIN_ADDRESS,
	 '1'},
	{"all bad", MT_V4, MT_OFF_BOUNCES, {{'1', MT_NO, false, true}}, MT_PIN_KEEP, 0},
	{"IPv4 is never put off", MT_V4, MT_OFF_WAITS, {{'1', MT_NO, false, true}}, MT_PIN_KEEP, 0},
	{"IPv6 is, where its mail waits",
	 MT_V6,
	 MT_OFF_WAITS,
	 {{'1', MT_NO, false, true}},
	 MT_PIN_OFF,
	 0},
	{"not where it bounces",
	 MT_V6,
	 MT_OFF_BOUNCES,
	 {{'1', MT_NO, false, true}},
	 MT_PIN_KEEP,
	 0},
	{"not where nothing does it",
	 MT_V6,
	 MT_OFF_NONE,
	 {{'1', MT_NO, false, true}},
	 MT_PIN_KEEP,
	 0},
	{"not while one is not known to be bad",
	 MT_V6,
	 MT_OFF_WAITS,
	 {{'1', MT_NO, false, true}, {'2', MT_UNKNOWN, false, true}},
	 MT_PIN_KEEP,
	 0},
	{"unless that one is not here",
	 MT_V6,
	 MT_OFF_WAITS,
	 {{'1', MT_NO, false, true}, {'2', MT_UNKNOWN, false, false}},
	 MT_PIN_OFF,
	 0},
};

static struct mt_addr address(enum mt_family family, char digit)
{
	char text[] = "192.0.2.?", text6[] = "2001:db8::?";
	char *of = family == MT_V4 ? text : text6;
	struct mt_addr addr;
	of[strlen(of) - 1] = digit;
	assert_true(mt_addr_parse(mt_str_of(of), &addr));
	return addr;
}

static void recommends(void **state)
{
	(void)state;
	static const struct mt_ifaddr up = {.up = true};
	for (size_t i = 0; i < MT_ARRAY_LEN(table); i++) {
		enum mt_family family = table[i].family;
		const struct mt_families rule = {.off = table[i].off};
		const struct mt_mta mta = {.families = &rule};
		static const struct mt_check_options options;
		struct mt_checked row[3] = {0};
		const struct mt_check check = {.options = &options, .rows = row};
		/* the first row is of the other family: it is never meant */
		row[0] = (struct mt_checked){.addr = address(!family, '9'),
					     .at = &up,
					     .good = MT_YES,
					     .lacks_helo = true};
		for (size_t k = 0; k < 2 && table[i].seen[k].digit; k++) {
			const struct seen *s = &table[i].seen[k];
			row[k].next = &row[k + 1];
			row[k + 1] = (struct mt_checked){.addr = address(family, s->digit),
							 .at = s->here ? &up : NULL,
							 .good = s->good,
							 .lacks_helo = s->lacks_helo};
		}
		struct mt_pin_goal goal = mt_recommended_pin(&check, &mta, family);
		print_message("# %s\n", table[i].title);
		assert_int_equal(goal.pin, table[i].pin);
		if (goal.pin == MT_PIN_ADDRESS)
			assert_true(mt_addr_eq(goal.addr, address(family, table[i].digit)));
	}
}

/* What the world does not see is an address of this host all the same; one that was checked is listed already. */
static void unseen(void **state)
{
	(void)state;
	struct mt_checked row = {.addr = address(MT_V4, '1')};
	const struct mt_check check = {.rows = &row};
	struct mt_ifaddr at = {.addr = address(MT_V4, '2'), .up = true};
	assert_true(mt_is_unseen(&check, &at, MT_V4));
	assert_false(mt_is_unseen(&check, &at, MT_V6));
	at.addr = row.addr;
	assert_false(mt_is_unseen(&check, &at, MT_V4));
	at.addr = address(MT_V4, '2');
	at.up = false;
	assert_false(mt_is_unseen(&check, &at, MT_V4));
	at.up = true;
	assert_true(mt_addr_parse(MT_STR("127.0.0.1"), &at.addr));
	assert_false(mt_is_unseen(&check, &at, MT_V4));
}

static void likely(void **state)
{
	(void)state;
	struct mt_mta second = {.state = MT_STATE_RUNNING},
		      first = {.state = MT_STATE_STOPPED, .next = &second};
	const struct mt_model model = {.mtas = &first};
	assert_ptr_equal(mt_likely_mta(&model), &second);
	second.state = MT_STATE_STOPPED;
	assert_ptr_equal(mt_likely_mta(&model), &first);
}

static void helo(void **state)
{
	(void)state;
	struct mt_checked row = {.confirmed = "mail.example.com"};
	assert_true(mt_wants_helo(&row));
	row.helo_is_ptr = true;
	assert_false(mt_wants_helo(&row));
	row = (struct mt_checked){.confirmed = ""};
	assert_false(mt_wants_helo(&row));
	row.confirmed = "localhost"; /* no name to say */
	assert_false(mt_wants_helo(&row));
	assert_false(mt_wants_helo(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(recommends), cmocka_unit_test(unseen),
					   cmocka_unit_test(likely), cmocka_unit_test(helo)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
