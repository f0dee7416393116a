"""The command ``dechaff``, as the native binary has it."""

import signal
import sys

from . import _dechaff


def main() -> int:
    # Python's handler would wait for bytecode that does not come while the command works.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _dechaff.command(["dechaff", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
