/* SPDX-License-Identifier: ISC */
/*
 * maillog.c: a mail log of a small hosting server, made from a seed, for figures. Usage: maillog SEED BYTES. Of a
 * hundred lines some seven are deliveries, as measured on real ones; of these six in a hundred fail.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

static unsigned below(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 33) % n);
}

static const char *const domain[][2] = {
	{"gmail.com", "gmail-smtp-in.l.google.com"},
	{"outlook.com", "outlook-com.olc.protection.outlook.com"},
	{"yahoo.com", "mta5.am0.yahoodns.net"},
	{"gmx.de", "mx00.emig.gmx.net"},
	{"t-online.de", "mx02.t-online.de"},
	{"firma.example", "mail.firma.example"},
};
static const char *const fault[] = {
	"dsn=5.1.1, status=bounced (host %s[198.18.3.4] said: 550 5.1.1 User unknown (in reply to "
	"RCPT TO command))",
	"dsn=4.2.2, status=deferred (host %s[198.18.3.4] said: 452-4.2.2 The recipient's inbox is "
	"out of storage space (in reply to RCPT TO command))",
	"dsn=5.7.25, status=bounced (host %s[198.18.3.4] said: 550-5.7.25 [203.0.113.25] The IP "
	"address sending this message does not have a PTR record setup (in reply to end of DATA "
	"command))",
	"dsn=4.7.0, status=deferred (host %s[198.18.3.4] refused to talk to me: 421 4.7.0 [TSS04] "
	"Messages from 203.0.113.25 temporarily deferred due to unexpected volume or user "
	"complaints)",
	"dsn=5.7.1, status=bounced (host %s[198.18.3.4] said: 554 5.7.1 Service unavailable; "
	"Client host [203.0.113.25] blocked using zen.spamhaus.org (in reply to RCPT TO command))",
};
static const char *const other[] = {
	"postfix/smtpd[4711]: connect from unknown[198.18.7.%u]",
	"postfix/smtpd[4711]: warning: unknown[198.18.7.%u]: SASL LOGIN authentication failed: "
	"UGFzc3dvcmQ6",
	"postfix/smtpd[4711]: disconnect from unknown[198.18.7.%u] ehlo=1 auth=0/1 rset=1 quit=1 "
	"commands=3/4",
	"dovecot[1300]: imap-login: Login: user=<a@example.com>, method=PLAIN, rip=198.18.7.%u, "
	"lip=203.0.113.25, mpid=4711, TLS, session=<abcdefgh>",
	"postfix/qmgr[888]: 4F0C512340: from=<shop@example.com>, size=84%u, nrcpt=1 (queue active)",
	"postfix/cleanup[900]: 4F0C512340: message-id=<20251109.%u@mx1.example.com>",
	"postfix/postscreen[900]: NOQUEUE: reject: RCPT from [198.18.7.%u]:4711: 550 5.7.1 Service "
	"unavailable; client [198.18.7.1] blocked using zen.spamhaus.org; from=<a@b.example>, "
	"to=<a@kunde.example>, proto=ESMTP, helo=<z>",
	"postfix/smtp[901]: Trusted TLS connection established to mx.example[198.18.7.%u]:25: "
	"TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
};

static long delivery(void)
{
	unsigned d = below(6);
	long n = printf("postfix/smtp[%u]: %010X: to=<user%u@%s>, relay=%s[198.18.3.4]:25, "
			"delay=1.%u, delays=0.1/0.02/0.4/0.4, ",
			below(60000), below(1u << 31), below(9999), domain[d][0], domain[d][1],
			below(9));
	if (below(100) < 94)
		return n + printf("dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as %08X)\n",
				  below(1u << 31));
	n += printf(fault[below(5)], domain[d][1]);
	return n + printf("\n");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 64;
	state = strtoull(argv[1], NULL, 10) * 2654435761u + 1;
	long long left = strtoll(argv[2], NULL, 10);
	unsigned second = 0;
	while (left > 0) {
		second += below(8) == 0;
		left -= printf("Nov %2u %02u:%02u:%02u mx1 ", 1 + second / 86400 % 28,
			       second / 3600 % 24, second / 60 % 60, second % 60);
		if (below(100) < 7) {
			left -= delivery();
		} else {
			left -= printf(other[below(8)], below(255));
			left -= printf("\n");
		}
	}
	return 0;
}
