# redact.awk: the bytes of an item as they may leave the host; what src/core/host/redact_line.c does, for a host that has
# only sh and awk. The rules are those of mtapin/redact.h.
# SPDX-License-Identifier: ISC
#
# Set by the caller: secret, marks: of the backend; for each input syntax, goes (blank, backslash, never), columns, keep,
# prefixes, cut, follows, hides, shows (1 or 0), extra (names that are kept too).
# size: bytes of the input, -1 not known; gather: print no lines, but the names that values which leave name.
# No character class, no interval, no length(array): mawk, busybox and old awks have to read it.

function lists(  i, n, word) {
	n = split(secret, parts, " ")
	part_count = n
	n = split(marks, mark, "|")
	mark_count = n
}

# What begins with this row.
function begin_row(  i, n, word, tail) {
	for (i in kept) delete kept[i]
	for (i in prefix) delete prefix[i]
	glob_count = 0
	n = split(keep " " extra, word, " ")
	for (i = 1; i <= n; i++) {
		if (word[i] ~ /\*/)
			glob[++glob_count] = word[i]
		else
			kept[word[i]] = 1
	}
	n = split(prefixes, word, " ")
	for (i = 1; i <= n; i++) prefix[word[i]] = 1
	number = open = keeps = backslash = 0
}

# Of a pattern only its ends may be stars.
function matches(pattern, name,  n, inner, front, back) {
	front = substr(pattern, 1, 1) == "*"
	back = substr(pattern, length(pattern)) == "*"
	inner = substr(pattern, 1 + front, length(pattern) - front - back)
	n = length(inner)
	if (n == 0)
		return 1
	if (front && back)
		return index(name, inner) > 0
	if (length(name) < n)
		return 0
	if (front)
		return substr(name, length(name) - n + 1) == inner
	return substr(name, 1, n) == inner
}

function is_secret(name,  i) {
	name = tolower(name)
	for (i = 1; i <= part_count; i++)
		if (index(name, parts[i]))
			return 1
	return 0
}

function is_kept(name,  i) {
	if (name == "" || is_secret(name))
		return 0
	if (name in kept)
		return 1
	for (i = 1; i <= glob_count; i++)
		if (matches(glob[i], name))
			return 1
	return 0
}

function put(s) {
	line = line s
}

# Of a value: only what leaves of it can name what leaves too.
function put_kept(s) {
	if (gather && setting != "")
		value[setting] = value[setting] s
	put(s)
}

function stars(s) {
	gsub(/[^ \t\r\v\f{}]/, "*", s)
	return s
}

function is_address(word,  dots, colons) {
	if (substr(word, 1, 5) == "IPv6:")
		word = substr(word, 6)
	if (word ~ /[^0-9A-Fa-f.:]/)
		return 0
	dots = gsub(/\./, ".", word)
	colons = gsub(/:/, ":", word)
	return colons > 1 || (dots == 3 && !colons && word !~ /[A-Fa-f]/)
}

function ends_in_backslash(s) {
	return goes == "backslash" && substr(s, length(s)) == "\\"
}

function put_secret(s,  tail, word) {
	tail = ""
	if (ends_in_backslash(s)) {
		tail = "\\"
		s = substr(s, 1, length(s) - 1)
	}
	while (shows && match(s, /[A-Za-z0-9_.:-]+/)) {
		put(stars(substr(s, 1, RSTART - 1)))
		word = substr(s, RSTART, RLENGTH)
		s = substr(s, RSTART + RLENGTH)
		put(is_address(word) ? word : stars(word))
	}
	put(stars(s) tail)
}

