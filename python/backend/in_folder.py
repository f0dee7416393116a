"""What builds the package when pip is given the repository and not the folder `python`: the same, from there."""

import os

from maturin import *  # noqa: F403

os.chdir("python")
