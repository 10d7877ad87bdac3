# SPDX-License-Identifier: ISC
# string.sed: a script becomes a C string, without its comments and indentation. Usage: sed -f string.sed FILE >FILE.inc
/^[[:space:]]*#/d
/^$/d
s/^	*//
s/\\/\\\\/g
s/"/\\"/g
s/	/\\t/g
s/.*/"&\\n"/
