# SPDX-License-Identifier: ISC
# fish completion for mtapin; written from the option table, do not edit
function __mtapin_command
	for word in (commandline -opc)[2..-1]
		switch $word
			case wizard show check fix undo confirm history recover audit collect log explain backends
				echo $word
				return
		end
	end
end
function __mtapin_is
	test "$(__mtapin_command)" = $argv[1]
end
function __mtapin_needs_command
	test -z "$(__mtapin_command)"
end
complete -c mtapin -n __mtapin_needs_command -f
complete -c mtapin -n 'true' -l json -d 'the result as JSON (schema mtapin/1)'
complete -c mtapin -n 'true' -l quiet -s q -d 'no remarks on stderr, and no notes among the findings'
complete -c mtapin -n 'true' -l verbose -s v -d 'show also what is not used, and every reason'
complete -c mtapin -n 'true' -l color -x -a 'auto always never' -d 'colour the text; auto: on a terminal'
complete -c mtapin -n 'true' -l config -r -F -d 'read FILE instead of /etc/mtapin.conf'
complete -c mtapin -n 'true' -l bundle -r -F -d 'read a saved bundle instead of this host'
complete -c mtapin -n 'true' -l root -x -a '(__fish_complete_directories)' -d 'read the tree DIR, which is not running, instead of this host'
complete -c mtapin -n 'true' -l backend-dir -x -a '(__fish_complete_directories)' -d 'load the backends from DIR'
complete -c mtapin -n 'true' -l help -s h -d 'say what can be said'
complete -c mtapin -n 'true' -l version -d 'print the version'
complete -c mtapin -n __mtapin_needs_command -a wizard -d 'Ask a few questions, and fix it'
complete -c mtapin -n '__mtapin_is wizard' -l dnsbl -d 'ask blacklists: these, those of mtapin.conf, or all known'
complete -c mtapin -n __mtapin_needs_command -a show -d 'Show from which address mail leaves, and why'
complete -c mtapin -n '__mtapin_is show' -l to -x -d 'only the path of mail to user@domain'
complete -c mtapin -n '__mtapin_is show' -l from -x -d 'and from this sender; <> is the empty one'
complete -c mtapin -n __mtapin_needs_command -a check -d 'Check whether the address is the right one'
complete -c mtapin -n '__mtapin_is check' -l dnsbl -d 'ask blacklists: these, those of mtapin.conf, or all known'
complete -c mtapin -n '__mtapin_is check' -l nagios -d 'one line and exit code for a monitoring system'
complete -c mtapin -n '__mtapin_is check' -l save-bundle -r -F -d 'keep what was read and answered, redacted, for --bundle'
complete -c mtapin -n __mtapin_needs_command -a fix -d 'Let mail leave from the wanted address'
complete -c mtapin -n '__mtapin_is fix' -l ip -x -d 'send from it; once for IPv4, once for IPv6; auto: what check picks; any'
complete -c mtapin -n '__mtapin_is fix' -l ip4 -x -d 'for IPv4: an address, off, keep or any'
complete -c mtapin -n '__mtapin_is fix' -l ip6 -x -d 'for IPv6: an address, off, keep or any'
complete -c mtapin -n '__mtapin_is fix' -l mta -x -d 'which mail server: NAME or NAME:INSTANCE'
complete -c mtapin -n '__mtapin_is fix' -l path -x -d 'only this client service, even if it has a pin; repeatable; all'
complete -c mtapin -n '__mtapin_is fix' -l method -x -a 'auto inet_interfaces smtp_bind_address service outgoingip bindroutes outgoingips domainips' -d 'which line to edit'
complete -c mtapin -n '__mtapin_is fix' -l helo -x -d 'also set the HELO name'
complete -c mtapin -n '__mtapin_is fix' -l restart -d 'restart the service in any case'
complete -c mtapin -n '__mtapin_is fix' -l no-service -d 'leave the service alone'
complete -c mtapin -n '__mtapin_is fix' -l dry-run -s n -d 'print the diff, change nothing'
complete -c mtapin -n '__mtapin_is fix' -l yes -s y -d 'apply without asking'
complete -c mtapin -n '__mtapin_is fix' -l confirm -x -d 'roll it back after SECONDS (10 to 86400) unless mtapin confirm comes'
complete -c mtapin -n '__mtapin_is fix' -l observe -x -d 'wait so long (0 to 3600) for a connection; a wrong source or log: undone'
complete -c mtapin -n '__mtapin_is fix' -l probe -x -d 'first try it from each new address; no answer: no change'
complete -c mtapin -n '__mtapin_is fix' -l prove -x -d 'let the server connect for user@domain, up to RCPT, and see from where'
complete -c mtapin -n '__mtapin_is fix' -l accept -x -d 'overrule the refusal of this id; repeatable'
complete -c mtapin -n '__mtapin_is fix' -l bare -d 'the one line only, without what keeps local use alive'
complete -c mtapin -n '__mtapin_is fix' -l drop-in -d 'also let systemd try again if an address comes late at a boot'
complete -c mtapin -n __mtapin_needs_command -a undo -d 'Take the last change back, or the one named'
complete -c mtapin -n '__mtapin_is undo' -l no-service -d 'leave the service alone'
complete -c mtapin -n '__mtapin_is undo' -l dry-run -s n -d 'print the diff, change nothing'
complete -c mtapin -n '__mtapin_is undo' -l accept -x -d 'overrule the refusal of this id; repeatable'
complete -c mtapin -n __mtapin_needs_command -a confirm -d 'Keep the change that fix --confirm made'
complete -c mtapin -n __mtapin_needs_command -a history -d 'List the changes made on this host'
complete -c mtapin -n __mtapin_needs_command -a recover -d 'Clear up after a fix that was cut off, or not confirmed in time'
complete -c mtapin -n '__mtapin_is recover' -l no-service -d 'leave the service alone'
complete -c mtapin -n '__mtapin_is recover' -l wait -x -d 'stay until this one is confirmed; roll it back when its time is up'
complete -c mtapin -n '__mtapin_is recover' -l booted -d 'the host was just booted: what is not confirmed is rolled back now'
complete -c mtapin -n __mtapin_needs_command -a audit -d 'Look at many hosts over ssh, and change none'
complete -c mtapin -n '__mtapin_is audit' -l nagios -d 'one line and exit code for a monitoring system'
complete -c mtapin -n '__mtapin_is audit' -l hosts -s w -x -d 'these: web[001-040],user@mail7; repeatable; -: from standard input'
complete -c mtapin -n '__mtapin_is audit' -l hostfile -r -F -d 'the hosts in FILE, a line each, with what is expected; -: standard input'
complete -c mtapin -n '__mtapin_is audit' -l exclude -s x -x -d 'but not these; repeatable'
complete -c mtapin -n '__mtapin_is audit' -l expect -r -F -d 'what is expected of them: HOST [ip=A] [ip6=A|off] [helo=NAME]'
complete -c mtapin -n '__mtapin_is audit' -l fanout -s f -x -d 'so many at once (32)'
complete -c mtapin -n '__mtapin_is audit' -l connect-timeout -s t -x -d 'for the connection (10)'
complete -c mtapin -n '__mtapin_is audit' -l timeout -s u -x -d 'for a host altogether (60)'
complete -c mtapin -n '__mtapin_is audit' -l sudo -d 'become root there by sudo -n, which never asks'
complete -c mtapin -n '__mtapin_is audit' -l ssh-option -x -d 'an option for ssh -o; repeatable'
complete -c mtapin -n '__mtapin_is audit' -l via -x -d 'not by ssh but by COMMAND, {} being the host: '\''docker exec -i {}'\'''
complete -c mtapin -n '__mtapin_is audit' -l bundles -x -a '(__fish_complete_directories)' -d 'ask nobody: examine the bundles in DIR, a file a host'
complete -c mtapin -n '__mtapin_is audit' -l save -x -a '(__fish_complete_directories)' -d 'keep the bundles in DIR; those that are there are not asked again'
complete -c mtapin -n '__mtapin_is audit' -l dns -d 'ask the DNS, from here, whether the addresses are the right ones'
complete -c mtapin -n '__mtapin_is audit' -l jsonl -d 'JSON, a host a line as they finish'
complete -c mtapin -n __mtapin_needs_command -a collect -d 'Print what is read on this host, as a bundle'
complete -c mtapin -n '__mtapin_is collect' -l script -d 'print the collector instead of running it'
complete -c mtapin -n __mtapin_needs_command -a log -d 'Tell from mail logs and bounces why mail does not arrive'
complete -c mtapin -n '__mtapin_is log' -l since -x -d 'only what was logged since then'
complete -c mtapin -n '__mtapin_is log' -l until -x -d 'only what was logged until then'
complete -c mtapin -n '__mtapin_is log' -l around -x -d 'before and after this transaction, over the same time; last: the latest'
complete -c mtapin -n '__mtapin_is log' -l events -d 'a line an event, with file and line, instead of counts'
complete -c mtapin -n '__mtapin_is log' -l journal -d 'also what the journal has of the mail facility'
complete -c mtapin -n __mtapin_needs_command -a explain -d 'Explain the id of a finding'
complete -c mtapin -n __mtapin_needs_command -a backends -d 'List the mail servers that can be read'
