"""``python -m ringup.cli.demo``: what ``ringup demo`` becomes."""

import sys

from ringup.cli.demo.running import main

sys.exit(main(sys.argv[1:]))
