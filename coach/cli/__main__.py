"""``python -m coach.cli``: the command line without its installed name."""

import sys

from coach.cli import main

sys.exit(main())
