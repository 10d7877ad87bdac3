# SPDX-License-Identifier: ISC
"""A program in a pseudo-terminal, and somebody who types.

Usage: terminal.py ROWS COLUMNS RECORD COMMAND...

Standard input holds a line a step: PATTERN, a tab, TEXT. When the pattern (a Python expression) matches
what was printed since the step before, the text is typed; \\n, \\x03 and the like mean what they mean in
Python. After the last step the end is waited for. RECORD gets all that was printed, byte for byte; the
terminal adds no CR of its own. The exit status is the command's, 128 + N for signal N, 124 when a
pattern or the end did not come in time.
"""
import fcntl, os, pty, re, select, signal, struct, sys, termios, time

WAIT = float(os.environ.get("TERMINAL_WAIT", "30"))
PAUSE = float(os.environ.get("TERMINAL_PAUSE", "0"))  # before something is typed: a shell's editor comes after its prompt


def main():
    rows, columns, record = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    steps = [line.rstrip("\n").split("\t") for line in sys.stdin if line.strip()]
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    modes = termios.tcgetattr(slave)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    child = os.fork()
    if child == 0:
        os.close(master)
        login(slave)
        os.execvp(sys.argv[4], sys.argv[4:])
    os.close(slave)
    said, seen, end = b"", 0, time.monotonic() + WAIT
    with open(record, "wb") as out:
        while time.monotonic() < end:
            while steps:
                match = re.compile(steps[0][0].encode()).search(said, seen)
                if not match:
                    break
                time.sleep(PAUSE)
                os.write(master, steps.pop(0)[1].encode().decode("unicode_escape").encode("latin-1"))
                seen, end = match.end(), time.monotonic() + WAIT
            ready, _, _ = select.select([master], [], [], 0.2)
            if not ready:
                continue
            try:
                piece = os.read(master, 65536)
            except OSError:
                piece = b""
            if not piece:
                status = os.waitpid(child, 0)[1]
                return 124 if steps else os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
            said += piece
            out.write(piece)
            out.flush()
    os.close(master)
    os.kill(child, 9)
    return 124


def login(slave):
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored below whoever runs the tests in the background
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    if slave > 2:
        os.close(slave)


sys.exit(main())