function put_comment(s,  i, n, low, at) {
	if (s ~ /^# [0-9]+ "[^"]*"$/) {
		put(s)
		return
	}
	match(s, /^[#!]+/)
	put(substr(s, 1, RLENGTH))
	s = substr(s, RLENGTH + 1)
	if (number > 20) {
		put(stars(s))
		return
	}
	low = tolower(s)
	while (s != "") {
		n = 0
		at = 0
		# the first of them; of two at one place the one that is listed first
		for (i = 1; i <= mark_count; i++) {
			n = index(low, mark[i])
			if (n && (!at || n < at)) {
				at = n
				which = i
			}
		}
		if (!at)
			break
		n = length(mark[which])
		put(stars(substr(s, 1, at - 1)) substr(s, at, n))
		s = substr(s, at + n)
		low = substr(low, at + n)
	}
	put(stars(s))
}

# Where the secrets of it begin, 0 nowhere: behind a cut, or behind NAME= of a secret name.
function secret_at(s,  i, n, first, at, head, rest, base) {
	first = 0
	for (i = 1; i <= length(cut); i++) {
		n = index(s, substr(cut, i, 1))
		if (n && (!first || n < first))
			first = n
	}
	rest = s
	base = 0
	while ((at = index(rest, "=")) > 0) {
		if (first && base + at >= first)
			break
		head = substr(s, 1, base + at - 1)
		sub(/[ \t\r\v\f]+$/, "", head)
		if (match(head, /[A-Za-z0-9_.-]+$/) && is_secret(substr(head, RSTART)))
			return base + at + 1
		rest = substr(rest, at + 1)
		base += at
	}
	return first ? first + 1 : 0
}

# The last word, and blanks behind it, are what the next piece is read with.
function remember_word(s) {
	before = match(s, /[^ \t\r\v\f]+[ \t\r\v\f]*$/) ? substr(s, RSTART) : ""
}

# Between two pieces of a value there was a blank.
function put_gap() {
	if (before != "")
		before = before " "
}

function keep_text(s,  at, goes_on, rest, secret, kept, skipped, begin, end) {
	at = length(before)
	goes_on = ends_in_backslash(s)
	s = before s
	secret = secret_at(s)
	kept = secret ? secret - 1 : length(s)
	# In a word that goes on the '@' of a URL may be yet to come: as if it were here.
	rest = goes_on ? substr(s, 1, length(s) - 1) "@" : s
	skipped = 0
	while (match(rest, /:\/\/[^\/@: \t\r\v\f]*:[^ \t\r\v\f]*@/)) {
		begin = RSTART + 2
		begin += skipped + index(substr(rest, begin + 1), ":")
		end = RSTART + RLENGTH - 2
		rest = substr(rest, end + 1)
		end += skipped
		skipped = end
		if (begin < at)
			begin = at
		if (end > kept)
			end = kept
		if (begin >= end)
			continue
		put_kept(substr(s, at + 1, begin - at))
		put(stars(substr(s, begin + 1, end - begin)))
		at = end
	}
	put_kept(substr(s, at + 1, kept - at))
	if (secret) {
		keeps = 0
		put_secret(substr(s, kept + 1))
	}
	remember_word(goes_on ? substr(s, 1, length(s) - 1) : s)
}

function put_value(s) {
	if (keeps)
		keep_text(s)
	else
		put_secret(s)
	if (gather && setting != "")
		value[setting] = value[setting] " "
}

function begin_value(name) {
	before = ""
	keeps = is_kept(name)
	setting = name
	if (gather && name != "") {
		value[name] = value[name]
		if (keeps)
			leaves[name] = 1
		# Whether it leaves is known when all are gathered: here, what of it would.
		keeps = !is_secret(name)
	}
	return keeps
}

function begin_assignment(s,  at, word, name, rest, n) {
	if (!hides && s ~ /^\[[A-Za-z0-9_.-]+\][ \t\r\v\f]*$/) {
		put(s)
		keeps = 0
		return
	}
	at = 1
	while (match(substr(s, at), /[ \t\r\v\f]+/)) {
		word = substr(s, at, RSTART - 1)
		if (!(word in prefix))
			break
		at += RSTART + RLENGTH - 1
	}
	rest = substr(s, at)
	n = match(rest, /^[A-Za-z0-9_.-]+/) ? RLENGTH : 0
	name = substr(rest, 1, n)
	at += n
	if (!begin_value(name)) {
		rest = substr(s, at)
		if (name != "" && !hides && match(rest, /^[ \t\r\v\f]*[=:]/))
			at += RLENGTH
		else
			at = 1
	}
	put(substr(s, 1, at - 1))
	put_value(substr(s, at))
}

function put_option(word,  n, name, waits, assigns, braces) {
	braces = match(word, /^\{+/) ? RLENGTH : 0
	put(substr(word, 1, braces))
	word = substr(word, braces + 1)
	if (word == "")
		return
	n = match(word, /^[A-Za-z0-9_.-]+/) ? RLENGTH : 0
	name = substr(word, 1, n)
	waits = n && n == length(word) && (braces || level)
	assigns = n && substr(word, n + 1, 1) == "="
	expects = 0
	named = waits
	begin_value(waits || assigns ? name : "")
	n = waits ? n : assigns ? n + 1 : 0
	put(substr(word, 1, n))
	put_value(substr(word, n + 1))
}

function put_argument(word,  n) {
	n = match(word, /^[A-Za-z0-9_.-]+=/) ? RLENGTH : substr(word, 1, 1) == "-"
	begin_value("")
	put(substr(word, 1, n))
	put_value(substr(word, n + 1))
}

function put_word(word,  glued, equals, i, c, n) {
	if (column < columns) {
		column++
		put(word)
		return
	}
	glued = 0
	if (!level && !expects) {
		if (word ~ /^-v*[A-Za-z0-9]$/ && (word ~ /[vo]$/ || length(word) == 2)) {
			put(word)
			expects = word ~ /o$/
			return
		}
		expects = word ~ /^-o/
		glued = expects ? 2 : 0
		put(substr(word, 1, glued))
		if (!expects)
			put_argument(word)
	} else if (!expects) {
		equals = named && substr(word, 1, 1) == "="
		named = 0
		put(substr(word, 1, equals))
		put_value(substr(word, 1 + equals))
	}
	if (expects)
		put_option(substr(word, 1 + glued))
	n = length(word)
	for (i = 1; i <= n; i++) {
		c = substr(word, i, 1)
		if (c == "{")
			level++
		else if (c == "}" && level > 0)
			level--
	}
	if (!level)
		expects = named = 0
}

function put_columns(s,  n) {
	while (s != "") {
		if (match(s, /^[ \t\r\v\f]+/)) {
			n = RLENGTH
			put(substr(s, 1, n))
			put_gap()
		} else {
			match(s, /^[^ \t\r\v\f]+/)
			n = RLENGTH
			put_word(substr(s, 1, n))
		}
		s = substr(s, n + 1)
	}
}

function redact(s,  indent, goes_on) {
	number++
	line = ""
	indent = match(s, /^[ \t\r\v\f]+/) ? RLENGTH : 0
	put(substr(s, 1, indent))
	s = substr(s, indent + 1)
	if (s == "")
		return line
	if (substr(s, 1, 1) == "#") {
		put_comment(s)
		return line
	}
	goes_on = goes == "blank" ? open && indent : goes == "backslash" ? backslash : 0
	if (!goes_on) {
		setting = ""
		keeps = syntax == "lines"
		column = level = expects = named = 0
		before = ""
	} else if (goes == "blank")
		put_gap()
	open = 1
	backslash = substr(s, length(s)) == "\\"
	if (syntax == "columns")
		put_columns(s)
	else if (!goes_on && syntax == "assignments")
		begin_assignment(s)
	else
		put_value(s)
	return line
}

# The names that values which leave name, and what those name.
function follow(  todo, n, one, word, i, m, text) {
	n = 0
	for (one in leaves) todo[++n] = one
	while (n > 0) {
		one = todo[n--]
		text = value[one]
		gsub(/[^A-Za-z0-9_]+/, " ", text)
		m = split(text, word, " ")
		for (i = 1; i <= m; i++) {
			if (!(word[i] in value) || (word[i] in leaves) || is_secret(word[i]))
				continue
			leaves[word[i]] = 1
			todo[++n] = word[i]
			print word[i]
		}
	}
}

BEGIN {
	lists()
	total = 0
	held = ""
}

FNR == 1 { begin_row() }

{
	if (gather) {
		redact($0)
		next
	}
	# One line behind: whether the last one ends with a newline is told by the size.
	if (NR > 1)
		print held
	total += length($0) + 1
	held = redact($0)
	if (size >= 0 && total > size + 1)
		exit
}

END {
	if (gather)
		follow()
	else if (NR > 0) {
		if (size >= 0 && total == size + 1)
			printf "%s", held
		else
			print held
	}
}
