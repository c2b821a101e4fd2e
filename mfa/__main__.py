"""``python -m mfa`` is the command line."""

import sys

from mfa.cli import main

sys.exit(main())
