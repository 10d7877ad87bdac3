# SPDX-License-Identifier: ISC
# findings.sh: what `mtapin show --json` on the mail host finds; sourced after lab.sh.

# findings [SEVERITY...]: ids of these severities (warning and error when none is named), sorted, on one line.
findings() {
	[ $# -gt 0 ] || set -- warning error
	mx mtapin show --json | python3 -c '
import json, sys
wanted = sys.argv[1:]
print(" ".join(sorted({f["id"] for f in json.load(sys.stdin)["findings"] if f["severity"] in wanted})))' "$@"
}
# findings_new BEFORE [ALLOWED]: ids that are there now and were not there before.
findings_new() {
	local id
	for id in $(findings); do
		case " $1 ${2-} " in *" $id "*) ;; *) printf '%s ' "$id" ;; esac
	done
}
# source PATH FAMILY: what show says of that path: "192.0.2.11", or the word for how.
shown() {
	mx mtapin show --json | python3 -c '
import json, sys
for mta in json.load(sys.stdin)["mtas"]:
    for path in mta["paths"]:
        if path["name"] == sys.argv[1]:
            way = path[sys.argv[2]]
            print(way.get("source") or way["how"])' "$1" "$2"
}
