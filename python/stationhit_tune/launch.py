"""Becomes another program that gets a signal when its parent dies.

Called as launch.py SIGNAL PARENT PROGRAM ARGUMENTS... It runs alone (python -I -S), because nothing
else may be done between fork and exec in a process with threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sys.argv[1]))
    if os.getppid() != int(sys.argv[2]):  # it has died already
        sys.exit(1)
    os.execv(sys.argv[3], sys.argv[3:])
