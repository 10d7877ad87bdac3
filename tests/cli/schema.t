#!/bin/sh
# SPDX-License-Identifier: ISC
# The schema is only added to: what is printed is also what the version before it promised. A document that says more
# keeps that promise; one that lacks a key, or has a value of another type, does not, wherever in it.
. "$srcdir/tests/cli/lib.sh"
python3 -c 'import jsonschema' 2>/dev/null || skip_all "needs python3 and its jsonschema"
schema=$srcdir/tests/schema/mtapin-1.json
promised=$(ls "$srcdir"/tests/schema/mtapin-1-*.json)

bundle_begin "$dir/host.bundle"
bundle_file /etc/postfix/main.cf 'myhostname = mail.example.net
smtp_bind_address = 192.0.2.10
'
bundle_file /etc/postfix/master.cf 'smtp inet n - y - - smtpd
smtp unix - - y - - smtp
relay unix - - y - - smtp
'
bundle_probe addr '2: eth0    inet 192.0.2.10/24 scope global eth0
2: eth0    inet 192.0.2.11/24 scope global secondary eth0'
bundle_done
keep() { # NAME ARG...
	name=$1
	shift
	mtapin --json "$@"
	cp "$dir/out" "$dir/$name.json"
	valid "$name"
}
keep show --bundle "$dir/host.bundle" show
keep fix --bundle "$dir/host.bundle" fix --ip 192.0.2.11 --ip6 keep -n
keep explain explain HOST-OWNER
keep backends backends
keep log log "$srcdir/tests/vectors/log/postfix.txt"
keep error fix --ip nonsense

cat >"$dir/bend.py" <<'EOT'
"""bend SCHEMA PROMISED... -- DOCUMENT...: counts of what the validators say of documents with one thing changed."""
import copy
import json
import sys

import jsonschema

split = sys.argv.index("--")
today, *promised = [jsonschema.Draft7Validator(json.load(open(name))) for name in sys.argv[1:split]]


def kept(document):
    return all(one.is_valid(document) for one in promised)


def places(value, path=()):
    yield path, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, path + (key,))


def at(document, path):
    for key in path:
        document = document[key]
    return document


# keys that came after the first promise
ADDED = {"methods", "bindings", "generated", "via", "editable", "accept", "families", "will_wait"}
more = closed = objects = less = other = changed = 0
for name in sys.argv[split + 1:]:
    original = json.load(open(name))
    assert kept(original) and today.is_valid(original), name
    for path, value in places(original):
        bent = copy.deepcopy(original)
        if isinstance(value, dict):
            at(bent, path)["a_key_of_tomorrow"] = 1
            objects += 1
            more += kept(bent)
            closed += not today.is_valid(bent)
        if not path or isinstance(path[-1], int):
            continue
        bent = copy.deepcopy(original)
        at(bent, path[:-1])[path[-1]] = {"of": "another type"}
        if not ADDED & set(path):
            changed += 1
            other += not kept(bent)
        bent = copy.deepcopy(original)
        del at(bent, path[:-1])[path[-1]]
        # what the promise requires today's schema requires too; it may require more
        if today.is_valid(bent) and not kept(bent):
            print(name, path, "is required by the promise only")
            sys.exit(1)
        less += not kept(bent)
print(objects, more, closed, changed, other, less)
EOT
# shellcheck disable=SC2086
ok "documents are bent" python3 "$dir/bend.py" "$schema" $promised -- "$dir"/*.json
read -r objects more closed changed other less <"$dir/ok.log"
echo "# $objects objects, $changed values, $less of them required"
ok "a further key in any object keeps the promise" [ "$objects" -gt 50 -a "$more" = "$objects" ]
ok "... and today's schema, which is closed but for counts, must be told of it" [ "$closed" -gt $((objects / 2)) ]
ok "a value of another type breaks it" [ "$changed" -gt 200 -a "$other" = "$changed" ]
ok "so does a key that is missing" [ "$less" -gt 200 ]
done_testing
